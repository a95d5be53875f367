// ONNX Runtime running an ONNX file on random images: asked by the flags of `fovea bench`, answers with one line of JSON.
//   NODE_PATH=CACHE/node_modules node onnxruntime.js NETWORK --onnx FILE --input CxHxW --batch N --threads N --seconds S
"use strict";
const fs = require("fs");
const { parseArgs } = require("util");
const ort = require("onnxruntime-node");
const version = require("onnxruntime-node/package.json").version;

function memoryMib(field) {
  const status = fs.readFileSync("/proc/self/status", "ascii");
  return Number(status.match(new RegExp(`${field}:\\s+(\\d+)`))[1]) / 1024;
}

// Between -1 and 1: what a network reads does not change its speed, unless numbers are denormal.
function randomImages(count) {
  return Float32Array.from({ length: count }, () => 2 * Math.random() - 1);
}

// The median of the runs of so many seconds, at least three, after one that warms up, in milliseconds.
async function measure(seconds, run) {
  await run();
  const times = [];
  for (const end = performance.now() + 1e3 * seconds; performance.now() < end || times.length < 3; ) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { milliseconds: times[times.length >> 1], runs: times.length };
}

async function main() {
  const strings = ["onnx", "input", "batch", "threads", "seconds", "classes", "mode"];
  const options = Object.fromEntries(strings.map((name) => [name, { type: "string" }]));
  const { values } = parseArgs({ options, allowPositionals: true });
  const idle_mib = memoryMib("VmRSS");
  const session = await ort.InferenceSession.create(values.onnx, {
    intraOpNumThreads: Number(values.threads),
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
  });
  const shape = [Number(values.batch), ...values.input.split("x").map(Number)];
  const images = new ort.Tensor("float32", randomImages(shape.reduce((a, b) => a * b)), shape);
  const answer = await measure(Number(values.seconds), () => session.run({ [session.inputNames[0]]: images }));
  console.log(JSON.stringify({ ...answer, idle_mib, peak_mib: memoryMib("VmHWM"), version }));
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
