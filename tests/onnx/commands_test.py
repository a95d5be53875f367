#!/usr/bin/env python3
"""fovea convert, inspect and run on ONNX files and arrays, as a user meets them.

usage: commands_test.py FOVEA
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest
import zipfile

from npy import read_npy, write_npy

FOVEA = pathlib.Path(sys.argv.pop(1)).resolve()
GOLDEN = pathlib.Path(__file__).parents[1] / "golden/onnx/operators.zip"


def fovea(*words):
    return subprocess.run([FOVEA, *map(str, words)], capture_output=True, text=True, check=False)


class CommandsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.model = cls.folder / "net.onnx"
        done = fovea("convert", "glyphnet", cls.model, "--shape", "3x32x32")
        assert done.returncode == 0, done.stderr
        write_npy(cls.folder / "x.npy", (3, 3, 32, 32), [i * 7919 % 997 / 997 for i in range(3 * 3 * 32 * 32)])

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def run_model(self, model, output, *more):
        done = fovea("run", model, "--input", self.folder / "x.npy", "--output", output, *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return output

    def test_there_and_back_is_the_same_model(self):
        back, again = self.folder / "back.safetensors", self.folder / "again.onnx"
        self.assertEqual(fovea("convert", self.model, back).returncode, 0)
        self.assertEqual(fovea("convert", back, again).returncode, 0)
        self.assertEqual(again.read_bytes(), self.model.read_bytes())
        ours, theirs = self.run_model(back, self.folder / "a.npy"), self.run_model(self.model, self.folder / "b.npy", "--batch", 2)
        self.assertEqual(ours.read_bytes(), theirs.read_bytes())
        self.assertEqual(read_npy(ours)[0], (3, 10))

    def test_arrays_in_a_zip_archive(self):
        output = self.run_model(self.model, self.folder / "y.npz")
        with zipfile.ZipFile(output) as archive:
            self.assertEqual(archive.namelist(), ["y.npy"])
            self.assertEqual(archive.read("y.npy"), self.run_model(self.model, self.folder / "y.npy").read_bytes())
        self.assertIn("3x10", fovea("inspect", output).stdout)

    def test_a_model_of_another_hand_is_trained_on(self):
        done = fovea("train", "--data", "glyphs", "--network", self.model, "--max-steps", 2, "--batch", 16, "--out", self.folder / "tuned")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("ONNX, IR version 8", fovea("inspect", self.model).stdout)

    def test_inspect_reads_what_cannot_be_run(self):
        path = self.folder / "refused.onnx"
        with zipfile.ZipFile(GOLDEN) as archive:
            path.write_bytes(archive.read("refused_no_such.onnx"))
        self.assertRegex(fovea("inspect", path).stdout, r"Det +2 +not supported")
        done = fovea("run", path, "--input", self.folder / "x.npy", "--output", self.folder / "no.npy")
        self.assertEqual(done.returncode, 3)
        self.assertIn("Det: 2 nodes, the first is node", done.stderr)

    def test_what_does_not_fit_is_said(self):
        write_npy(self.folder / "small.npy", (1, 3, 8, 8), [0.0] * 192)
        done = fovea("run", self.model, "--input", self.folder / "small.npy", "--output", self.folder / "no.npy")
        self.assertEqual(done.returncode, 3)
        self.assertIn("the array is 1x3x8x8; the network reads 1x3x32x32", done.stderr)
        done = fovea("convert", self.model, self.folder / "net.exe")
        self.assertEqual(done.returncode, 2)
        self.assertIn(".onnx", done.stderr)


if __name__ == "__main__":
    unittest.main()
