"""split, squeeze, unsqueeze and permute beside numpy, and beside PyTorch where it is installed."""

import unittest

import numpy as np

from fovea import functional as F
from support import directional_error, draw, needs_torch, torch

SPLITS = [(size, dim) for dim, sizes in {0: (1, 2, 3, 9, [1, 3], [4]), 1: (2, 4, [1, 4, 2], (7,)), -1: (1, [2, 1])}.items() for size in sizes]


class Views(unittest.TestCase):
    def test_parts(self):
        x = draw(4, 7, 2, 3)
        for dtype in (np.float32, np.float64):
            for size, dim in SPLITS:
                with self.subTest(size=size, dim=dim, dtype=dtype.__name__):
                    cuts = np.cumsum(size)[:-1] if np.ndim(size) else range(size, x.shape[dim], size)
                    got, want = F.split(x.astype(dtype), size, dim), np.split(x.astype(dtype), cuts, dim)
                    self.assertIsInstance(got, tuple)
                    self.assertEqual(len(got), len(want))
                    for a, b in zip(got, want):
                        np.testing.assert_array_equal(a, b)
                        self.assertEqual((a.dtype, a.flags.c_contiguous, a.flags.owndata), (dtype, True, True))
                    np.testing.assert_array_equal(F.split_backward(got, x.astype(dtype), size, dim), x.astype(dtype))

    @needs_torch
    def test_parts_beside_pytorch(self):
        x = draw(4, 7, 2, 3)
        for size, dim in SPLITS:
            leaf = torch.tensor(x, requires_grad=True)
            parts = torch.split(leaf, list(size) if np.ndim(size) else size, dim)
            self.assertEqual([p.shape for p in parts], [p.shape for p in F.split(x, size, dim)])
            dy = [draw(*p.shape, seed=i) for i, p in enumerate(parts)]
            (dx,) = torch.autograd.grad(parts, leaf, [torch.tensor(d) for d in dy])
            np.testing.assert_array_equal(F.split_backward(dy, x, size, dim), dx.numpy())

    def test_axes_of_one(self):
        x = draw(1, 3, 1, 2)
        for dim, shape in ((None, (3, 2)), (0, (3, 1, 2)), (1, x.shape), (-2, (1, 3, 2)), ((0, 2), (3, 2)), ([], x.shape)):
            y = F.squeeze(x, dim)
            np.testing.assert_array_equal(y, x.reshape(shape))
            self.assertFalse(np.shares_memory(x, y))
            self.assertLess(directional_error(lambda v: F.squeeze(v, dim), lambda dy, v: F.squeeze_backward(dy, v, dim), (x,)), 1e-8)
        self.assertEqual(F.squeeze(x[:, :1, :, :1]).shape, ())
        for dim in range(-5, 5):
            y = F.unsqueeze(x, dim)
            np.testing.assert_array_equal(y, np.expand_dims(x, dim))
            np.testing.assert_array_equal(F.unsqueeze_backward(y, x, dim), x)
        self.assertEqual(F.unsqueeze(np.float32(3), 0).dtype, np.float32)

    def test_axes_in_another_order(self):
        x = draw(2, 3, 4, 5)
        for dims in ((0, 1, 2, 3), (1, 2, 0, 3), [0, -1, 1, 2], (3, 2, 1, 0)):
            y = F.permute(x, dims)
            np.testing.assert_array_equal(y, x.transpose(dims))
            self.assertTrue(y.flags.c_contiguous and not np.shares_memory(x, y))
            np.testing.assert_array_equal(F.permute_backward(y, x, dims), x)
        for dims in ((0, 1, 2), (0, 1, 2, 2), (0, 1, 2, 4), 3):
            with self.assertRaisesRegex((ValueError, TypeError), "permute: dims"):
                F.permute(x, dims)


if __name__ == "__main__":
    unittest.main()
