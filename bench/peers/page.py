"""docs/results/benchmarks.md from the raw figures."""
from figures import (ANY_PRECISION, COLUMNS, PEERS, best, counted, failures, geometric_mean, gflops, milliseconds, peak_share, speed_ratio,
                     why_missing)

HEAD = """# Beside other libraries

Written by `make bench-peers` from [the raw figures](benchmarks.json). The sides take turns on one machine, each between two
probes of the machine's peak (multiply-adds without memory); a figure is the median of the rounds, a percentage that of the
peak probed beside it. A turn on cores that somebody else had, which the probe shows, is taken again. A ratio is the peer's time over Fovea's: above 1 Fovea is faster. All arithmetic is f32 unless a column
says bf16. PyTorch is the best of its layouts NCHW and channels_last, for inference also of its frozen and optimised graph,
with `ATEN_CPU_CAPABILITY=avx512` where the processor has it. "Fovea" is `--numerics fast`, the default; "Fovea, direct" is
`--numerics direct`, without Winograd's algorithm; "Fovea, bf16" is `--precision bf16`. "Any precision" is the faster of f32 and
bf16 on either side. GFLOP/s count the multiply-adds of the sum as written.

![Fovea's speed as a multiple of the fastest peer's, by network and layer](benchmarks.svg)
"""

TITLES = {
    "train": ("Training steps",
              "Images a second (% of the peak): gradients reset, forward, backward, SGD with momentum and weight decay."),
    "infer": ("Inference",
              "Milliseconds a batch (% of the peak). ONNX Runtime and OpenCV run the network as the ONNX file that PyTorch writes."),
    "import": ("Imported networks",
               "Milliseconds a batch (% of the peak) of networks that Fovea does not have built in: it and ONNX Runtime read the ONNX file that "
               "PyTorch writes."),
    "layers": ("Convolutions",
               "GF/s: forward / backward-data / weight gradient. oneDNN has its favourite layouts, reorders are not counted; "
               "\"best\" is the faster of its algorithms. Of a depthwise layer: forward / both gradients, as Fovea computes them "
               "together. MiB is what the forward pass at least moves: input, weights and output once."),
}
PASSES = ("forward", "backward-data", "weight-gradient")
DEPTHWISE_PASSES = ("forward", "backward")
MEMORY = ("Peak memory of these processes in MiB; in brackets less what the process held before it made the network. PyTorch is "
          "the smallest of its layouts. \"Moves\" is what the passes of Fovea's steps at least read and write in a run: each value, "
          "gradient and weight once, batch norms as often as they need them.")


def number(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def ratio(value):
    return "-" if value is None else f"{value:.2f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|", *("| " + " | ".join(row) + " |" for row in rows)]
    return "\n".join(lines) + "\n"


def columns_of(rows):
    """The libraries that were asked in these rows."""
    return [c for c, sides in COLUMNS.items() if any(side in row["sides"] for row in rows for side in sides)]


def speed_cell(row, column, of_time):
    time = milliseconds(row, column)
    if time is None:
        return why_missing(row, column)
    return f"{number(of_time(row, time))} ({100 * peak_share(row, column):.0f} %)"


def images_per_second(row, time):
    return 1e3 * row["batch"] / time


def speed_table(rows, of_time):
    columns = columns_of(rows)
    shown = [("best / Fovea", ["Fovea"], PEERS), ("best / direct", ["Fovea, direct"], PEERS),
             ("any precision", ANY_PRECISION["ours"], ANY_PRECISION["theirs"])]
    cells = [[row["name"], str(row["threads"]), *(speed_cell(row, column, of_time) for column in columns),
              *(ratio(speed_ratio(row, ours, theirs)) for _, ours, theirs in shown)] for row in rows]
    return table(["network", "threads", *columns, *(title for title, _, _ in shown)], cells)


def peak_mib(turn):
    return turn["peak_mib"]


def own_mib(turn):
    return turn["peak_mib"] - turn["idle_mib"]


def memory_cell(row, column):
    peak = best(row, [column], peak_mib)
    return why_missing(row, column) if peak is None else f"{number(peak)} ({number(best(row, [column], own_mib))})"


def memory_ratio(row, value):
    us, them = best(row, ["Fovea"], value), best(row, PEERS, value)
    return ratio(them / us if us and them else None)


