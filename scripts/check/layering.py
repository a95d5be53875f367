#!/usr/bin/env python3
"""Holds the includes of the sources to the table in layering.json.

usage: layering.py SOURCE_ROOT      (the folder that holds fovea/)
"""
import json
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#include\s+(["<])([^">]+)[">]', re.M)
VERSION = "fovea/version.h"  # stands outside the rooms, for all
PUBLIC = "#pragma GCC visibility push(default)"
THIRD_PARTY = ("fmt/", "nlohmann/", "toml++/", "CLI/", "png.h", "jpeglib.h", "zlib.h", "zip.h", "google/", "fovea_onnx.pb.h")


def problems_of(path, room, text, table):
    isa = "kernels/isa" in path.as_posix()
    for quote, name in INCLUDE.findall(text):
        if quote == '"':
            if not name.startswith("fovea/"):
                yield f"{path}: include \"{name}\" by its full path"
                continue
            if name == VERSION:
                continue
            target = name.split("/")[1]
            if isa and not name.startswith("fovea/kernels/isa/"):
                yield f"{path}: a source of kernels/isa may not include {name}"
            elif target != room and target not in table[room]:
                yield f"{path}: {room} may not include {target} ({name})"
        elif isa and name not in ("stddef.h", "stdint.h") and path.name != "vec.h":
            yield f"{path}: a source of kernels/isa may not include <{name}>"
        elif path.suffix == ".h" and PUBLIC in text and name.startswith(THIRD_PARTY):
            yield f"{path}: a public header may not include <{name}>"


def check(root, table):
    problems = []
    for path in sorted((root / "fovea").rglob("*")):
        if path.suffix not in (".h", ".cc") or path == root / VERSION:
            continue
        room = path.relative_to(root / "fovea").parts[0]
        if room not in table:
            problems.append(f"{path}: the folder {room} is not in the table")
            continue
        if path.name.endswith("_test.cc"):
            continue
        problems += problems_of(path, room, path.read_text(), table)
    return problems


def self_test(table):
    bad = [("layers", "a.h", '#include "fovea/engine/program.h"'), ("base", "a.h", f"#include <fmt/format.h>\n{PUBLIC}"),
           ("kernels", "isa/a.cc", "#include <vector>")]
    for room, name, text in bad:
        path = pathlib.Path("fovea") / room / name
        assert list(problems_of(path, room, text, table)), f"{text} in {room} was not found"


def main():
    table = json.loads((pathlib.Path(__file__).parent / "layering.json").read_text())
    self_test(table)
    problems = check(pathlib.Path(sys.argv[1]), table)
    print("\n".join(problems) or "layering: good")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
