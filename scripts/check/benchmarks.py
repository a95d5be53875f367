#!/usr/bin/env python3
"""Each benchmarks.md and .svg in docs/results is what bench/peers makes of the raw figures beside it.

usage: benchmarks.py REPOSITORY
"""
import json
import pathlib
import sys


def problems_of(folder, raw, written, make):
    """`written` and `make`: {file name: text} and {file name: function of the raw figures}."""
    for name, made in make.items():
        if raw is None and name in written:
            yield f"{folder}/{name} is there without benchmarks.json, from which bench/peers/run.py makes it"
        elif raw is not None and written.get(name) != made(raw):
            yield f"{folder}/{name} is not what bench/peers makes of benchmarks.json"


def folders(results):
    """Those with a file of a benchmark."""
    return sorted({path.parent for path in results.glob("**/benchmarks.*")})


def problems_in(folder, make):
    source = folder / "benchmarks.json"
    raw = json.loads(source.read_text()) if source.exists() else None
    written = {name: (folder / name).read_text() for name in make if (folder / name).exists()}
    return problems_of(folder, raw, written, make)


def main():
    root = pathlib.Path(sys.argv[1])
    sys.path.insert(0, str(root / "bench" / "peers"))
    import page
    import plot
    make = {"benchmarks.md": page.page, "benchmarks.svg": plot.plot}
    assert len(list(problems_of("", {}, {}, make))) == 2 and list(problems_of("", None, {"benchmarks.md": ""}, make))
    found = folders(root / "docs" / "results")
    problems = [problem for folder in found for problem in problems_in(folder, make)]
    print("\n".join(problems) or f"benchmarks: good, {len(found)} folders")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
