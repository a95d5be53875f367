#!/usr/bin/env python3
"""Fovea beside other libraries on this machine: training steps, inference, and convolutions layer by layer.

The sides take turns; each stands between two probes of the machine's peak. Writes benchmarks.json (the raw figures),
benchmarks.md and benchmarks.svg into --out. A table that is not asked for stays there as it was, and so do rows of an earlier run on
the same machine that are not measured again: a long run can be cut into pieces, and what a change of the sources made faster measured
anew. Each row knows its commit. Peers that are not installed are named and left out. `make bench-peers ARGS="..."` builds the programs
first; ARGS are these options.

  bench/peers/run.py                                                    everything, some three hours
  bench/peers/run.py --tables train --only 'resnet|vgg' --threads 2 --out /tmp/bench
  bench/peers/run.py --tables layers --only '@7 ' --rounds 1 --seconds 0.2 --out /tmp/bench    a look that it works
"""
import argparse
import functools
import json
import os
import pathlib

import layers
import networks
import page
import plot
from peers import Peers

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLES = {**{table: functools.partial(networks.rows, cases) for table, cases in networks.CASES.items()}, "layers": layers.rows}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "fovea-bench"
    parser.add_argument("--tables", default=",".join(TABLES), help="[%(default)s]")
    parser.add_argument("--only", default="", help="a regular expression for the names of networks and layers")
    parser.add_argument("--threads", default="2,1", help="[%(default)s]")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each side, of which the median counts [%(default)s]")
    parser.add_argument("--seconds", type=float, default=3, help="of a turn, a tenth of it for a pass of a layer [%(default)s]")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs" / "results", help="[docs/results]")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "bench", help="[build/bench]")
    parser.add_argument("--python", default="/usr/bin/python3", help="an interpreter with PyTorch [%(default)s]")
    parser.add_argument("--cache", type=pathlib.Path, default=cache, help="npm's packages and ONNX files [%(default)s]")
    options = parser.parse_args()
    options.tables, options.threads = options.tables.split(","), [int(t) for t in options.threads.split(",")]
    for table in options.tables:
        if table not in TABLES:
            parser.error(f"there is no table {table}; choose from {', '.join(TABLES)}")
    if not (options.build / "fovea").exists():
        parser.error(f"{options.build}/fovea is not there; make bench-peers builds it")
    for folder in (options.out, options.cache):
        folder.mkdir(parents=True, exist_ok=True)
    return options


def commit_of(peers):
    """The last commit that changed the sources."""
    git = ["git", "-C", ROOT]
    changed = peers.run([*git, "status", "--porcelain", "--", "src"], 1)
    return peers.run([*git, "log", "-1", "--format=%h", "--", "src"], 1).strip() + (" with changes" if changed else "")


def facts_of(peers, options):
    doctor = json.loads(peers.run([options.build / "fovea", "doctor", "--json"], 1))
    versions = {peer: version for peer, version in peers.versions.items() if version}
    return {"processor": doctor["processor"], "isa": doctor["isa"], "versions": versions,
            "rounds": options.rounds, "seconds": options.seconds}


def joined(earlier, facts, rows):
    """A table of these rows, and of those of an earlier run under the same circumstances that are not among them, in their order."""
    def key(row):
        return row["name"], row.get("pass"), row["threads"]
    alike = all(earlier["facts"].get(fact) == facts[fact] for fact in ("processor", "isa", "rounds", "seconds"))
    measured = {key(row) for row in rows}
    kept = earlier["rows"] if alike else []
    everything = [row for row in kept if key(row) not in measured] + rows
    names = list(dict.fromkeys(row["name"] for row in kept + rows))
    versions = {**(earlier["facts"]["versions"] if alike else {}), **facts["versions"]}
    return {"facts": {**facts, "versions": versions},
            "rows": sorted(everything, key=lambda row: (names.index(row["name"]), -row["threads"]))}


def save(folder, raw):
    """The figures with one row a line, and what is made of them."""
    parts = []
    for name, part in raw.items():
        rows = ",\n".join(json.dumps(row) for row in part["rows"])
        parts.append(f'"{name}": {{"facts": {json.dumps(part["facts"])}, "rows": [\n{rows}\n]}}')
    (folder / "benchmarks.json").write_text("{\n" + ",\n".join(parts) + "\n}\n")
    (folder / "benchmarks.md").write_text(page.page(raw))
    (folder / "benchmarks.svg").write_text(plot.plot(raw))


def main():
    options = parse()
    peers = Peers(options.build, options.python, options.cache)
    for name, hint in peers.missing.items():
        print(f"{name} is not installed: {hint}", flush=True)
    commit = commit_of(peers)
    path = options.out / "benchmarks.json"
    raw = json.loads(path.read_text()) if path.exists() else {}
    for table in options.tables:
        peers.versions.clear()
        measured, earlier = [], raw.get(table, {"facts": {}, "rows": []})
        for row in TABLES[table](peers, options):
            measured.append({**row, "commit": commit})
            raw[table] = joined(earlier, facts_of(peers, options), measured)
            save(options.out, {name: raw[name] for name in TABLES if name in raw})
            print(page.line(row), flush=True)


if __name__ == "__main__":
    main()
