#!/usr/bin/env python3
"""What Fovea writes, held to the judgement of others: every built-in network as an ONNX file, checked by the checker of python3-onnx
and run by ONNX Runtime. Skips (exit code 77) what is not installed; a run says what it did.

usage: export_test.py FOVEA [NETWORK...]     ONNX Runtime is looked for in FOVEA_ORT or ~/.cache/fovea-bench/node_modules
"""
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from npy import read_npy, write_npy

HERE = pathlib.Path(__file__).parent
NETWORKS = ("threelayer", "lenet5", "glyphnet", "vgg16", "vgg16_bn", "resnet20", "resnet32", "resnet44", "resnet56", "resnet110",
            "resnet18", "resnet34", "resnet50", "mobilenet_v2",
            "darknet19", "squeezenet1_1", "densenet121", "shufflenet_v2", "airbench94")
# Two orders of the same sums in single precision; results are of the size of 1.
TOLERANCE = 1e-5


def checker():
    try:
        import onnx.checker  # pylint: disable=import-outside-toplevel
        return onnx.checker.check_model
    except ImportError:
        return None


def runtime():
    folder = pathlib.Path(os.environ.get("FOVEA_ORT", pathlib.Path.home() / ".cache/fovea-bench/node_modules"))
    return folder if (folder / "onnxruntime-node").exists() else None


def compare(tool, folder, network, modules):
    """The largest difference between Fovea and ONNX Runtime, by the size of the results."""
    generator = random.Random(network)
    write_npy(folder / "x.npy", (2, 3, 32, 32), [generator.uniform(-1, 1) for _ in range(2 * 3 * 32 * 32)])
    files = [folder / name for name in (f"{network}.onnx", "x.npy", "theirs.npy")]
    subprocess.run(["node", HERE / "onnxruntime_run.js", *files], check=True, env={**os.environ, "NODE_PATH": str(modules)})
    subprocess.run([tool, "run", files[0], "--input", files[1], "--output", folder / "ours.npy"], check=True)
    (shape, ours), (their_shape, theirs) = read_npy(folder / "ours.npy"), read_npy(files[2])
    assert shape == their_shape == (2, 10), (shape, their_shape)
    return max(abs(a - b) for a, b in zip(ours, theirs)) / max(1.0, max(map(abs, theirs)))


def main():
    tool, networks = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:] or NETWORKS
    check, modules = checker(), runtime()
    if check is None and modules is None:
        print("neither python3-onnx nor ONNX Runtime is installed")
        return 77
    with tempfile.TemporaryDirectory() as name:
        for network in networks:
            path = pathlib.Path(name) / f"{network}.onnx"
            subprocess.run([tool, "convert", network, path], check=True, capture_output=True)
            if check is not None:
                check(str(path), full_check=True)
            difference = compare(tool, pathlib.Path(name), network, modules) if modules is not None else None
            print(network, "checked" if check else "", "" if difference is None else f"{difference:.1e} from ONNX Runtime", flush=True)
            if difference is not None and not difference <= TOLERANCE:
                return 1
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
