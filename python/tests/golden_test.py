"""Every function and its gradient beside PyTorch 1.13 in double precision, by the numbers that tests/layers/generate.py has kept."""

import io
import json
import os
import pathlib
import unittest
from unittest import mock
import zipfile

import numpy as np

import fovea
from fovea import functional as F
from support import as_tuple

ARCHIVE = pathlib.Path(os.environ["FOVEA_SOURCE_DIR"]) / "tests/golden/layers/functions.npz"

# Both round each operation to 1e-16, sums of some hundred terms; a batch norm of six values magnifies that tenfold.
DOUBLE = 1e-12
# Sums of some hundred products in float32; Winograd's convolutions 6e-6 of their size (docs/conventions.md).
SINGLE = 2e-5
# Hyper-parameters that change no number of a function.
WITHOUT_EFFECT = {("conv2d", "init"), ("conv_transpose2d", "init"), ("linear", "init"), ("prelu", "init"), ("dropout", "rate")}


def read_cases():
    with zipfile.ZipFile(ARCHIVE) as archive:
        cases = json.loads(archive.read("cases.json"))
        numbers = np.load(io.BytesIO(archive.read("numbers.npy")))
    at = 0

    def take(shape):
        nonlocal at
        at += int(np.prod(shape))
        return numbers[at - int(np.prod(shape)):at].reshape(shape)

    for case in cases:
        case["arrays"] = {name: take(shape) for name, shape in case["arrays"].items()}
        case["updated"] = {name: [take(shape) for shape in shapes] for name, shapes in case["updated"].items()}
        case["y"], case["dy"] = take(case["y"]), take(case["dy"])
        case["gradients"] = {name: take(shape) for name, shape in case["gradients"].items()}
    assert at == numbers.size
    return cases


CASES = read_cases()


def arguments(case, dtype):
    """x[0], x[1], ... are one list."""
    given = {}
    for name, array in case["arrays"].items():
        array = array.astype(np.int64 if name in case["integers"] else dtype)
        if name.startswith("x["):
            given.setdefault("x", []).append(array)
        else:
            given[name] = array
    updated = {name: before.astype(dtype) for name, (before, _) in case["updated"].items()}
    return {**given, **updated}, updated


class Goldens(unittest.TestCase):
    def close(self, got, want, tolerance, what):
        got = np.asarray(got, np.float64)
        self.assertEqual(got.shape, want.shape, what)
        self.assertLessEqual(np.abs(got - want).max(), tolerance * max(1, np.abs(want).max()), what)

    def check(self, case, dtype, tolerance):
        function = getattr(F, case["function"])
        given, updated = arguments(case, dtype)
        self.close(function(**given, **case["keywords"]), case["y"], tolerance, "y")
        for name, (_, after) in case["updated"].items():
            self.close(updated[name], after, tolerance, name)

        given, _ = arguments(case, dtype)
        dy = case["dy"].astype(dtype) if case["dy"].ndim else float(case["dy"])
        gradients = as_tuple(function.backward(dy, **given, **case["keywords"]))
        wanted = case["gradients"]
        got = [g for g in gradients if g is not None]
        self.assertEqual(len(got), len(wanted))
        for gradient, (name, want) in zip(got, wanted.items()):
            self.assertEqual(gradient.dtype, dtype)
            self.close(gradient, want, tolerance, f"d{name}")

    def check_all(self, dtype, tolerance):
        for number, case in enumerate(CASES):
            with self.subTest(number=number, function=case["function"], **case["keywords"]):
                self.check(case, dtype, tolerance)

    def test_the_references(self):
        self.check_all(np.float64, DOUBLE)

    def test_the_engine(self):
        self.check_all(np.float32, SINGLE)

    def test_every_layer_and_loss_has_cases_with_all_its_hyper_parameters(self):
        used, losses = {}, set()
        apply, run_loss = fovea._fovea.apply, fovea._fovea.run_loss

        def note_layer(type, hyper, *others):
            used.setdefault(type, set()).update(
                name for name, value in hyper.items() if not same(value, fovea._fovea.describe_layer(type)["hyper"][name]))
            return apply(type, hyper, *others)

        def note_loss(type, *others):
            losses.add(type)
            return run_loss(type, *others)

        def same(value, default):
            return all(each == value for each in default) if np.ndim(value) < np.ndim(default) else np.array_equal(value, default)

        with mock.patch.object(fovea._fovea, "apply", note_layer), mock.patch.object(fovea._fovea, "run_loss", note_loss):
            for case in CASES:
                getattr(F, case["function"])(**arguments(case, np.float64)[0], **case["keywords"])
        self.assertEqual(losses, set(fovea._fovea.loss_types()))
        for type in fovea.layer_types():
            self.assertIn(type, used)
            every = {name for name in fovea._fovea.describe_layer(type)["hyper"] if (type, name) not in WITHOUT_EFFECT}
            self.assertEqual(every - used[type], set(), f"{type}: no case departs from the default of these")


if __name__ == "__main__":
    unittest.main()
