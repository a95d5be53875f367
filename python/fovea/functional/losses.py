"""Losses: predictions and what they are held to give the mean over the batch. float32 runs the engine's kernels, float64 the
reference.

A description names the loss of the library, and returns what to multiply it by and its hyper-parameters. `target` is one class
number a sample, integers; or an array of the type and shape of x.
"""

import functools
import inspect
import typing

import numpy as np

from .. import _fovea
from ..arrays import floats, labels, to_numpy
from .operation import Array, attach_backward, bind

Target = typing.Union[Array, typing.Sequence[int]]
Weights = typing.Optional[typing.Sequence[float]]


def _target(value, dtype):
    array = to_numpy(value, "target")
    return labels(array, "target") if array.dtype.kind in "iu" else floats(array, "target", dtype)


def loss(type, name=None):
    """NAME(x, target, ...) -> the loss, and NAME_backward(dy, x, target, ...) -> dx, dy the gradient of the loss."""

    def decorate(describe):
        signature = inspect.signature(describe)

        def run(bound, with_gradient):
            values = dict(bound.arguments)
            values["x"] = x = floats(values["x"], "x")
            target, reduction = _target(values.pop("target"), x.dtype), values.pop("reduction")
            if reduction not in ("mean", "sum"):
                raise ValueError(f'reduction is "{reduction}"; it must be mean or sum')
            times, hyper = describe(target=target, reduction=reduction, **values)
            value, dx, terms = _fovea.run_loss(type, hyper, x, target, with_gradient)
            scale = times * (terms if reduction == "sum" else 1)
            return value * scale, dx, scale

        @functools.wraps(describe)
        def forward(*args, **kwargs):
            return run(bind(forward.__name__, signature, args, kwargs), False)[0]

        def backward(*args, **kwargs):
            bound = bind(backward.__name__, backward.__signature__, args, kwargs)
            dy = float(bound.arguments.pop("dy"))
            _, dx, scale = run(bound, True)
            return dx if dy * scale == 1 else (dx * (dy * scale)).astype(dx.dtype)

        forward.__name__ = forward.__qualname__ = name or describe.__name__
        forward.__signature__ = signature.replace(return_annotation=float)
        forward.type = type
        attach_backward(forward, backward, signature)
        return forward

    return decorate


def _weights(name, weight):
    return {} if weight is None else {name: np.asarray(weight, np.float64).ravel().tolist()}


def _cross_entropy(x: Array, target: Target, weight: Weights = None, *, label_smoothing: float = 0.0, reduction: str = "mean"):
    """Sum over k of w[k]*t[k]*(log(sum over j of exp(x[n,j])) - x[n,k]), x raw scores (N,K), w = weight or 1.

    t = (1 - e)*target + e/K, e = label_smoothing; target is class numbers or shares of classes (N,K). The mean over class numbers is
    divided by the sum of w[label n], that over shares by N. Gradient: dx.
    """
    return 1, {"label_smoothing": label_smoothing, **_weights("class_weights", weight)}


cross_entropy = loss("softmax_cross_entropy", "cross_entropy")(_cross_entropy)
softmax_cross_entropy = loss("softmax_cross_entropy", "softmax_cross_entropy")(_cross_entropy)


@loss("negative_log_likelihood")
def nll_loss(x: Array, target: Target, weight: Weights = None, *, reduction: str = "mean"):
    """-sum over k of w[k]*target[n,k]*x[n,k], x the logarithms of probabilities; divided as in cross_entropy. Gradient: dx."""
    return 1, _weights("class_weights", weight)


@loss("binary_cross_entropy")
def binary_cross_entropy_with_logits(x: Array, target: Array, *, reduction: str = "mean", pos_weight: Weights = None):
    """p*t*log(1 + exp(-x)) + (1 - t)*log(1 + exp(x)) of every element, x raw scores, t = target, p = pos_weight or 1.

    pos_weight: one number, or one for each element of a sample. Gradient: dx.
    """
    return 1, _weights("pos_weight", pos_weight)


@loss("mean_squared_error")
def mse_loss(x: Array, target: Array, *, reduction: str = "mean"):
    """(x - target)^2 of every element. Gradient: dx."""
    return 1, {}


@loss("mean_absolute_error")
def l1_loss(x: Array, target: Array, *, reduction: str = "mean"):
    """|x - target| of every element; its gradient at 0 is 0. Gradient: dx."""
    return 1, {}


@loss("huber")
def huber_loss(x: Array, target: Array, *, reduction: str = "mean", delta: float = 1.0):
    """d^2/2 where |d| <= delta, else delta*(|d| - delta/2), d = x - target. Gradient: dx."""
    return 1, {"delta": delta}


@loss("huber")
def smooth_l1_loss(x: Array, target: Array, *, reduction: str = "mean", beta: float = 1.0):
    """d^2/(2*beta) where |d| <= beta, else |d| - beta/2, d = x - target; beta > 0. Gradient: dx."""
    return 1 / beta if beta > 0 else 1, {"delta": beta}


@loss("multiclass_hinge")
def multiclass_hinge(x: Array, target: Target, margin: float = 1.0, *, reduction: str = "mean"):
    """Sum over k != label of max(0, x[n,k] - x[n,label] + margin); CS231n's SVM loss.

    PyTorch's multi_margin_loss is this divided by K. A term of exactly 0 has gradient 0. Gradient: dx.
    """
    return 1, {"margin": margin}


@loss("multiclass_hinge")
def multi_margin_loss(x: Array, target: Target, *, margin: float = 1.0, reduction: str = "mean"):
    """multiclass_hinge divided by the number of classes. Gradient: dx."""
    return 1 / max(1, x.shape[-1] if x.ndim else 1), {"margin": margin}


FUNCTIONS = (cross_entropy, softmax_cross_entropy, nll_loss, binary_cross_entropy_with_logits, mse_loss, l1_loss, huber_loss,
             smooth_l1_loss, multiclass_hinge, multi_margin_loss)
