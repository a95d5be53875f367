#!/usr/bin/env python3
"""Files stay small: over 500 lines needs a line "Over 500 lines because ...", over 800 fails.

usage: sizes.py REPOSITORY
"""
import pathlib
import sys

SUFFIXES = (".h", ".cc", ".py", ".cmake")


def problem_of(name, text):
    lines = text.count("\n")
    if lines > 800:
        return f"{name}: {lines} lines; at most 800"
    if lines > 500 and "Over 500 lines because" not in text:
        return f"{name}: {lines} lines without a reason for more than 500"
    return None


def main():
    assert problem_of("x", "\n" * 501) and problem_of("x", "\n" * 801) and not problem_of("x", "\n" * 500)
    root = pathlib.Path(sys.argv[1])
    files = [p for part in ("src", "tests", "scripts", "examples", "cmake", "bench", "python") for p in (root / part).rglob("*")]
    found = [problem_of(p.relative_to(root), p.read_text()) for p in sorted(files) if p.suffix in SUFFIXES]
    problems = [p for p in found if p]
    print("\n".join(problems) or "sizes: good")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
