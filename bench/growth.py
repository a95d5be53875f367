#!/usr/bin/env python3
"""How time and memory of a training step grow with the batch, the maps and the depth: a table for each, beside the straight line that fits best.

usage: growth.py [FOVEA]     the tool; build/bench/fovea when it is not given
"""
import json
import statistics
import subprocess
import sys

ROUNDS, SECONDS = 3, 1.5
# Title, what grows, and of each row that quantity, the network, its input and the batch.
SERIES = (
    ("The batch", "images", [(n, "resnet18", "3x32x32", n) for n in (16, 32, 64, 128, 256, 512)]),
    # ResNets begin with another convolution where images are larger than 64x64.
    ("The maps of small images", "pixels", [(side * side, "resnet18", f"3x{side}x{side}", 16) for side in (32, 40, 48, 56, 64)]),
    ("The maps of photos", "pixels", [(side * side, "resnet18", f"3x{side}x{side}", 16) for side in (96, 128, 160, 192, 224)]),
    ("The depth", "layers", [(depth, f"resnet{depth}", "3x32x32", 128) for depth in (20, 32, 44, 56, 110)]),
)


def measured(tool, network, extent, batch):
    command = [tool, "bench", network, "--input", extent, "--batch", str(batch), "--mode", "train", "--threads", "2",
               "--seconds", str(SECONDS), "--json"]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return answer["milliseconds"], answer["peak_mib"]


def medians(tool, rows):
    """Of milliseconds and MiB of each row; the rows take turns."""
    turns = [[measured(tool, *row[1:]) for row in rows] for _ in range(ROUNDS)]
    return [[statistics.median(turn[i][kind] for turn in turns) for i in range(len(rows))] for kind in (0, 1)]


def off_line(amounts, values):
    """By how much of itself each value misses a + b * amount. The line weighs relative errors: a large step must not hide a small one."""
    weights = [1 / value**2 for value in values]
    total = sum(weights)
    x = sum(w * a for w, a in zip(weights, amounts)) / total
    y = sum(w * v for w, v in zip(weights, values)) / total
    slope = (sum(w * (a - x) * (v - y) for w, a, v in zip(weights, amounts, values))
             / sum(w * (a - x)**2 for w, a in zip(weights, amounts)))
    return [(value - (y + slope * (amount - x))) / value for amount, value in zip(amounts, values)]


def table(tool, title, unit, rows):
    amounts = [row[0] for row in rows]
    times, memory = medians(tool, rows)
    lines = [f"## {title}", "", f"| {unit} | network | input | batch | ms | off the line | MiB | off the line |", "|---" * 8 + "|"]
    for row, ms, ms_off, mib, mib_off in zip(rows, times, off_line(amounts, times), memory, off_line(amounts, memory)):
        lines.append(f"| {row[0]:,} | {row[1]} | {row[2]} | {row[3]} | {ms:,.1f} | {100 * ms_off:+.0f} % | {mib:,.0f} | {100 * mib_off:+.0f} % |")
    return "\n".join(lines) + "\n"


def main():
    tool = sys.argv[1] if len(sys.argv) > 1 else "build/bench/fovea"
    print("# Growth\n\nPrinted by `bench/growth.py`: training steps with two threads, medians of "
          f"{ROUNDS} turns of {SECONDS} s, and how far each is from the straight line that fits best. Maps of 5, 6, 7 or 10 numbers do not fill "
          "the 4x4 tiles of Winograd's algorithm: they cost as much as maps of 8 or 12.\n")
    for title, unit, rows in SERIES:
        print(table(tool, title, unit, rows), flush=True)


if __name__ == "__main__":
    main()
