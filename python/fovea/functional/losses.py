"""Losses: scores (N,K) and one class number a sample give the mean over the batch. float32 runs the engine's kernels,
float64 the reference."""

import functools
import inspect
import typing

from .. import _fovea
from ..arrays import floats, labels as as_labels
from .operation import Array, attach_backward

Labels = typing.Union[Array, typing.Sequence[int]]


def loss(describe):
    """NAME(x, labels, ...) -> the mean loss, and NAME_backward(dy, x, labels, ...) -> dx, dy the gradient of the loss."""
    signature = inspect.signature(describe)

    def run(args, kwargs, with_gradient):
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        values = dict(bound.arguments)
        x, labels = floats(values.pop("x"), "x"), as_labels(values.pop("labels"))
        reduction = values.pop("reduction")
        if reduction not in ("mean", "sum"):
            raise ValueError(f'reduction is "{reduction}"; it must be mean or sum')
        scale = 1 if reduction == "mean" or not x.ndim else x.shape[0]
        value, dx = _fovea.run_loss(describe.__name__, values, x, labels, with_gradient)
        return value * scale, dx, scale

    @functools.wraps(describe)
    def forward(*args, **kwargs):
        return run(args, kwargs, False)[0]

    def backward(dy, *args, **kwargs):
        _, dx, scale = run(args, kwargs, True)
        return dx if dy == 1 and scale == 1 else (dx * (float(dy) * scale)).astype(dx.dtype)

    forward.__signature__ = signature.replace(return_annotation=float)
    attach_backward(forward, backward, signature)
    return forward


@loss
def softmax_cross_entropy(x: Array, labels: Labels, label_smoothing: float = 0.0, reduction: str = "mean"):
    """log(sum over j of exp(x[n,j])) - sum over k of t[k]*x[n,k], t[k] = (1 - e)*1{k = label} + e/K, e = label_smoothing.

    x are raw scores; torch.nn.functional.cross_entropy. Gradient: dx = (softmax(x) - t) * dy / N.
    """


@loss
def multiclass_hinge(x: Array, labels: Labels, margin: float = 1.0, reduction: str = "mean"):
    """Sum over k != label of max(0, x[n,k] - x[n,label] + margin); CS231n's SVM loss.

    PyTorch's multi_margin_loss is this divided by K. A term of exactly 0 has gradient 0. Gradient: dx.
    """


FUNCTIONS = (softmax_cross_entropy, multiclass_hinge)
