"""docs/results/benchmarks.svg from the raw figures: a bar for each network and layer, on a logarithmic axis."""
import math

from figures import PEERS, counted, geometric_mean, speed_ratio
from page import TITLES

LEFT, WIDTH, BAR, GAP, TOP = 300, 560, 12, 5, 54
TICKS = (0.25, 0.5, 1, 2, 4, 8, 16)
STYLE = ("<style>text{font:12px sans-serif;fill:#24292f}.t{font-weight:600}.g{stroke:#d0d7de}.one{stroke:#24292f}"
         ".ahead{fill:#2da44e}.behind{fill:#bf8700}</style>")


def bars(raw):
    """(title, [(name, ratio)]) of each table at its most threads; a layer is the geometric mean of its passes."""
    for table, part in raw.items():
        most = max(row["threads"] for row in part["rows"])
        ratios = {}
        for row in part["rows"]:
            if row["threads"] == most:
                ratios.setdefault(row["name"], []).append(speed_ratio(row, ["Fovea"], PEERS))
        known = {name: geometric_mean(values) for name, values in ratios.items()}
        yield f"{TITLES[table][0]}, {counted(most, 'thread')}", [(name, value) for name, value in known.items() if value]


def place(ratio):
    """Pixels from the left edge, the outermost ticks being the ends of the axis."""
    low, high = math.log(TICKS[0]), math.log(TICKS[-1])
    return LEFT + WIDTH * min(max((math.log(ratio) - low) / (high - low), 0), 1)


def mark(tick, bottom):
    x, kind = f"{place(tick):.1f}", "one" if tick == 1 else "g"
    return (f'<line class="{kind}" x1="{x}" y1="{TOP - 10}" x2="{x}" y2="{bottom}"/>'
            f'<text x="{x}" y="{TOP - 16}" text-anchor="middle">{tick:g}</text>')


def bar(y, name, ratio):
    start, end = sorted((place(1), place(ratio)))
    kind = "ahead" if ratio >= 1 else "behind"
    escaped = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return (f'<text x="{LEFT - 8}" y="{y + 10}" text-anchor="end">{escaped}</text>'
            f'<rect class="{kind}" x="{start:.1f}" y="{y}" width="{end - start:.1f}" height="{BAR}"/>'
            f'<text x="{end + 6:.1f}" y="{y + 10}">{ratio:.2f}</text>')


def plot(raw):
    parts, y = [], TOP
    for title, found in bars(raw):
        parts.append(f'<text class="t" x="10" y="{y + 12}">{title}</text>')
        y += BAR + 2 * GAP
        for name, ratio in found:
            parts.append(bar(y, name, ratio))
            y += BAR + GAP
        y += 2 * GAP
    axis = "".join(mark(tick, y) for tick in TICKS)
    width, height = LEFT + WIDTH + 50, y + 10
    heading = '<text class="t" x="10" y="20">Speed of Fovea as a multiple of the fastest peer in f32 (1: equally fast)</text>'
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">{STYLE}'
            f'<rect width="{width}" height="{height}" fill="#fff"/>{heading}{axis}\n' + "\n".join(parts) + "\n</svg>\n")
