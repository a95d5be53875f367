#!/usr/bin/env python3
"""Makes tests/golden/onnx/operators.zip: models of one operator, or of a few, over the combinations of their attributes and the versions
of ONNX, each with an input and what ONNX Runtime, or PyTorch for the models that it exports, makes of it. Refused models come with
what the error must say.

usage: /usr/bin/python3 generate.py      needs python3-onnx, python3-torch, and ONNX Runtime in ~/.cache/fovea-bench/node_modules
Entries: NAME.onnx, and NAME.npy, what it makes of the image that image() gives for its shape, or NAME.error with a part of the message.
"""
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import numpy as np

from operator_cases import operator_cases, refused_cases
from torch_cases import torch_cases

HERE = pathlib.Path(__file__).parent
ARCHIVE = HERE.parent / "golden/onnx/operators.zip"
MODULES = pathlib.Path(os.environ.get("FOVEA_ORT", pathlib.Path.home() / ".cache/fovea-bench/node_modules"))


def image(shape):
    """The same numbers in golden_test.cc."""
    return ((np.arange(np.prod(shape)) * 7919 + 13) % 4001 / 1000 - 2).reshape(shape).astype(np.float32)


def npy(values):
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(values, dtype=np.float32))
    return buffer.getvalue()


def answers_of_onnxruntime(cases):
    """Name -> output. Some models a process: with hundreds of sessions ONNX Runtime 1.30 crashes."""
    with tempfile.TemporaryDirectory() as name:
        folder, words = pathlib.Path(name), []
        for case, (model, shape) in cases.items():
            (folder / f"{case}.onnx").write_bytes(model)
            np.save(folder / f"{case}.x.npy", image(shape))
            words += [folder / f"{case}.onnx", folder / f"{case}.x.npy", folder / f"{case}.y.npy"]
        for i in range(0, len(words), 3 * 50):
            done = subprocess.run(["node", HERE / "onnxruntime_run.js", *words[i:i + 3 * 50]], env={**os.environ, "NODE_PATH": str(MODULES)},
                                  check=False, capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"ONNX Runtime: {done.stderr} (in {words[i].name} or the 49 after it)")
        return {case: np.load(folder / f"{case}.y.npy") for case in cases}


def main():
    cases = {case.name: (case.model, case.shape) for case in operator_cases()}
    answers = answers_of_onnxruntime(cases)
    entries = {}
    for name, (model, _) in cases.items():
        entries |= {f"{name}.onnx": model, f"{name}.npy": npy(answers[name])}
    for name, model, y in torch_cases(image):
        entries |= {f"{name}.onnx": model, f"{name}.npy": npy(y)}
    for name, model, message in refused_cases():
        entries |= {f"{name}.onnx": model, f"{name}.error": message.encode()}
    ARCHIVE.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(ARCHIVE, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in sorted(entries.items()):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    print(f"{len(entries)} entries, {ARCHIVE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
