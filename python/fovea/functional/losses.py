"""Losses: predictions and what they are held to give the mean over the batch. float32 runs the engine's kernels, float64 the
reference; the losses of single samples or elements come from the reference in both.

A description names the loss of the library, and returns what to multiply it by, a number or an array as large as x, and its
hyper-parameters. `target` is one class number a sample, integers; or an array of the type and shape of x, which may hold integers
where it can be no class numbers.
"""

import functools
import inspect
import math
import typing

import numpy as np

from .. import _fovea
from ..arrays import floats, labels, reals, to_numpy
from ..errors import ArgumentError, ShapeError
from .operation import Array, attach_backward, bind
from .refusals import choice, integer, named, number

Target = typing.Union[Array, typing.Sequence[int]]
Weights = typing.Union[None, float, Array, typing.Sequence[float]]
Value = typing.Union[float, typing.Any]  # a number; an array with reduction="none"


def _target(value, x, ignored, of_elements):
    """Class numbers or an array beside x, and which samples count: an array of bools, or None for all."""
    array = to_numpy(value, "target")
    if of_elements and array.dtype.kind in "iub":
        return reals(array, "target", x.dtype), None
    if array.dtype.kind not in "iu":
        if ignored is not None and integer("ignore_index", ignored) >= 0:
            raise ArgumentError(f"ignore_index is {ignored}; it is for class numbers, not for shares of classes")
        return floats(array, "target", x.dtype), None
    if array.ndim != 1:
        raise ShapeError(f"target must be (N), one class number a sample, got {array.shape}")
    if ignored is None or len(array) != len(x):
        return labels(array, "target"), None
    kept = array != integer("ignore_index", ignored)
    return labels(array[kept], "target"), None if kept.all() else kept


class _Run:
    """One call of a loss: its arguments, checked, of the samples that count, and what they mean."""

    def __init__(self, type, describe, x, target, reduction, **others):
        self.type, self.reduction = type, choice("reduction", reduction, ("mean", "sum", "none"))
        x, of_elements = floats(x, "x"), _fovea.loss_takes(type) == "values"
        if x.ndim == 0:
            raise ShapeError("x must have a batch axis")
        target, self.kept = _target(target, x, others.get("ignore_index"), of_elements)
        self.times, self.hyper = describe(x=x, target=target, reduction=reduction, **others)
        self.shape = x.shape if of_elements else x.shape[:1]  # of the single losses
        self.x = self._of_those_kept(x)
        self.target = target if reduction == "mean" or "class_weights" not in self.hyper else self._shares(target)

    def _of_those_kept(self, array):
        return array if self.kept is None else array[self.kept]

    def _of_all(self, array):
        if self.kept is None:
            return array
        every = np.zeros((len(self.kept), *array.shape[1:]), array.dtype)
        every[self.kept] = array
        return every

    def _shares(self, target):
        """Class numbers as shares: no sum of weights, which may be 0, divides these. Class numbers that will be refused stay."""
        classes = self.x.shape[-1]
        if target.dtype != np.int32 or target.max(initial=0) >= classes:
            return target
        shares = np.zeros((len(target), classes), self.x.dtype)
        shares[np.arange(len(target)), target] = 1
        return shares

    def _each(self):
        weights = self.hyper.get("pos_weight", ())
        if len(weights) < 2:
            return _fovea.run_loss_each(self.type, self.hyper, self.x, self.target)
        y = np.empty_like(self.x)
        for weight in set(weights):
            chosen = np.equal(weights, weight).reshape(self.x.shape[1:])
            y[:, chosen] = _fovea.run_loss_each(self.type, {"pos_weight": [weight]}, *(
                np.ascontiguousarray(a[:, chosen]) for a in (self.x, self.target)))
        return y

    def _nothing_counts(self):
        return self.kept is not None and not self.kept.any()

    def forward(self):
        if self._nothing_counts():
            return {"mean": math.nan, "sum": 0.0}.get(self.reduction, np.zeros(self.shape, self.x.dtype))
        if self.reduction == "none" or np.ndim(self.times):
            each = (self._each() * self.times).astype(self.x.dtype, copy=False)
            if self.reduction == "none":
                return self._of_all(each)
            return math.fsum(each.ravel()) / (each.size if self.reduction == "mean" else 1)
        value, _, terms = _fovea.run_loss(self.type, self.hyper, self.x, self.target, False)
        return value * self.times * (terms if self.reduction == "sum" else 1)

    def backward(self, dy):
        dy = self._dy(dy)
        if self._nothing_counts():
            return self._of_all(np.zeros_like(self.x))
        _, dx, terms = _fovea.run_loss(self.type, self.hyper, self.x, self.target, True)
        scale = self.times * (dy if self.reduction == "mean" else dy * terms)
        return self._of_all(dx if np.ndim(scale) == 0 and scale == 1 else (dx * scale).astype(dx.dtype, copy=False))

    def _dy(self, dy):
        """What stands before the gradient: a number, or an array that broadcasts to x."""
        if self.reduction != "none":
            return number("dy", dy)
        dy = floats(dy, "dy", self.x.dtype)
        if dy.shape != self.shape:
            raise ShapeError(f"dy must have the shape of the output, {self.shape}, got {dy.shape}")
        dy = self._of_those_kept(dy)
        return dy.reshape(*dy.shape, *[1] * (self.x.ndim - dy.ndim))


