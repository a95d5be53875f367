#!/usr/bin/env python3
"""Trains a recipe from several seeds and says how well and how fast: the mean test accuracy with its standard error, and
the seconds of each run from the start of the process until it has ended, its test accuracy written.

usage: speedrun.py DATA [--seeds 1-5] [--out runs/speedrun] [--recipe FILE] [--fovea PROGRAM] [-- FLAGS OF fovea train]

DATA is the folder of CIFAR-10's .bin files. Every seed gets a folder of its own, OUT/seed-N, and is trained and tested
once: a folder that holds a run is refused. OUT/speedrun.json has the numbers.
"""
import argparse
import json
import math
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent


def seeds_of(text):
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def run(words, out):
    start = time.monotonic()
    if subprocess.run([*words, "--out", str(out)], check=False).returncode != 0:
        sys.exit(f"{out}: the run failed")
    seconds = time.monotonic() - start
    result = json.loads((out / "result.json").read_text())
    return {"correct": result["test_correct"], "accuracy": result["test_top1"], "seconds": round(seconds, 2)}


def summary_of(runs):
    accuracies = [r["accuracy"] for r in runs]
    error = statistics.stdev(accuracies) / math.sqrt(len(runs)) if len(runs) > 1 else None
    return {"runs": runs, "mean_accuracy": statistics.mean(accuracies), "standard_error": error,
            "slowest_seconds": max(r["seconds"] for r in runs)}


def main():
    at = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    parser = argparse.ArgumentParser(usage=argparse.SUPPRESS, description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--seeds", type=seeds_of, default=seeds_of("1-5"))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/speedrun"))
    parser.add_argument("--recipe", default=HERE / "airbench94.toml")
    parser.add_argument("--fovea", default=HERE.parents[1] / "build" / "release" / "fovea")
    options = parser.parse_args(sys.argv[1:at])
    runs = []
    for seed in options.seeds:
        words = [str(options.fovea), "train", "--config", str(options.recipe), "--data", f"cifar10:{options.data}",
                 "--seed", str(seed), *sys.argv[at + 1:]]
        runs.append({"seed": seed, **run(words, options.out / f"seed-{seed}")})
        summary = summary_of(runs)
        (options.out / "speedrun.json").write_text(json.dumps(summary, indent=2) + "\n")
    for r in runs:
        print(f"seed {r['seed']}: {100 * r['accuracy']:.2f} % in {r['seconds']:.1f} s")
    error = summary["standard_error"]
    spread = "" if error is None else f" +- {100 * error:.3f} (standard error of {len(runs)} seeds)"
    print(f"mean {100 * summary['mean_accuracy']:.3f} %{spread}, slowest {summary['slowest_seconds']:.1f} s")


if __name__ == "__main__":
    main()
