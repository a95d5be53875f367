#!/usr/bin/env python3
"""Kills a training run at random moments and resumes it: the final bytes are those of an undisturbed run.

usage: kill_test.py FOVEA KILLS
"""
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from tool_test import write_cifar


def main():
    fovea, kills = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        write_cifar(folder)
        train = [fovea, "train", "--data", f"cifar10:{folder}", "--network", "resnet20", "--epochs", "6", "--batch", "16",
                 "--save-every", "2", "--out"]
        start = time.time()
        subprocess.run([*train, folder / "whole"], check=True, stdout=subprocess.DEVNULL)
        length = time.time() - start
        want = (folder / "whole" / "last.safetensors").read_bytes()
        generator = random.Random(7)
        done = 0
        for number in range(10 * kills):
            out = folder / f"killed{number}"
            process = subprocess.Popen([*train, out], stdout=subprocess.DEVNULL)
            time.sleep(generator.uniform(0.02, 0.9) * length)
            process.kill()
            process.wait()
            if not (out / "config.toml").exists():
                continue  # killed before the run began: nothing to resume
            subprocess.run([fovea, "train", "--resume", out], check=True, stdout=subprocess.DEVNULL)
            assert (out / "last.safetensors").read_bytes() == want, f"kill {number} changed the result"
            done += 1
            if done == kills:
                break
        print(f"{done} kills, the same bytes every time")
        assert done == kills


if __name__ == "__main__":
    main()
