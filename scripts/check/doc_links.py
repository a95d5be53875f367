#!/usr/bin/env python3
"""Every relative link of a Markdown file leads to a file, and every room of src/fovea stands in docs/architecture.md.

usage: doc_links.py REPOSITORY
"""
import pathlib
import re
import sys

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def broken(path, text):
    for target in LINK.findall(text):
        if "://" not in target and not (path.parent / target).exists():
            yield f"{path}: {target} does not exist"


def main():
    root = pathlib.Path(sys.argv[1])
    assert list(broken(root / "README.md", "[x](no/such/file.md)")), "a broken link was not found"
    problems = []
    for path in [*root.glob("*.md"), *(root / "docs").rglob("*.md")]:
        problems += broken(path, path.read_text())
    architecture = (root / "docs" / "architecture.md").read_text()
    for room in sorted(p.name for p in (root / "src" / "fovea").iterdir() if p.is_dir()):
        if f"`{room}/`" not in architecture:
            problems.append(f"docs/architecture.md does not name the room {room}/")
    print("\n".join(problems) or "links: good")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