def memory_table(rows):
    columns = columns_of(rows)
    most = max(row["threads"] for row in rows)
    cells = [[row["name"], *(memory_cell(row, column) for column in columns), memory_ratio(row, peak_mib), memory_ratio(row, own_mib),
              number(1e9 * row["gbyte"] / 2**20)] for row in rows if row["threads"] == most]
    return table([f"network, {counted(most, 'thread')}", *columns, "least / Fovea", "less idle", "moves"], cells)


def by_threads(rows):
    """(threads, rows), the most threads first."""
    for threads in sorted({row["threads"] for row in rows}, reverse=True):
        yield threads, [row for row in rows if row["threads"] == threads]


def triple(passes, cell):
    return " / ".join("-" if row is None else cell(row) for row in passes)


def layer_cell(passes, column):
    def rate(row):
        value = gflops(row, column)
        return "-" if value is None else number(value)

    def share(row):
        value = peak_share(row, column)
        return "-" if value is None else f"{100 * value:.0f}"

    known = [row for row in passes if row]
    if all(milliseconds(row, column) is None for row in known):
        return why_missing(known[0], column)
    return f"{triple(passes, rate)} ({triple(passes, share)} %)"


def layer_ratio(passes, ours, theirs):
    return triple(passes, lambda row: ratio(speed_ratio(row, ours, theirs)))


def layers_table(rows):
    by_layer = {}
    for row in rows:
        by_layer.setdefault(row["name"], {})[row["pass"]] = row
    columns = columns_of(rows)
    cells = []
    for name, found in by_layer.items():
        passes = [found.get(kind) for kind in (DEPTHWISE_PASSES if "backward" in found else PASSES)]
        cells.append([name, number(found["forward"]["mib"]), *(layer_cell(passes, column) for column in columns),
                      layer_ratio(passes, ["Fovea, direct"], ["oneDNN direct"]), layer_ratio(passes, ["Fovea"], PEERS)])
    return table(["layer", "MiB", *columns, "direct / direct", "best / Fovea"], cells)


def means(raw):
    """The geometric mean of the ratios of each table."""
    cells = []
    for name, part in raw.items():
        for threads, rows in by_threads(part["rows"]):
            mean = {ours: geometric_mean(speed_ratio(row, [ours], PEERS) for row in rows) for ours in ("Fovea", "Fovea, direct")}
            cells.append([TITLES[name][0], str(threads), *map(ratio, mean.values())])
    return table(["geometric mean", "threads", "best / Fovea", "best / direct"], cells)


def line(row):
    """A row in a line, for who watches the run."""
    found = {column: milliseconds(row, column) for column in columns_of([row])}
    times = "  ".join(f"{column} {number(time)}" for column, time in found.items() if time)
    told = ratio(speed_ratio(row, ["Fovea"], PEERS))
    return f"{row['name']} {row.get('pass', '')} {counted(row['threads'], 'thread')}, ms: {times}; best / Fovea {told}"


def commits(rows):
    """The commit of most rows, and of which rows it was another."""
    names = {}
    for row in rows:
        names.setdefault(row["commit"], []).append(f"{row['name']} ({counted(row['threads'], 'thread')})")
    first, *others = sorted(names, key=lambda commit: -len(names[commit]))
    return "".join([first, *(f", {commit} for {', '.join(dict.fromkeys(names[commit]))}" for commit in others)])


def facts(part):
    f = part["facts"]
    versions = ", ".join(f"{name} {version}" for name, version in sorted(f["versions"].items()))
    return (f"Fovea ({f['isa']} kernels) at {commits(part['rows'])}{'; ' if versions else ''}{versions}; {f['processor']}; medians of "
            f"{counted(f['rounds'], 'round')} of {f['seconds']:g} s.\n")


def notes(rows):
    """A line for each reason of a failure."""
    return "".join(f"\nFailed: {', '.join(names)}: `{said}`\n" for said, names in failures(rows).items())


def body(name, rows):
    if name == "layers":
        return "\n".join(f"{counted(threads, 'thread')}:\n\n{layers_table(some)}" for threads, some in by_threads(rows))
    speeds = speed_table(rows, images_per_second if name == "train" else lambda row, time: time)
    return f"{speeds}{notes(rows)}\n{MEMORY}\n\n{memory_table(rows)}"


def page(raw):
    """`raw`: {table: {"facts": ..., "rows": [...]}}, as run.py saves it."""
    parts = [f"## {TITLES[name][0]}\n\n{TITLES[name][1]} {facts(part)}\n{body(name, part['rows'])}" for name, part in raw.items()]
    return "\n".join([HEAD, means(raw), *parts])
