#!/usr/bin/env python3
"""Outputs and parameters of darknet cfgs, counted from darknet's own rules (src/parser.c) without Fovea: the golden numbers of
DarknetCfg.RealNetworksMatchCounts.

usage: darknet_counts.py FOLDER > darknet_counts.txt      (FOLDER holds pjreddie/ and alexeyab/ with their cfg files)

Parameters are what a .weights file holds but for running statistics: filters, biases, scales. A line is the file, the
last layer's numbers of one image (of all heads, where there are heads) and the parameters, or why Fovea refuses it.
"""
import pathlib
import re
import sys



def sections(text):
    found = []
    for line in text.splitlines():
        line = re.sub(r"\s", "", re.split("[#;]", line)[0])
        if line.startswith("["):
            found.append((line[1:-1], {}))
        elif line:
            key, value = line.split("=", 1)
            found[-1][1].setdefault(key, value)
    return found


def number(options, key, otherwise):
    return int(float(options.get(key, otherwise)))


def count(text):
    """(numbers of the heads or of the last layer, parameters)."""
    (_, net), *layers = sections(text)
    c, h, w = number(net, "channels", 3), int(net["height"]), int(net["width"])
    shapes, heads, parameters = [], 0, 0
    for index, (kind, o) in enumerate(layers):
        def at(text):
            layer = int(text)
            return shapes[index + layer if layer < 0 else layer]
        if kind in ("convolutional", "conv"):
            size, n = number(o, "size", 1), number(o, "filters", 1)
            pad = size // 2 if number(o, "pad", 0) else number(o, "padding", 0)
            stride = number(o, "stride", 1)
            parameters += n * (c // number(o, "groups", 1)) * size * size + n * (1 + number(o, "batch_normalize", 0))
            c, h, w = n, (h + 2 * pad - size) // stride + 1, (w + 2 * pad - size) // stride + 1
        elif kind == "connected":
            n = int(o["output"])
            parameters += n * c * h * w + n * (1 + number(o, "batch_normalize", 0))
            c, h, w = n, 1, 1
        elif kind == "maxpool":
            stride = number(o, "stride", 1)
            size = number(o, "size", stride)
            padding = number(o, "padding", size - 1)
            h, w = (h + padding - size) // stride + 1, (w + padding - size) // stride + 1
        elif kind == "avgpool":
            h, w = 1, 1
        elif kind == "crop":
            h, w = int(o["crop_height"]), int(o["crop_width"])
        elif kind == "route":
            parts = [at(layer) for layer in o["layers"].split(",")]
            c, h, w = sum(p[0] for p in parts) // number(o, "groups", 1), parts[0][1], parts[0][2]
        elif kind == "upsample":
            h, w = h * number(o, "stride", 2), w * number(o, "stride", 2)
        elif kind == "reorg":
            s = number(o, "stride", 1)
            c, h, w = c * s * s, h // s, w // s
        elif kind == "scale_channels":
            c, h, w = at(o["from"])
        elif kind in ("yolo", "region"):
            heads += c * h * w
        shapes.append((c, h, w))
    return heads or c * h * w, parameters


def main():
    folder = pathlib.Path(sys.argv[1])
    for path in sorted(folder.glob("*/*.cfg")):
        text = path.read_text(errors="replace")
        try:
            print(path.relative_to(folder), *count(text))
        except (KeyError, ValueError, IndexError):
            print(path.relative_to(folder), "no convolutional network")


if __name__ == "__main__":
    main()
