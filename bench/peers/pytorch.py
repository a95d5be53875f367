#!/usr/bin/env python3
"""A training step or an inference of PyTorch on random images, by the flags of `fovea bench`; prints one line of JSON.

--layout is nchw, channels_last, or frozen (for inference: traced, frozen and optimised for it in NCHW); --precision bf16 is
by autocast; --export FILE writes the network as ONNX, for this batch alone, instead of measuring it.
"""
import argparse
import contextlib
import json
import re
import time

import torch
import torch.nn.functional as F

import pytorch_networks
import pytorch_zoo


def memory_mib(field):
    with open("/proc/self/status", encoding="ascii") as status:
        return int(re.search(rf"{field}:\s+(\d+)", status.read()).group(1)) / 1024


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network")
    parser.add_argument("--input", default="3x32x32")
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--mode", choices=["train", "infer"], default="train")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--layout", choices=["nchw", "channels_last", "frozen"], default="nchw")
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32")
    parser.add_argument("--export")
    return parser.parse_args()


def training(network, x, classes, precision):
    y = torch.randint(0, classes, (x.shape[0],))
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-6, momentum=0.9, nesterov=True, weight_decay=5e-4)

    def step():
        optimizer.zero_grad(set_to_none=True)
        with precision():
            loss = F.cross_entropy(network(x), y)
        loss.backward()
        optimizer.step()

    return step


def inference(network, x, frozen, precision):
    network.eval()
    with torch.no_grad(), precision():
        if frozen:
            network = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(network, x)))

    def run():
        with torch.inference_mode(), precision():
            network(x)

    return run


def export(network, x, path, opset):
    """As OpenCV 4.6 can read it, with opset 10: no two biases alike (those would be stored once, behind Identity), Clip with attributes."""
    with torch.no_grad():
        for value in [*network.parameters(), *network.buffers()]:
            if value.dim() == 1:
                value.uniform_(0.5, 1.5)
    torch.onnx.export(network, x, path, opset_version=opset)


def measure(seconds, run, warm_up):
    """The median of the runs of so many seconds, at least three, in milliseconds."""
    for _ in range(warm_up):
        run()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return {"milliseconds": 1e3 * sorted(times)[len(times) // 2], "runs": len(times)}


def main():
    options = parse()
    idle = memory_mib("VmRSS")
    torch.set_num_threads(options.threads)
    shape = [int(n) for n in options.input.split("x")]
    foreign = pytorch_zoo.NETWORKS.get(options.network)
    network = foreign(options.classes) if foreign else pytorch_networks.build(options.network, shape[1], options.classes)
    x = torch.randn(options.batch, *shape)
    if options.export:
        export(network.eval(), x, options.export, 13 if foreign else 10)
        return
    if options.layout == "channels_last":
        network, x = network.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    bf16 = options.precision == "bf16"
    precision = (lambda: torch.autocast("cpu", dtype=torch.bfloat16)) if bf16 else contextlib.nullcontext
    frozen = options.layout == "frozen"
    if options.mode == "train":
        run = training(network.train(), x, options.classes, precision)
    else:
        run = inference(network, x, frozen, precision)
    answer = measure(options.seconds, run, 3 if frozen else 1)  # a traced network is compiled in its first runs
    print(json.dumps({**answer, "idle_mib": idle, "peak_mib": memory_mib("VmHWM"), "version": torch.__version__}))


if __name__ == "__main__":
    main()
