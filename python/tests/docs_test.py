"""The code of docs/python.md runs, from top to bottom."""

import os
import pathlib
import re
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("FOVEA_SOURCE_DIR", pathlib.Path(__file__).parents[2]))


class Page(unittest.TestCase):
    def test_its_code_runs(self):
        page = SOURCE / "docs/python.md"
        text = page.read_text()
        blocks = [(m.start(1), m[1]) for m in re.finditer(r"```python\n(.*?)```", text, re.S)]
        self.assertGreater(len(blocks), 5)
        # Each line stands where it stands in the page, so that an error names it.
        lines = [""] * text.count("\n")
        for start, block in blocks:
            first = text.count("\n", 0, start)
            lines[first:first + block.count("\n")] = block.splitlines()
        with tempfile.TemporaryDirectory() as folder:
            before = os.getcwd()
            os.chdir(folder)
            try:
                exec(compile("\n".join(lines), str(page), "exec"), {})
            finally:
                os.chdir(before)


if __name__ == "__main__":
    unittest.main()
