"""Numbers beside arrays, by the rules of numpy: the arrays say the type. A number has a gradient as everything has."""

import unittest

import numpy as np

from fovea import functional as F
from support import directional_error, distinct, draw, error

ARITHMETIC = {F.subtract: np.subtract, F.multiply: np.multiply, F.divide: np.divide, F.minimum: np.minimum, F.maximum: np.maximum,
              F.power: np.power, F.add: np.add}
SHAPES = ((4,), (3, 5), (2, 3, 4), (2, 3, 4, 5))


class Numbers(unittest.TestCase):
    def each(self):
        for function, formula in ARITHMETIC.items():
            for shape in SHAPES:
                with self.subTest(function=function.__name__, shape=shape):
                    yield function, formula, np.abs(distinct(*shape)) + 0.51

    def test_values_are_those_of_numpy(self):
        for function, formula, x in self.each():
            for dtype, limit in ((np.float32, 1e-6), (np.float64, 1e-14)):
                for number in (2, 2.5, True, np.float64(2.5), np.float32(0.5), np.int32(3), np.array(1.5), np.array(2)):
                    x = x.astype(dtype)
                    for arguments in ((x, number), (number, x)):
                        y = function(*arguments)
                        self.assertEqual((y.dtype, y.shape), (x.dtype, x.shape))
                        self.assertLess(error(y, formula(*(np.asarray(a, np.float64) for a in arguments))), limit)

    def test_gradients(self):
        for function, _, x in self.each():
            two = np.array(2.5)
            for arguments in ((x, two), (two, x)):
                self.assertLess(directional_error(function, function.backward, arguments), 1e-8)
            dy = draw(*x.shape)
            want = function.backward(dy, x, 2.5)
            got = function.backward(dy.astype("f"), x.astype("f"), 2.5)
            for a, b in zip(got, want):
                self.assertEqual((a.dtype, a.shape), (np.float32, b.shape))
                self.assertLess(error(a, b), 1e-5)
            self.assertEqual(want[1].shape, ())

    def test_gradients_by_their_formulas(self):
        x, dy = draw(2, 3, 4), draw(2, 3, 4, seed=1)
        dx, d = F.multiply_backward(dy, x, 3)
        np.testing.assert_array_equal(dx, 3 * dy)
        self.assertAlmostEqual(float(d), (dy * x).sum(), places=12)
        d, dx = F.subtract_backward(dy, 1, x)
        np.testing.assert_array_equal(dx, -dy)
        self.assertAlmostEqual(float(d), dy.sum(), places=12)

    def test_arrays_that_stand_for_every_sample(self):
        for function, formula, _ in self.each():
            for one, other in (((1, 3, 1, 1), (4, 3, 5, 2)), ((1, 3, 1, 2), (4, 1, 5, 1)), ((1, 5), (3, 5)), ((1,), (4,)), ((3, 1), (4, 3, 2))):
                for shapes in ((one, other), (other, one)):
                    a, b = (np.abs(distinct(*shape)) + 0.51 + 0.013 * i for i, shape in enumerate(shapes))
                    self.assertLess(error(function(a, b), formula(a, b)), 1e-14)
                    self.assertLess(directional_error(function, function.backward, (a, b)), 1e-7)

    def test_sums_of_several(self):
        x, y = draw(2, 3, 4, 4), draw(2, 3, 4, 4, seed=1)
        np.testing.assert_array_equal(F.add(x, y), F.add([x, y]))
        np.testing.assert_array_equal(F.add(x, y, x), x + y + x)
        np.testing.assert_array_equal(F.add([2, x, y]), x + y + 2)
        self.assertEqual([g.shape for g in F.add_backward(x, 2, x, y)], [(), x.shape, x.shape])


if __name__ == "__main__":
    unittest.main()
