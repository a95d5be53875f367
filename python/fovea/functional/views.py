"""Functions that only cut an array or move its axes: any axis may be meant, that of the samples too."""

import functools
import inspect
import typing

import numpy as np

from ..arrays import floats
from ..errors import ArgumentError, ShapeError
from .operation import Array, Arrays, attach_backward, bind
from .refusals import arrays, axis, integers, named

Size = typing.Union[int, typing.Sequence[int]]


def _view(describe):
    """NAME and NAME_backward of a description that gives y, as views of x, and dx of dy."""
    signature = inspect.signature(describe)
    several = signature.return_annotation is Arrays

    def run(function, args, kwargs, compute):
        bound = bind(function.__name__, function.__signature__, args, kwargs)
        dy = bound.arguments.pop("dy", None)
        with named(function.__name__):
            x = bound.arguments["x"] = floats(bound.arguments["x"], "x")
            return compute(x, dy, *describe(**bound.arguments))

    def gradient(x, dy, y, join):
        if not several:
            return join(_beside("dy", dy, y)).copy("C")
        dy = arrays("dy", dy)
        if len(dy) != len(y):
            raise ShapeError(f"dy must have {len(y)} arrays, got {len(dy)}")
        return join([_beside(f"dy[{i}]", d, part) for i, (d, part) in enumerate(zip(dy, y))])

    @functools.wraps(describe)
    def forward(*args, **kwargs):
        return run(forward, args, kwargs, lambda x, dy, y, join: tuple(part.copy() for part in y) if several else y.copy("C"))

    def backward(*args, **kwargs):
        return run(backward, args, kwargs, gradient)

    forward.__signature__ = signature.replace(return_annotation=typing.Tuple[Array, ...] if several else Array)
    attach_backward(forward, backward, signature, dy=Arrays if several else Array)
    return forward


def _beside(name, dy, y):
    dy = floats(dy, name, y.dtype)
    if dy.shape != y.shape:
        raise ShapeError(f"{name} must have the shape of the output, {y.shape}, got {dy.shape}")
    return dy


@_view
def split(x: Array, split_size_or_sections: Size, dim: int = 0) -> Arrays:
    """Parts of x along the axis dim: of one size, the last one smaller where it does not come out even, or of the sizes given.

    dy: one for each. Gradient: dx.
    """
    along = axis("dim", dim, x.ndim)
    extent, sizes = x.shape[along], integers("split_size_or_sections", split_size_or_sections, 1)
    if np.ndim(split_size_or_sections) == 0:
        sizes = [min(sizes[0], extent - i) for i in range(0, extent, sizes[0])]
    if sum(sizes) != extent:
        raise ArgumentError(f"split_size_or_sections is {split_size_or_sections!r}; the sum must be {extent}, the extent of axis {along}")
    return np.split(x, np.cumsum(sizes)[:-1], along), lambda dy: np.concatenate(dy, along)


@_view
def squeeze(x: Array, dim: typing.Union[None, int, typing.Sequence[int]] = None) -> Array:
    """x without its axes of extent 1, or without those among the axes dim. Gradient: dx."""
    axes = range(x.ndim) if dim is None else [axis("dim", d, x.ndim) for d in integers("dim", dim)]
    return x.squeeze(tuple({a for a in axes if x.shape[a] == 1})), lambda dy: dy.reshape(x.shape)


@_view
def unsqueeze(x: Array, dim: int) -> Array:
    """x with an axis of extent 1 before its axis dim. Gradient: dx."""
    return np.expand_dims(x, axis("dim", dim, x.ndim + 1)), lambda dy: dy.reshape(x.shape)


@_view
def permute(x: Array, dims: typing.Sequence[int]) -> Array:
    """x with its axes in the order dims, which names each once. Gradient: dx."""
    order = [axis("dims", d, x.ndim) for d in integers("dims", dims)]
    if sorted(order) != list(range(x.ndim)):
        raise ArgumentError(f"dims is {dims!r}; it must name each of the {x.ndim} axes of x once")
    return x.transpose(order), lambda dy: dy.transpose(np.argsort(order))


FUNCTIONS = (split, squeeze, unsqueeze, permute)
