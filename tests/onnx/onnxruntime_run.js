// ONNX Runtime on arrays of NumPy: pairs of an ONNX file and its input, each answered by a file of the result.
//   NODE_PATH=CACHE/node_modules node onnxruntime_run.js MODEL IN.npy OUT.npy [MODEL IN.npy OUT.npy ...]
"use strict";
const fs = require("fs");
const ort = require("onnxruntime-node");

function readNpy(path) {
  const bytes = fs.readFileSync(path);
  const start = 10 + bytes.readUInt16LE(8);
  const shape = bytes.subarray(10, start).toString().match(/'shape': \(([^)]*)\)/)[1];
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length));
  return new ort.Tensor("float32", values, shape.split(",").filter((s) => s.trim()).map(Number));
}

function writeNpy(path, tensor) {
  let header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${tensor.dims.join(", ")},), }`;
  header = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11) + "\n";
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  const values = Buffer.from(tensor.data.buffer, tensor.data.byteOffset, 4 * tensor.data.length);
  fs.writeFileSync(path, Buffer.concat([Buffer.from("\x93NUMPY\x01\x00", "latin1"), length, Buffer.from(header), values]));
}

async function main() {
  const words = process.argv.slice(2);
  for (let i = 0; i + 2 < words.length; i += 3) {
    const session = await ort.InferenceSession.create(words[i], { graphOptimizationLevel: "basic", logSeverityLevel: 3 });
    const result = await session.run({ [session.inputNames[0]]: readNpy(words[i + 1]) });
    writeNpy(words[i + 2], result[session.outputNames[0]]);
    await session.release();
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
