#!/usr/bin/env python3
"""fovea predict of a darknet detector, held to darknet's rules written here again in plain Python: the photo's place in the network's
input, a 1x1 convolution, the two [yolo] heads, non-maximum suppression.

usage: detector_test.py FOVEA        Source: github.com/pjreddie/darknet, src/image.c, src/yolo_layer.c, src/box.c
"""
import json
import math
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

from tool_test import write_png

WIDTH, HEIGHT, CLASSES = 32, 24, 3  # of the network's input
PHOTOS = {"wide": (50, 20), "tall": (15, 40)}
ANCHORS = [(6, 4), (10, 12), (20, 9)]
HEADS = [((0, 1), 1.0), ((2,), 1.2)]  # mask, scale_x_y; each cell of a head is a pixel of the input
THRESHOLD, OVERLAP = 0.3, 0.4
NAMES = ["cat", "dog, small", "bird"]
# Single precision in the network, double here: scores of the size of 3, sides of boxes below 100 pixels.
TOLERANCE = 1e-3

HEAD = """[convolutional]
filters={filters}
size=1
activation=linear
[yolo]
mask={mask}
anchors={anchors}
num=3
classes={classes}
scale_x_y={scale}
"""


def cfg():
    heads = [HEAD.format(filters=len(mask) * (5 + CLASSES), mask=",".join(map(str, mask)), classes=CLASSES, scale=scale,
                         anchors=",".join(f"{w},{h}" for w, h in ANCHORS)) for mask, scale in HEADS]
    net = f"[net]\nwidth={WIDTH}\nheight={HEIGHT}\nchannels=3\n[maxpool]\nsize=1\nstride=1\n"
    return net + heads[0] + "[route]\nlayers=0\n" + heads[1]


def draw_weights(generator):
    """Of each head: biases and rows of three weights. Boxes differ in how sure they are more than in size."""
    heads = []
    for mask, _ in HEADS:
        spans = [1.0 if row % (5 + CLASSES) < 4 else 4.0 for row in range(len(mask) * (5 + CLASSES))]
        heads.append(([generator.uniform(-1, 1) for _ in spans], [[generator.uniform(-s, s) for _ in range(3)] for s in spans]))
    return heads


