#!/usr/bin/env python3
"""The speed run from end to end, on a tiny CIFAR-10 whose class is the brightness of the first rows.

usage: speedrun_test.py FOVEA
"""
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests"))
from tool_test import write_cifar  # noqa: E402


def speedrun(fovea, data, out, *flags):
    return subprocess.run([sys.executable, HERE / "speedrun.py", data, "--fovea", fovea, "--out", out, "--seeds", "3-4", "--",
                           *flags], capture_output=True, text=True, check=False)


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder, out = pathlib.Path(temporary), pathlib.Path(temporary) / "runs"
        write_cifar(folder)
        # 200 images: a batch of 40 for the published 2000, so that rates of the mean loss fit.
        done = speedrun(sys.argv[1], folder, out, "--batch", "40", "--epochs", "3")
        assert done.returncode == 0, done.stderr
        summary = json.loads((out / "speedrun.json").read_text())
        assert [r["seed"] for r in summary["runs"]] == [3, 4]
        assert all(r["seconds"] > 0 and r["accuracy"] == r["correct"] / 40 for r in summary["runs"])
        assert summary["mean_accuracy"] > 0.3, summary  # guessing gives 0.1
        assert "standard error of 2 seeds" in done.stdout
        again = speedrun(sys.argv[1], folder, out, "--batch", "40")
        assert again.returncode != 0 and "holds a run already" in again.stderr, "a seed was run twice"
    print("speed run: good")


if __name__ == "__main__":
    main()
