#!/usr/bin/env python3
"""docs/derivations/coverage.md is complete, and every test, page and heading that it names exists.

usage: coverage_rows.py REPOSITORY
"""
import pathlib
import re
import sys

ITEMS = [str(i) for i in range(1, 23)] + [f"E{i}" for i in range(1, 39)] + [f"X{i}" for i in range(1, 10)]
ROW = re.compile(r"^\| (\w+) \| .* \| ([^|]+) \|$", re.M)
TEST = re.compile(r"`(\w+)\.(\w+)`")
LINK = re.compile(r"\]\(([^)#]+)(?:#([^)]+))?\)")
DEFINED = re.compile(r"\bTEST(?:_F|_P)?\((\w+),\s*(\w+)\)")


def anchors(path):
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def problems_of(text, tests, folder):
    rows = ROW.findall(text)
    names = [name for name, _ in rows if name != "item"]
    for item in ITEMS:
        if names.count(item) != 1:
            yield f"{item} stands in {names.count(item)} rows"
    for item, covered in rows:
        found = TEST.findall(covered)
        for test in found:
            if test not in tests:
                yield f"{item}: there is no test {'.'.join(test)}"
        links = LINK.findall(covered)
        for target, anchor in links:
            path = folder / target
            if not path.exists() or (anchor and anchor not in anchors(path)):
                yield f"{item}: {target}#{anchor} does not exist"
        if item in ITEMS and not found and not links:
            yield f"{item}: names neither a test nor a page"


def main():
    root = pathlib.Path(sys.argv[1])
    folder = root / "docs" / "derivations"
    tests = {t for p in (root / "src").rglob("*_test.cc") for t in DEFINED.findall(p.read_text())}
    assert list(problems_of("| 1 | x | `No.Test` |", tests, folder)), "a missing test was not found"
    problems = list(problems_of((folder / "coverage.md").read_text(), tests, folder))
    print("\n".join(problems) or f"coverage: {len(ITEMS)} rows, good")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
