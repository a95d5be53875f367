#!/usr/bin/env python3
"""docs/results/benchmarks.md and .svg are what bench/peers makes of the committed raw figures, where there are any.

usage: benchmarks.py REPOSITORY
"""
import json
import pathlib
import sys


def problems_of(raw, written, make):
    """`written` and `make`: {file name: text} and {file name: function of the raw figures}."""
    for name, made in make.items():
        if raw is None and name in written:
            yield f"docs/results/{name} is there without benchmarks.json, from which bench/peers/run.py makes it"
        elif raw is not None and written.get(name) != made(raw):
            yield f"docs/results/{name} is not what bench/peers makes of benchmarks.json"


def main():
    root = pathlib.Path(sys.argv[1])
    sys.path.insert(0, str(root / "bench" / "peers"))
    import page
    import plot
    make = {"benchmarks.md": page.page, "benchmarks.svg": plot.plot}
    assert len(list(problems_of({}, {}, make))) == 2 and list(problems_of(None, {"benchmarks.md": ""}, make))
    folder = root / "docs" / "results"
    source = folder / "benchmarks.json"
    raw = json.loads(source.read_text()) if source.exists() else None
    written = {name: (folder / name).read_text() for name in make if (folder / name).exists()}
    problems = list(problems_of(raw, written, make))
    print("\n".join(problems) or "benchmarks: good" + ("" if raw else ", none committed"))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
