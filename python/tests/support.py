"""What the tests share."""

import unittest

import numpy as np

try:
    import torch
except ImportError:
    torch = None

needs_torch = unittest.skipUnless(torch, "PyTorch is not installed")


def draw(*shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def distinct(*shape, seed=0, dtype=np.float64):
    """Multiples of 1/64, no two alike: nothing ties, and float32 holds them exactly."""
    values = np.random.default_rng(seed).permutation(int(np.prod(shape))) - np.prod(shape) // 2
    return (values.reshape(shape) / 64).astype(dtype)


def error(got, want):
    """The largest difference, relative to the largest value."""
    got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
    assert got.shape == want.shape, (got.shape, want.shape)
    return np.abs(got - want).max() / max(np.abs(want).max(), 1e-30)


def as_tuple(gradients):
    return tuple(gradients) if isinstance(gradients, (tuple, list)) else (gradients,)


def directional_error(function, backward, arrays, seed=1, step=1e-6):
    """<dx, v> of backward beside the central difference of <dy, y> along a random v; arrays may hold None."""
    rng = np.random.default_rng(seed)
    directions = [None if a is None else rng.standard_normal(a.shape) for a in arrays]

    def at(t):
        return np.asarray(function(*(None if a is None else a + t * v for a, v in zip(arrays, directions))))

    dy = rng.standard_normal(at(0).shape)
    gradients = as_tuple(backward(dy if dy.ndim else float(dy), *arrays))
    found = sum((g * v).sum() for g, v in zip(gradients, directions) if g is not None)
    wanted = (dy * (at(step) - at(-step))).sum() / (2 * step)
    return abs(found - wanted) / max(abs(found), abs(wanted), 1e-3)


def torch_gradients(function, arrays, dy):
    """y and the gradients of <dy, y> by PyTorch, in double."""
    leaves = [None if a is None else torch.tensor(np.asarray(a, np.float64), requires_grad=True) for a in arrays]
    y = function(*leaves)
    y.backward(torch.tensor(np.asarray(dy, np.float64)))
    return y.detach().numpy(), [None if leaf is None else leaf.grad.numpy() for leaf in leaves]
