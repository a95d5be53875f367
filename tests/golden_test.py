#!/usr/bin/env python3
"""The bits of short runs: every instruction set of this machine and any number of threads give the hashes in bits.txt.

usage: golden_test.py FOVEA short|long [--write]

A change of bits.txt changes what users' runs give: it needs an entry in CHANGELOG.md.
"""
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from tool_test import write_cifar

BITS = pathlib.Path(__file__).parent / "golden" / "bits.txt"
# Network, steps, batch; batches of 80 images are of several micro-shards. The emulated baseline set is slow: it does the short
# runs alone.
SHORT = [("threelayer", 5, 16), ("lenet5", 10, 16), ("lenet5", 2, 80), ("glyphnet", 3, 16), ("resnet20", 5, 16),
         ("mobilenet_v2", 1, 16), ("glyphnet by muon", 2, 16), ("glyphnet in bf16", 2, 40)]
LONG = [("resnet20", 50, 16), ("resnet20", 3, 80), ("vgg16_bn", 2, 16), ("resnet18", 2, 16), ("resnet18", 1, 80), ("resnet50", 2, 16),
        ("mobilenet_v2", 5, 16), ("airbench94 by muon", 2, 16), ("resnet18 in bf16", 2, 40)]
# More flags, as the name of a row has them behind the network.
MORE = {
    "": [],
    "by muon": ["--optimizer", "muon", "--lr", "0.1", "--flip", "alternate", "--crop-padding", "reflect",
                "--groups", "*.bias optimizer=adam"],
    "in bf16": ["--precision", "bf16"],
}


def sets_of(fovea):
    return json.loads(subprocess.run([fovea, "doctor", "--json"], check=True, capture_output=True).stdout)["available"]


def run(fovea, folder, network, steps, batch, isa, threads):
    out = folder / f"{network}-{steps}-{batch}-{isa}-{threads}"
    network, _, more = network.partition(" ")
    subprocess.run([fovea, "train", "--data", f"cifar10:{folder}", "--network", network, "--epochs", "8", "--batch", str(batch),
                    "--crop", "2", "--flip", "--label-smoothing", "0.1", "--max-steps", str(steps), "--threads", str(threads),
                    "--out", out, *MORE[more]], check=True, stdout=subprocess.DEVNULL, env={**os.environ, "FOVEA_ISA": isa})
    data = (out / "last.safetensors").read_bytes()
    tensors = data[8 + int.from_bytes(data[:8], "little"):]  # behind the header: weights, running statistics, velocities
    return hashlib.sha256(tensors).hexdigest()


def main():
    fovea, length = sys.argv[1:3]
    golden = dict(reversed(line.split("  ")) for line in BITS.read_text().splitlines()) if BITS.exists() else {}
    wrong = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        write_cifar(folder)
        for network, steps, batch in SHORT if length == "short" else LONG:
            name = f"{network}, {steps} steps of {batch}"
            if "--write" in sys.argv:
                golden.pop(name, None)
            for i, isa in enumerate(sets_of(fovea)):
                if length == "long" and isa == "baseline":
                    continue
                for threads in [1 + i] if length == "short" else [1, 2, 3, 7]:
                    bits = run(fovea, folder, network, steps, batch, isa, threads)
                    if "--write" in sys.argv:
                        golden.setdefault(name, bits)
                    if golden.get(name) != bits:
                        wrong.append(f"{name}, {isa}, {threads} threads: {bits}, golden {golden.get(name)}")
    if "--write" in sys.argv:
        BITS.write_text("".join(f"{bits}  {name}\n" for name, bits in sorted(golden.items())))
    print("\n".join(wrong) or "every hash is the golden one")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
