#!/usr/bin/env python3
"""Training steps of Fovea beside PyTorch on the same processors: the sides take turns, medians are compared.

usage: training_steps.py FOVEA [--rounds 3] [--seconds 6] [--threads 2] [--networks resnet18,...]

Needs python3-torch (Debian: 1.13.1) for the interpreter given by --python (default /usr/bin/python3). PyTorch runs in both of
its layouts, with ATEN_CPU_CAPABILITY=avx512 where the processor has it; the better one counts.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess

CASES = {  # network: input, batch, classes
    "resnet18": ("3x32x32", 128, 10),
    "vgg16_bn": ("3x32x32", 128, 10),
    "resnet50": ("3x224x224", 16, 1000),
    "mobilenet_v2": ("3x224x224", 16, 1000),
}
WORKER = pathlib.Path(__file__).with_name("pytorch_step.py")


def fovea(options, network):
    shape, batch, classes = CASES[network]
    done = subprocess.run([options.fovea, "bench", network, "--input", shape, "--batch", str(batch), "--classes", str(classes),
                           "--seconds", str(options.seconds), "--threads", str(options.threads), "--json"],
                          check=True, capture_output=True, text=True)
    return json.loads(done.stdout)["images_per_second"]


def pytorch(options, network, layout):
    shape, batch, classes = CASES[network]
    env = {**os.environ, "OMP_NUM_THREADS": str(options.threads)}
    if "avx512f" in pathlib.Path("/proc/cpuinfo").read_text():
        env["ATEN_CPU_CAPABILITY"] = "avx512"
    done = subprocess.run([options.python, WORKER, network, shape, str(batch), str(classes), layout, str(options.seconds),
                           str(options.threads)], check=True, capture_output=True, text=True, env=env)
    return float(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fovea")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--networks", default=",".join(CASES))
    parser.add_argument("--python", default="/usr/bin/python3")
    options = parser.parse_args()
    print("| training step, f32 | Fovea | PyTorch NCHW | PyTorch channels_last | Fovea / best |\n|---|---|---|---|---|")
    for network in options.networks.split(","):
        ours, plain, last = [], [], []
        for _ in range(options.rounds):
            ours.append(fovea(options, network))
            plain.append(pytorch(options, network, "nchw"))
            last.append(pytorch(options, network, "channels_last"))
        a, b, c = (statistics.median(x) for x in (ours, plain, last))
        shape, batch, _ = CASES[network]
        print(f"| {network}, {shape}, batch {batch} | {a:.1f} | {b:.1f} | {c:.1f} | {a / max(b, c):.2f} |", flush=True)


if __name__ == "__main__":
    main()