def as_float(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def write_weights(path, heads):
    values = [v for biases, rows in heads for v in biases + [w for row in rows for w in row]]
    path.write_bytes(struct.pack("<iiiQ", 0, 2, 0, 0) + struct.pack(f"<{len(values)}f", *values))


def blue(y):
    return y * y * 77 % 256


def photo_pixel(photo, x, y):
    """As write_png draws it, for red = 200."""
    return 200 / 255, (x * 255 // photo[0]) / 255, blue(y) / 255


def between(pixels, extent, wanted, place):
    """The pixel at `place` of `wanted` that a line of `extent` is brought to: corners on corners."""
    at = place * (extent - 1) / (wanted - 1)
    first = min(int(at), extent - 2)
    return [p + (at - first) * (q - p) for p, q in zip(pixels(first), pixels(first + 1))]


def resized(photo, width, height):
    """resize_image: columns, then rows."""
    def row(y):
        return [between(lambda column: photo_pixel(photo, column, y), photo[0], width, x) for x in range(width)]
    rows = [row(y) for y in range(photo[1])]
    return [[between(lambda y, x=x: rows[y][x], photo[1], height, place) for x in range(width)] for place in range(height)]


def place(photo, letterbox):
    """letterbox_image: the input, and the extents of the photo in it."""
    width, height = WIDTH, HEIGHT
    if letterbox:
        if WIDTH / photo[0] < HEIGHT / photo[1]:
            height = photo[1] * WIDTH // photo[0]
        else:
            width = photo[0] * HEIGHT // photo[1]
    pixels = [[[0.5] * 3 for _ in range(WIDTH)] for _ in range(HEIGHT)]
    for y, row in enumerate(resized(photo, width, height)):
        for x, pixel in enumerate(row):
            pixels[y + (HEIGHT - height) // 2][x + (WIDTH - width) // 2] = pixel
    return pixels, width, height


def logistic(x):
    return 1 / (1 + math.exp(-x))


def decoded(photo, pixels, heads, width, height):
    """get_yolo_detections and correct_yolo_boxes: (class, probability, x, y, w, h, head) in pixels of the photo, x and y of the
    middle."""
    found = []
    for head, ((mask, scale), (biases, rows)) in enumerate(zip(HEADS, heads)):
        for i, j, (a, anchor) in ((i, j, box) for i in range(HEIGHT) for j in range(WIDTH) for box in enumerate(mask)):
            first = a * (5 + CLASSES)
            t = [biases[first + k] + sum(w * p for w, p in zip(rows[first + k], pixels[i][j])) for k in range(5 + CLASSES)]
            if logistic(t[4]) <= THRESHOLD:
                continue
            x = (j + logistic(t[0]) * scale - (scale - 1) / 2) / WIDTH
            y = (i + logistic(t[1]) * scale - (scale - 1) / 2) / HEIGHT
            w, h = ANCHORS[anchor][0] * math.exp(t[2]) / WIDTH, ANCHORS[anchor][1] * math.exp(t[3]) / HEIGHT
            x, y = (x - (WIDTH - width) / 2 / WIDTH) / (width / WIDTH), (y - (HEIGHT - height) / 2 / HEIGHT) / (height / HEIGHT)
            w, h = w * WIDTH / width, h * HEIGHT / height
            for k in range(CLASSES):
                probability = logistic(t[4]) * logistic(t[5 + k])
                if probability > THRESHOLD:
                    found.append((k, probability, x * photo[0], y * photo[1], w * photo[0], h * photo[1], head))
    return found


def overlap(a, b):
    across = min(a[2] + a[4] / 2, b[2] + b[4] / 2) - max(a[2] - a[4] / 2, b[2] - b[4] / 2)
    down = min(a[3] + a[5] / 2, b[3] + b[5] / 2) - max(a[3] - a[5] / 2, b[3] - b[5] / 2)
    both = across * down if across > 0 and down > 0 else 0
    return both / (a[4] * a[5] + b[4] * b[5] - both)


def suppressed(found):
    """do_nms_sort, class by class."""
    kept = []
    for k in range(CLASSES):
        left = sorted((d for d in found if d[0] == k), key=lambda d: -d[1])
        while left:
            kept.append(left[0])
            left = [d for d in left[1:] if overlap(left[0], d) <= OVERLAP]
    return sorted(kept, key=lambda d: -d[1])


def predict(tool, folder, photo, *flags, model="net.weights"):
    done = subprocess.run([tool, "predict", folder / model, folder / f"{photo}.png", "--threshold", str(THRESHOLD),
                           "--nms", str(OVERLAP), *flags], check=True, capture_output=True, text=True)
    return done.stdout


def check(tool, folder, heads, photo, fit):
    pixels, width, height = place(PHOTOS[photo], fit == "letterbox")
    found = decoded(PHOTOS[photo], pixels, heads, width, height)
    wanted = suppressed(found)
    assert {d[6] for d in wanted} == {0, 1}, wanted
    assert 5 < len(wanted) < len(found) / 2, (len(wanted), len(found))  # something to find and something to suppress
    line = json.loads(predict(tool, folder, photo, "--json", "--fit", fit))
    assert line["file"].endswith(f"{photo}.png"), line
    assert len(line["boxes"]) == len(wanted), (fit, len(line["boxes"]), len(wanted))
    for box, (label, probability, x, y, w, h, _) in zip(line["boxes"], wanted):
        assert box["class"] == NAMES[label], (box, label)
        for key, value in (("probability", probability), ("x", x - w / 2), ("y", y - h / 2), ("w", w), ("h", h)):
            assert abs(box[key] - value) <= TOLERANCE, (fit, key, box, value)
    return len(found), len(wanted)


def main():
    tool = pathlib.Path(sys.argv[1]).resolve()
    generator = random.Random(4)
    heads = [([as_float(b) for b in biases], [[as_float(w) for w in row] for row in rows]) for biases, rows in draw_weights(generator)]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "net.cfg").write_text(cfg())
        (folder / "net.names").write_text("\n".join(NAMES) + "\n")
        write_weights(folder / "net.weights", heads)
        for photo, extents in PHOTOS.items():
            write_png(folder / f"{photo}.png", *extents, 200, blue)
            for fit in ("letterbox", "stretch"):
                print(photo, fit, "boxes before and after suppression:", *check(tool, folder, heads, photo, fit))
        boxes = json.loads(predict(tool, folder, "wide", "--json"))["boxes"]
        lines = predict(tool, folder, "wide").splitlines()
        assert len(lines) == len(boxes), lines
        wanted = f"{folder}/wide.png  {boxes[0]['class']} {100 * boxes[0]['probability']:.1f} %  {boxes[0]['x']:.1f} "
        assert lines[0].startswith(wanted), (lines[0], wanted)
        table = predict(tool, folder, "wide", "--csv").splitlines()
        assert table[0] == "file,class,probability,x,y,w,h" and len(table) == len(boxes) + 1, table[:2]
        assert any('"dog, small"' in row for row in table) or all(b["class"] != NAMES[1] for b in boxes), table
        for model in ("other.safetensors", "other.onnx"):  # with no other.names beside them
            subprocess.run([tool, "convert", folder / "net.weights", folder / model], check=True, stdout=subprocess.DEVNULL)
            assert predict(tool, folder, "wide", model=model).splitlines() == lines, model
        refused = subprocess.run([tool, "predict", folder / "net.weights", folder / "wide.png", "--top", "3"], capture_output=True, text=True,
                                 check=False)
        assert refused.returncode == 2 and "--top does nothing for a detector" in refused.stderr, refused
        (folder / "net.weights").rename(folder / "net_final.weights")
        flags = ["--network", folder / "net.cfg", "--names", folder / "net.names"]
        assert predict(tool, folder, "wide", *flags, model="net_final.weights").splitlines() == lines
        (folder / "net_final.weights").rename(folder / "net.weights")
        (folder / "net.names").write_text("cat\n")
        refused = subprocess.run([tool, "predict", folder / "net.weights", folder / "wide.png"], capture_output=True, text=True,
                                 check=False)
        assert refused.returncode == 3 and "1 class names; there are 3" in refused.stderr, refused
    return 0


if __name__ == "__main__":
    sys.exit(main())
