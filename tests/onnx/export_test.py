#!/usr/bin/env python3
"""What Fovea writes, held to the judgement of others: every built-in network and every layer (layers.jsonl) as an ONNX file, checked by
the checker of python3-onnx and run by ONNX Runtime. Each layer is also read back: the model is then the same, byte for byte. Skips (exit
code 77) what is not installed; a run says what it did.

usage: export_test.py FOVEA [NAME...]     ONNX Runtime is looked for in FOVEA_ORT or ~/.cache/fovea-bench/node_modules
"""
import array
import json
import math
import os
import pathlib
import random
import struct
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


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stderr)


def difference(tool, model, shape, modules):
    """The largest difference between Fovea and ONNX Runtime, by the size of the results."""
    generator = random.Random(model.stem)
    files = [model.with_suffix(f".{name}.npy") for name in ("x", "theirs", "ours")]
    write_npy(files[0], shape, [generator.uniform(-1, 1) for _ in range(math.prod(shape))])
    run("env", f"NODE_PATH={modules}", "node", HERE / "onnxruntime_run.js", model, *files[:2])
    run(tool, "run", model, "--input", files[0], "--output", files[2])
    (their_shape, theirs), (our_shape, ours) = read_npy(files[1]), read_npy(files[2])
    assert our_shape == their_shape, (our_shape, their_shape)
    return max(abs(a - b) for a, b in zip(ours, theirs)) / max(1.0, max(map(abs, theirs)))


def draw_weights(path):
    """Numbers in place of a fresh model's zeros and ones; positive, since some are variances."""
    data = bytearray(path.read_bytes())
    generator, start = random.Random(path.stem), 8 + struct.unpack("<Q", data[:8])[0]
    data[start:] = array.array("f", [generator.uniform(0.25, 1.5) for _ in range((len(data) - start) // 4)]).tobytes()
    path.write_bytes(data)


def check_layer(tool, folder, row, check, modules):
    graph, fresh, model, back = (folder / f"{row['name']}{end}" for end in (".json", ".safetensors", ".onnx", ".back.safetensors"))
    graph.write_text(json.dumps({"input": row["input"], "nodes": row["nodes"]}))
    run(tool, "convert", graph, fresh)
    draw_weights(fresh)
    written = subprocess.run([tool, "convert", fresh, model], capture_output=True, text=True, check=False)
    if "refused" in row:
        assert written.returncode != 0 and row["refused"] in written.stderr, (row["name"], written.stderr)
        return
    assert written.returncode == 0, (row["name"], written.stderr)
    run(tool, "convert", model, back)
    assert back.read_bytes() == fresh.read_bytes(), f"{row['name']} comes back as another"
    if check is not None:
        check(str(model), full_check=True)
    if modules is not None and row.get("run", True):
        found = difference(tool, model, (2, *row["input"]), modules)
        assert found <= TOLERANCE, f"{row['name']}: {found:.1e} from ONNX Runtime"


def check_network(tool, folder, network, check, modules):
    model = folder / f"{network}.onnx"
    run(tool, "convert", network, model)
    if check is not None:
        check(str(model), full_check=True)
    found = difference(tool, model, (2, 3, 32, 32), modules) if modules is not None else 0
    print(network, "checked" if check else "", f"{found:.1e} from ONNX Runtime" if modules else "", flush=True)
    assert found <= TOLERANCE, network


def main():
    tool, names = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    check, modules = checker(), runtime()
    if check is None and modules is None:
        print("neither python3-onnx nor ONNX Runtime is installed")
        return 77
    rows = [json.loads(line) for line in (HERE / "layers.jsonl").read_text().splitlines()]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for row in rows:
            if not names or row["name"] in names:
                check_layer(tool, folder, row, check, modules)
        print(len(rows), "networks of layers", "checked" if check else "", "run by ONNX Runtime" if modules else "", flush=True)
        for network in NETWORKS:
            if not names or network in names:
                check_network(tool, folder, network, check, modules)
    return 0


if __name__ == "__main__":
    sys.exit(main())
