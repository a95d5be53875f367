"""The worked script of the notes runs and finds all equal; the notes' functions refuse what does not fit."""

import os
import pathlib
import runpy
import unittest

import numpy as np

from fovea import notes
from support import draw

SOURCE = pathlib.Path(os.environ.get("FOVEA_SOURCE_DIR", pathlib.Path(__file__).parents[2]))


class Script(unittest.TestCase):
    def test_runs(self):
        runpy.run_path(str(SOURCE / "python/examples/notes.py"), run_name="__main__")

    def test_shows_all_that_the_notes_describe(self):
        text = (SOURCE / "python/examples/notes.py").read_text()
        shown = {number.strip() for line in text.split("show(")[1:] for number in line.split('"')[1].split(",")}
        self.assertLessEqual({str(i) for i in range(1, 23)}, shown)


class Refusals(unittest.TestCase):
    def test_what_does_not_fit(self):
        x, w, b, dy = draw(2, 3, 5, 5), draw(4, 3, 3, 3), draw(4), draw(2, 4, 3, 3)
        g = draw(3)
        for call in (lambda: notes.conv_forward(x, w[:, :2], b), lambda: notes.conv_forward(x, w, b[:2]), lambda: notes.conv_forward(x[0], w, b),
                     lambda: notes.conv_forward(x, w, b, stride=0), lambda: notes.conv_forward(x, w, b, pad=-1),
                     lambda: notes.conv_forward(x[:, :, :2], w, b), lambda: notes.conv_dw(dy[:1], x, w.shape),
                     lambda: notes.conv_dw(dy, x, (4, 3, 9, 9)), lambda: notes.conv_dw(dy, x, (4, 3, 3)), lambda: notes.conv_db(b),
                     lambda: notes.conv_dx(dy, w, (2, 3, 9, 9)), lambda: notes.conv_dx(dy, w, (2, 3, -5, 5)), lambda: notes.conv_dx(dy, w, x.shape, method="all"),
                     lambda: notes.pad(x[0], 1), lambda: notes.pad_backward(x, 3), lambda: notes.max_pool_forward(x, 9, 9),
                     lambda: notes.max_pool_dx(dy, x), lambda: notes.max_pool_forward(x, 2, 2, 0), lambda: notes.batch_norm_1d(x, g, g),
                     lambda: notes.spatial_batch_norm(x, b, b), lambda: notes.spatial_batch_norm_backward(dy, x, g), lambda: notes.from_rows(draw(9, 3), x.shape),
                     lambda: notes.to_rows(b), lambda: notes.norm_jacobian(draw(3, 2), 3, 0, 0, 0), lambda: notes.norm_jacobian(draw(3, 2), 0, 2, 0, 0),
                     lambda: notes.darknet_backward(x, x, g, "left"), lambda: notes.darknet_backward_frozen(x, g, b), lambda: notes.darknet_variance(x, 3),
                     lambda: notes.affine_batch_norm_relu(draw(4, 3), draw(2, 5), draw(5), draw(5), draw(5)),
                     lambda: notes.affine_batch_norm_relu_backward(draw(4, 4), draw(4, 3), draw(3, 5), draw(5), draw(5), draw(5))):
            with self.assertRaises(ValueError):
                call()
        with self.assertRaises(TypeError):
            notes.conv_db(dy.astype(np.float32))


if __name__ == "__main__":
    unittest.main()
