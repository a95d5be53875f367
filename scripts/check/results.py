#!/usr/bin/env python3
"""docs/results/README.md says what the committed runs say, and the README's help names every command of the tool.

usage: results.py REPOSITORY
"""
import json
import pathlib
import re
import sys
import tomllib

ROW = re.compile(r"^\| \[.*?\]\((\S+?)/report\.png\) \| ([\d.]+) % \|.*\| `(fovea train .*)` \|$", re.M)


def problems_of(folder, accuracy, command):
    result = json.loads((folder / "result.json").read_text())
    if f"{100 * result['test_top1']:.2f}" != accuracy:
        yield f"{folder.name}: the table says {accuracy} %, result.json {100 * result['test_top1']:.2f} %"
    config = tomllib.loads((folder / "config.toml").read_text())
    words = command.split()
    for flag, value in zip(words, words[1:]):
        name = flag[2:].replace("-", "_")
        if flag.startswith("--") and not value.startswith("--") and str(config.get(name)) != value:
            yield f"{folder.name}: the command has {flag} {value}, config.toml {config.get(name)}"


def speedrun_problems(text, seeds):
    """The page of the speed run has the accuracy of every seed, their mean and its standard error."""
    accuracies = [100 * run["accuracy"] for run in seeds["runs"]]
    for figure in [f"{100 * seeds['mean_accuracy']:.2f} %", f"{100 * seeds['standard_error']:.2f} %",
                   ", ".join(f"{a:.2f}" for a in accuracies)]:
        if figure not in text:
            yield f"examples/cifar10_speedrun/README.md does not say {figure}, as results.json does"


def main():
    root = pathlib.Path(sys.argv[1])
    results = root / "docs" / "results"
    rows = ROW.findall((results / "README.md").read_text())
    problems = [p for name, accuracy, command in rows for p in problems_of(results / name, accuracy, command)]
    told = {name for name, _, _ in rows}
    problems += [f"{folder.name} is not in the table" for folder in results.iterdir()
                 if (folder / "config.toml").exists() and folder.name not in told]
    name, _, command = rows[0]
    assert list(problems_of(results / name, "0.00", command)), "a wrong figure was not found"
    speedrun = root / "examples" / "cifar10_speedrun"
    seeds = json.loads((speedrun / "results.json").read_text())
    problems += speedrun_problems((speedrun / "README.md").read_text(), seeds)
    assert list(speedrun_problems("", seeds)), "a page without figures was not found"
    readme = (root / "README.md").read_text()
    for source in sorted((root / "src/fovea/cli").glob("command_*.cc")):
        name = source.stem.removeprefix("command_")
        if f"fovea {name}" not in readme:
            problems.append(f"README.md does not show fovea {name}")
    print("\n".join(problems) or "results: good")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