def loss(type, name=None, **names):
    """NAME(x, target, ...) -> the loss, and NAME_backward(dy, x, target, ...) -> dx, dy the gradient of the loss. `names`:
    hyper-parameters, and the keywords of another name that stand for them."""

    def decorate(describe):
        signature = inspect.signature(describe)

        def run(function, args, kwargs, compute):
            bound = bind(function.__name__, function.__signature__, args, kwargs)
            dy = bound.arguments.pop("dy", None)
            with named(function.__name__, type, names):
                return compute(_Run(type, describe, **bound.arguments), dy)

        @functools.wraps(describe)
        def forward(*args, **kwargs):
            return run(forward, args, kwargs, lambda made, dy: made.forward())

        def backward(*args, **kwargs):
            return run(backward, args, kwargs, _Run.backward)

        forward.__name__ = forward.__qualname__ = name or describe.__name__
        forward.__signature__ = signature.replace(return_annotation=Value)
        forward.type = type
        attach_backward(forward, backward, signature, gradients=Array, dy=typing.Union[float, Array])
        return forward

    return decorate


def _class_weights(weight):
    if weight is None:
        return {}
    numbers = reals(weight, "weight", np.float64)
    if numbers.ndim != 1:
        raise ShapeError(f"weight must be (K), one number a class, got {numbers.shape}")
    return {"class_weights": numbers.tolist()}


def _cross_entropy(x: Array, target: Target, weight: Weights = None, *, ignore_index: int = -100, label_smoothing: float = 0.0,
                   reduction: str = "mean"):
    """Sum over k of w[k]*t[k]*(log(sum over j of exp(x[n,j])) - x[n,k]), x raw scores (N,K), w = weight or 1.

    t = (1 - e)*target + e/K, e = label_smoothing; target is class numbers or shares of classes (N,K). Samples of the class number
    ignore_index do not count. The mean over class numbers is divided by the sum of w[label n], that over shares by N; reduction "none"
    gives the loss of each sample. Gradient: dx.
    """
    return 1, {"label_smoothing": label_smoothing, **_class_weights(weight)}


cross_entropy = loss("softmax_cross_entropy", "cross_entropy", class_weights="weight")(_cross_entropy)
softmax_cross_entropy = loss("softmax_cross_entropy", "softmax_cross_entropy", class_weights="weight")(_cross_entropy)


@loss("negative_log_likelihood", class_weights="weight")
def nll_loss(x: Array, target: Target, weight: Weights = None, *, ignore_index: int = -100, reduction: str = "mean"):
    """-sum over k of w[k]*target[n,k]*x[n,k], x the logarithms of probabilities; divided as in cross_entropy. Gradient: dx."""
    return 1, _class_weights(weight)


def _beside(name, value, x, shape):
    """Numbers for the elements of `shape`, by broadcasting."""
    numbers = reals(value, name, np.float64)
    try:
        return np.broadcast_to(numbers, shape)
    except ValueError:
        raise ShapeError(f"{name} of {numbers.shape} does not broadcast to {shape}, x being {x.shape}") from None


@loss("binary_cross_entropy")
def binary_cross_entropy_with_logits(x: Array, target: Array, weight: Weights = None, *, reduction: str = "mean",
                                     pos_weight: Weights = None):
    """w*(p*t*log(1 + exp(-x)) + (1 - t)*log(1 + exp(x))) of every element, x raw scores, t = target, w = weight or 1,
    p = pos_weight or 1.

    weight broadcasts to x, pos_weight to a sample of it; the mean is over all elements, whatever their weights. Gradient: dx.
    """
    times = 1 if weight is None else _beside("weight", weight, x, x.shape)
    if pos_weight is None:
        return times, {}
    positive = reals(pos_weight, "pos_weight", np.float64)
    positive = positive if positive.size == 1 else _beside("pos_weight", positive, x, x.shape[1:])
    return times, {"pos_weight": positive.ravel().tolist()}


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


@loss("huber", delta="beta")
def smooth_l1_loss(x: Array, target: Array, *, reduction: str = "mean", beta: float = 1.0):
    """d^2/(2*beta) where |d| <= beta, else |d| - beta/2, d = x - target; beta > 0. Gradient: dx."""
    return 1 / max(number("beta", beta), 1e-12), {"delta": beta}


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
