#!/usr/bin/env python3
"""The tool and the files that it reads and writes: what they hold, what is refused, darknet's own.

usage: tool_formats_test.py FOVEA
"""
import json
import math
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile

from tool_test import write_png

FOVEA = pathlib.Path(sys.argv.pop(1)).resolve() if __name__ == "__main__" else None

CFG = """[net]
height=8
width=8
channels=3
[convolutional]
filters=2
size=1
activation=relu
[convolutional]
filters=2
size=1
activation=linear
[avgpool]
"""


def fovea(*words):
    return subprocess.run([FOVEA, *map(str, words)], capture_output=True, text=True, check=False)


def write_weights(path, *values):
    path.write_bytes(struct.pack("<iiiQ", 0, 2, 0, 0) + struct.pack(f"<{len(values)}f", *values))


class FormatsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """A model that has all that a model can have: preprocessing, names of classes, answers."""
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.weights, cls.model = cls.folder / "base.weights", cls.folder / "base.safetensors"
        (cls.folder / "base.cfg").write_text(CFG)
        (cls.folder / "base.names").write_text("cat\nchâteau\n", encoding="utf8")
        write_weights(cls.weights, *[0.25 * i for i in range(14)])
        done = fovea("convert", cls.weights, cls.model, "--mean", 0.5)
        assert done.returncode == 0, done.stderr

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_names_and_preprocessing_come_along_and_are_shown(self):
        again = self.folder / "again.onnx"
        self.assertEqual(fovea("convert", self.model, again).returncode, 0)
        photo = self.folder / "photo.png"
        write_png(photo, 8, 8, 200)
        said = {fovea("predict", model, photo, "--top", 2).stdout for model in (self.model, again)}
        self.assertEqual(len(said), 1)
        self.assertIn("château", said.pop())
        shown = fovea("inspect", self.model).stdout
        for text in ("input       1x3x8x8", "mean        0.5, 0.5, 0.5", '["cat","château"]'):
            self.assertIn(text, shown)

    def test_files_that_hold_nothing_are_said_to(self):
        empty, loop = self.folder / "empty.npz", self.folder / "loop"
        with zipfile.ZipFile(empty, "w"):
            pass
        self.assertIn("no arrays", fovea("inspect", empty).stdout)
        loop.symlink_to(loop)
        for words in (("verify", loop), ("predict", self.model, loop)):
            done = fovea(*words)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("cannot read", done.stderr)
            self.assertNotIn("filesystem error", done.stderr)

    def test_what_is_lost_is_an_error_or_said(self):
        with open("/dev/full", "w", encoding="utf8") as full:
            done = subprocess.run([FOVEA, "inspect", self.model], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 4)
        self.assertIn("cannot write the output", done.stderr)
        done = fovea("convert", self.model, self.folder / "lost.npz")
        self.assertEqual(done.returncode, 0, done.stderr)
        for word in ("the network", "preprocessing", "names of classes", "answers for fovea verify"):
            self.assertIn(word, done.stdout)
        done = fovea("convert", "lenet5", self.folder / "fresh.onnx")
        self.assertIn("lenet5 has no weights", done.stdout)

    def test_flags_and_endings_that_mean_nothing_are_refused(self):
        best, made, array = self.model, self.folder / "made.onnx", self.folder / "array.npy"
        before = best.read_bytes()
        names = self.folder / "twice.txt"
        names.write_text("layer0.conv = layer1.conv\n")
        cases = [
            (2, "--classes does nothing", ["convert", best, made, "--classes", 5]),
            (2, "--names does nothing", ["verify", best, "--names", "torch"]),
            (2, "--epsilon does nothing", ["verify", best, "--epsilon", "outside"]),
            (2, "--names is for files of weights alone", ["convert", best, made, "--names", "torch"]),
            (2, "nan is not a number", ["convert", best, made, "--mean", "nan"]),
            (2, ".npy or .npz", ["run", best, "--input", array, "--output", best]),
            (2, ".npz, for weights alone", ["convert", best, self.folder / "made.pt"]),
            (2, "--network NAME", ["verify", self.folder / "weights.npz"]),
            (3, "are both called", ["convert", best, self.folder / "made.safetensors", "--names", names]),
        ]
        for code, text, words in cases:
            done = fovea(*words)
            self.assertEqual(done.returncode, code, f"{words}: {done.stderr}")
            self.assertIn(text, done.stderr, words)
        self.assertEqual(best.read_bytes(), before)
        self.assertFalse(made.exists())
        self.assertNotIn("did you mean", fovea("verify", best, "words").stderr)
        self.assertEqual(fovea("convert", "lenet5", made, "--shape", "1x28x28", "--classes", 5).returncode, 0)
        self.assertIn("Nx5", fovea("inspect", made).stdout)

    def test_numbers_that_are_not_finite_are_told(self):
        cfg, model, photo = (self.folder / name for name in ("nan.cfg", "nan.weights", "nan.png"))
        cfg.write_text("[net]\nheight=8\nwidth=8\nchannels=3\n[convolutional]\nfilters=2\nsize=1\nactivation=linear\n[avgpool]\n")
        write_weights(model, math.nan, *[0.5] * 7)
        write_png(photo, 8, 8, 200)
        done = fovea("predict", model, photo, "--json")
        self.assertEqual(done.returncode, 3)
        self.assertIn("not finite", json.loads(done.stdout)["error"])
        done = fovea("convert", model, self.folder / "nan.safetensors")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("no answers for fovea verify", done.stdout)
        spoilt = self.folder / "spoilt.safetensors"
        spoilt.write_bytes(self.model.read_bytes()[:-4] + struct.pack("<f", math.nan))
        done = fovea("verify", spoilt)
        self.assertEqual(done.returncode, 1)
        self.assertIn("not finite", done.stdout)

    def test_darknets_weights_with_another_cfg_and_epsilon(self):
        cfg, weights, x, y = (self.folder / name for name in ("norm.cfg", "norm_final.weights", "norm_x.npy", "norm_y.npy"))
        cfg.write_text("[net]\nheight=1\nwidth=1\nchannels=1\n[convolutional]\nbatch_normalize=1\nsize=1\nactivation=linear\n")
        write_weights(weights, 0, 1, 0, 1e-6, 1)
        header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1), }\n"
        x.write_bytes(b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + struct.pack("<f", 1))
        for epsilon, root in (("inside", math.sqrt(1e-6 + 1e-5)), ("outside", math.sqrt(1e-6) + 1e-6)):
            done = fovea("run", weights, "--network", cfg, "--epsilon", epsilon, "--input", x, "--output", y)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertAlmostEqual(struct.unpack("<f", y.read_bytes()[-4:])[0] * root, 1, places=5)
        done = fovea("run", weights, "--input", x, "--output", y)
        self.assertEqual(done.returncode, 4)
        for word in ("norm_final.cfg", "--network"):
            self.assertIn(word, done.stderr)

    def test_a_region_head_is_for_fovea_run(self):
        cfg, weights, photo = (self.folder / name for name in ("region.cfg", "region.weights", "region.png"))
        cfg.write_text("[net]\nheight=8\nwidth=8\nchannels=3\n[convolutional]\nfilters=6\nsize=1\nactivation=linear\n"
                       "[region]\nclasses=1\nanchors=1,1\n")
        self.assertEqual(fovea("convert", cfg, weights).returncode, 0)
        write_png(photo, 8, 8, 200)
        done = fovea("predict", weights, photo)
        self.assertEqual(done.returncode, 2)
        for word in ("region.weights", "[region]", "fovea run"):
            self.assertIn(word, done.stderr)


if __name__ == "__main__":
    unittest.main()
