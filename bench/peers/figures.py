"""What the raw figures of a row say: medians over the rounds, the better of a library's variants, ratios."""
import math
import statistics

# A library's column: the sides of which the best counts.
COLUMNS = {
    "Fovea": ("fovea fast",),
    "Fovea, direct": ("fovea direct",),
    "Fovea, bf16": ("fovea bf16",),
    "PyTorch": ("pytorch nchw", "pytorch channels_last", "pytorch frozen"),
    "PyTorch, bf16": ("pytorch nchw bf16", "pytorch channels_last bf16"),
    "dlib": ("dlib",),
    "ONNX Runtime": ("onnxruntime",),
    "OpenCV": ("opencv",),
    "oneDNN direct": ("onednn direct",),
    "oneDNN Winograd": ("onednn winograd",),
}
PEERS = tuple(column for column in COLUMNS if not column.startswith("Fovea") and column != "PyTorch, bf16")  # in f32
ANY_PRECISION = {"ours": ("Fovea", "Fovea, bf16"), "theirs": (*PEERS, "PyTorch, bf16")}


def counted(count, noun):
    return f"{count} {noun}{'' if count == 1 else 's'}"


def rounded(value):
    return float(f"{value:.4g}")


def figure(row, side, value):
    """The median over the rounds of value(turn); None where the side was not measured."""
    turns = row["sides"].get(side)
    return statistics.median(map(value, turns)) if isinstance(turns, list) and turns else None


def best(row, columns, value, better=min):
    """The best of all sides of these columns, None where none was measured."""
    found = [figure(row, side, value) for column in columns for side in COLUMNS[column]]
    return better((f for f in found if f is not None), default=None)


def milliseconds(row, *columns):
    return best(row, columns, lambda turn: turn["milliseconds"])


def gflops(row, *columns):
    time = milliseconds(row, *columns)
    return time and 1e3 * row["gflop"] / time


def peak_share(row, *columns):
    """Of the peak that was probed beside each turn."""
    return best(row, columns, lambda turn: 1e3 * row["gflop"] / turn["milliseconds"] / turn["peak_gflops"], max)


def speed_ratio(row, ours, theirs):
    """Above 1 where we are faster; `ours` and `theirs` are columns, of which the best counts."""
    us, them = milliseconds(row, *ours), milliseconds(row, *theirs)
    return them / us if us and them else None


def why_missing(row, column):
    """"not installed", "failed", or "-" where the peer is not asked for such a row."""
    said = [turns for side, turns in row["sides"].items() if side in COLUMNS[column] and isinstance(turns, str)]
    return said[0].split(":")[0] if said else "-"


def failures(rows):
    """What the failed sides said, {reason: [networks or layers]}, in the order of the rows."""
    found = {}
    for row in rows:
        for side, turns in row["sides"].items():
            if isinstance(turns, str) and turns.startswith("failed: "):
                names = found.setdefault(f"{side}: {turns.removeprefix('failed: ')}", [])
                names += [row["name"]] * (row["name"] not in names)
    return found


def geometric_mean(ratios):
    known = [r for r in ratios if r is not None]
    return math.exp(statistics.fmean(map(math.log, known))) if known else None
