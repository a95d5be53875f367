"""Convolutions layer by layer: Fovea's kernels beside oneDNN's, each by its Google Benchmark program with the same names."""
import functools
import json
import pathlib
import re
import tempfile

from figures import rounded
from peers import NotInstalled, ours, take_turns

SHARE = 0.1  # of the seconds of a network, for one pass of a layer
SIDES = {"fovea": ("fovea fast", "fovea direct"), "onednn": ("onednn direct", "onednn winograd")}


def program(peers, peer, threads):
    if peer == "fovea":
        return [peers.build / "src" / "fovea" / "kernels" / "fovea_kernels_bench", str(threads)]
    if peer in peers.missing:
        raise NotInstalled(peer)
    return [peers.program(peer)]


def layer_names(peers):
    listed = peers.run([*program(peers, "fovea", 1), "--benchmark_list_tests"], 1).splitlines()
    return list(dict.fromkeys(line.split("/")[0] for line in listed if line.endswith("/real_time")))


def sides_of(peer, method, label):
    if peer == "onednn":
        return [f"onednn {method}"]
    return ["fovea direct"] * (method == "direct") + ["fovea fast"] * (label == "fast")


def measure(peers, peer, layer, threads, seconds):
    """{(pass, side): figures} of one turn."""
    def lowest_peak(found):
        return min((figures["peak_gflops"] for figures in found.values()), default=0)
    return peers.undisturbed(threads, lambda: probed(peers, peer, layer, threads, seconds), lowest_peak)


def probed(peers, peer, layer, threads, seconds):
    """The same by one run of the program, which probes the peak beside each pass."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.json"
        peers.run([*program(peers, peer, threads), f"--benchmark_filter=^{layer}/", f"--benchmark_min_time={SHARE * seconds}",
                   f"--benchmark_out={out}", "--benchmark_out_format=json"], threads)
        answer = json.loads(out.read_text())
    peers.versions[peer] = answer["context"].get("version")
    found = {}
    for b in answer["benchmarks"]:
        _, method, kind = b["name"].split("/")[:3]
        for side in sides_of(peer, method, b.get("label")) if not b.get("error_occurred") else ():
            found[kind, side] = {"milliseconds": b["real_time"], "peak_gflops": 100 * b["GF/s"] / b["%peak"],
                                 "gflop": b["GF/s"] * b["real_time"] / 1e3, "mib": b["MiB"]}
    return found


def rows_of(peers, layer, threads, rounds, seconds):
    turns = take_turns(rounds, {peer: functools.partial(measure, peers, peer, layer, threads, seconds) for peer in SIDES})
    first_turn = ours(turns, "fovea")[0]
    for kind in (kind for kind, side in first_turn if side == "fovea direct"):
        first = first_turn[kind, "fovea direct"]
        sides = {}
        for peer, names in SIDES.items():
            for side in names:
                if isinstance(turns[peer], str):
                    sides[side] = turns[peer]
                elif (kind, side) in turns[peer][0]:
                    sides[side] = [{key: rounded(turn[kind, side][key]) for key in ("milliseconds", "peak_gflops")}
                                   for turn in turns[peer]]
        yield {"name": layer, "pass": kind, "threads": threads, "gflop": rounded(first["gflop"]), "mib": rounded(first["mib"]),
               "sides": sides}


def rows(peers, options):
    """The rows of the table as they are measured."""
    for layer in layer_names(peers):
        for threads in options.threads if re.search(options.only, layer) else ():
            yield from rows_of(peers, layer, threads, options.rounds, options.seconds)
