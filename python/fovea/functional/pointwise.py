"""Activations, joins, dropout, softmax: a description a layer."""

import inspect
import typing

import numpy as np

from ..arrays import floats
from .operation import Array, Arrays, Call, attach_backward, operation


@operation
def relu(x: Array):
    """y = x where x > 0, else 0. Its gradient at 0 is 0; a NaN passes through with its gradient. Gradient: dx."""
    return Call("relu")


@operation
def relu6(x: Array):
    """y = min(max(x, 0), 6). Its gradient at 0 and at 6 is 0. Gradient: dx."""
    return Call("relu6")


@operation
def leaky_relu(x: Array, negative_slope: float = 0.01):
    """y = x where x > 0, else negative_slope*x; its gradient at 0 is negative_slope. Gradient: dx."""
    return Call("leaky_relu", slope=float(negative_slope))


@operation
def gelu(x: Array, approximate: str = "none"):
    """y = x*Phi(x), Phi the normal distribution; "tanh" approximates it within 5e-4. Gradient: dx."""
    return Call("gelu", approximate=approximate)


@operation
def flatten(x: Array):
    """A map as features in row-major order: x (N,...), y (N, C*H*W). Gradient: dx."""
    return Call("flatten")


@operation
def add(x: Arrays):
    """The sum of arrays of one shape, added in their order. Gradients: one for each."""
    return Call("add")


@operation
def concat(x: Arrays):
    """Arrays (N,Ci,...) joined along the channels, equal in all other extents. Gradients: one for each."""
    return Call("concat")


@operation
def dropout(x: Array, p: float = 0.5, training: bool = True, *, seed: int = 0, epoch: int = 0,
            samples: typing.Sequence[int] = ()):
    """Inverted dropout: y = keep * x / (1 - p), keep drawn 0 with probability p; y = x when not training.

    The draws are counters keyed by (seed, epoch, samples[n], index in the image): the same arguments give the same mask,
    in dropout_backward too, and an image's mask depends on no other image. samples: numbers of the images, 0, 1, 2, ...
    when empty. Gradient: dx.
    """
    return Call("dropout", rate=float(p) if training else 0.0, draws=(seed, epoch, [int(s) for s in samples]))


@operation
def _softmax(x: Array):
    """Over the features of each row of (N,C)."""
    return Call("softmax")


def _over_rows(function, dim, *arrays):
    """function on (everything else, axis `dim`), and its result in the shape of the arrays."""
    if not -arrays[0].ndim <= dim < arrays[0].ndim:
        raise ValueError(f"dim is {dim}; x has {arrays[0].ndim} axes")
    moved = [np.moveaxis(a, dim, -1) for a in arrays]
    y = function(*(np.ascontiguousarray(m).reshape(-1, m.shape[-1]) for m in moved))
    return np.ascontiguousarray(np.moveaxis(y.reshape(moved[0].shape), -1, dim))


def softmax(x: Array, dim: int = -1) -> Array:
    """y = exp(x - max(x)) / sum of exp(x - max(x)) along the axis `dim`. Gradient: dx."""
    return _over_rows(_softmax, dim, floats(x, "x"))


def _softmax_backward(dy, x, dim=-1):
    x = floats(x, "x")
    dy = floats(dy, "dy", x.dtype)
    if dy.shape != x.shape:
        raise ValueError(f"dy must have the shape of x, {x.shape}, got {dy.shape}")
    return _over_rows(_softmax.backward, dim, dy, x)


attach_backward(softmax, _softmax_backward, inspect.signature(softmax))

FUNCTIONS = (relu, relu6, leaky_relu, gelu, flatten, add, concat, dropout, softmax)
