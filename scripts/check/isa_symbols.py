#!/usr/bin/env python3
"""Objects compiled for one instruction set must not leak: each exports only its own namespace and has no weak symbol.

usage: isa_symbols.py BUILD_FOLDER
"""
import pathlib
import re
import subprocess
import sys

ALLOWED_UNDEFINED = {"memcpy", "memset", "memmove", "_GLOBAL_OFFSET_TABLE_"}  # the last is the linker's own


def problems_of(isa, lines):
    mangled = f"N5fovea{len(isa)}{isa}"
    for line in lines:
        match = re.match(r"^\S*\s+([A-Za-z])\s+(\S+)", line)
        if not match:
            continue
        kind, name = match.groups()
        ours = mangled in name
        if kind in "VWvwu":
            yield f"{isa}: weak symbol {name}"
        elif kind in "TDBRG" and not ours:
            yield f"{isa}: exports {name}"
        elif kind == "U" and not ours and name not in ALLOWED_UNDEFINED and not name.startswith(("__asan", "__ubsan",
                                                                                                  "__tsan", "__stack")):
            yield f"{isa}: needs {name}"


def main():
    assert list(problems_of("avx2", ["0000 W _ZNSt6vectorIfE4sizeEv"])), "a weak symbol was not found"
    assert list(problems_of("avx2", ["0000 T _ZN5fovea6avx5123FooEv"])), "a foreign export was not found"
    objects = sorted(pathlib.Path(sys.argv[1]).rglob("fovea_isa_*.dir/**/*.o"))
    problems = [] if objects else ["no objects of kernels/isa found: is the library built?"]
    for path in objects:
        isa = re.search(r"fovea_isa_(\w+)\.dir", path.as_posix()).group(1)
        lines = subprocess.run(["nm", path], capture_output=True, text=True, check=True).stdout.splitlines()
        problems += problems_of(isa, lines)
    print("\n".join(problems) or f"symbols of {len(objects)} objects: good")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
