#!/usr/bin/env python3
"""Makes tests/golden/layers/functions.npz: what PyTorch makes, in double precision, of every function of fovea.functional over the
combinations of its arguments, with the gradients of <dy, y>. python/tests/golden_test.py holds Fovea to it.

usage: /usr/bin/python3 generate.py      needs python3-torch
Members: cases.json, a list of {function, keywords, arrays, gradients, updated, y, dy} with the shapes of the arrays; numbers.npy, their
numbers one after the other in this order. No two inputs of an array are alike and none is a kink, so that no rule for ties decides.
"""
import io
import json
import pathlib
import sys
import zipfile

import numpy as np
import torch

from layer_cases import layer_cases
from loss_cases import loss_cases

ARCHIVE = pathlib.Path(__file__).parent.parent / "golden/layers/functions.npz"


class Writer:
    def __init__(self):
        self.cases, self.numbers = [], []

    def keep(self, array):
        array = np.asarray(array, np.float64)
        self.numbers.append(array.ravel())
        return list(array.shape)

    def add(self, case):
        learnt = [name for name in case.arrays if not case.is_constant(name)]
        leaves = {name: torch.tensor(value, requires_grad=name in learnt) for name, value in case.arrays.items()}
        fixed = {name: torch.tensor(value.copy()) for name, value in case.updated.items()}
        y = case.reference(**leaves, **fixed)
        dy = case.upstream(y.shape)
        gradients = torch.autograd.grad(y, [leaves[n] for n in learnt], torch.tensor(dy), allow_unused=True)
        self.cases.append({
            "function": case.function, "keywords": case.keywords,
            "integers": [name for name in leaves if case.is_integer(name)],
            "arrays": {name: self.keep(value) for name, value in case.arrays.items()},
            "updated": {name: [self.keep(case.updated[name]), self.keep(value)] for name, value in fixed.items()},
            "y": self.keep(y.detach()), "dy": self.keep(dy),
            "gradients": {name: self.keep(g.numpy()) for name, g in zip(learnt, gradients) if g is not None}})

    def save(self):
        numbers = io.BytesIO()
        np.save(numbers, np.concatenate(self.numbers))
        ARCHIVE.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(ARCHIVE, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, data in (("cases.json", json.dumps(self.cases, separators=(",", ":")).encode()), ("numbers.npy", numbers.getvalue())):
                info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, data)


def main():
    torch.set_num_threads(1)
    writer = Writer()
    for case in (*layer_cases(), *loss_cases()):
        try:
            writer.add(case)
        except Exception as error:
            sys.exit(f"{case.function} {case.keywords}: {error}")
    writer.save()
    print(f"{len(writer.cases)} cases of {len({c['function'] for c in writer.cases})} functions, {ARCHIVE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
