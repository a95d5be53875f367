"""Normalisation, with the conventions in which frameworks differ as arguments."""

import typing

import numpy as np

from ..arrays import floats, running
from ..errors import ArgumentError, ShapeError
from .operation import Array, Call, operation
from .refusals import choice, integer, integers, number


def _update(running_array, batch, momentum, weighs):
    """running = (1 - momentum)*running + momentum*batch, or the other way round where momentum weighs the old value."""
    share = momentum if weighs == "new" else 1 - momentum
    running_array += (share * (batch - running_array)).astype(running_array.dtype)


def _scale(x, shape, weight, bias):
    """What stands for a weight or a bias that is None."""
    return {"weight": np.ones(shape, x.dtype) if weight is None else weight,
            "bias": np.zeros(shape, x.dtype) if bias is None else bias}


@operation
def batch_norm(x: Array, running_mean: typing.Any = None, running_var: typing.Any = None,
               weight: typing.Optional[Array] = None, bias: typing.Optional[Array] = None, training: bool = False,
               momentum: float = 0.1, eps: float = 1e-5, *, momentum_weighs: str = "new",
               running_variance: str = "unbiased"):
    """y = weight*(x - mu)/sqrt(var + eps) + bias per channel, with mu and the biased var of the batch when training, else
    the running ones.

    x (N,C,H,W) or (N,C); the others (C) or None: weight 1, bias 0. In training running_mean and running_var are updated in
    place, as in PyTorch; they need not be given then.
    momentum_weighs   "new" (PyTorch, MindSpore): running = (1 - momentum)*running + momentum*batch
                      "old" (Darknet, Caffe, Keras, CS231n): running = momentum*running + (1 - momentum)*batch
    running_variance  "unbiased" (PyTorch, Darknet): var*m/(m-1) is averaged; "biased" (CS231n, Keras): var itself
    Gradients: dx, dweight, dbias; the running statistics are constants. When not training dx = weight*dy/sqrt(var + eps).
    """
    choice("momentum_weighs", momentum_weighs, ("new", "old"))
    choice("running_variance", running_variance, ("unbiased", "biased"))
    momentum = number("momentum", momentum)
    if not np.isfinite(momentum):
        raise ArgumentError(f"momentum is {momentum}; it must be finite")
    if x.ndim not in (2, 4):
        raise ShapeError(f"x must be (N,C,H,W) or (N,C), got {x.shape}")
    channels = x.shape[1]
    replace = _scale(x, channels, weight, bias)
    hyper = {"eps": eps, "momentum": 1.0, "frozen": not training}
    if not training:
        if running_mean is None or running_var is None:
            raise ArgumentError("running_mean and running_var are needed when not training")
        states = (floats(running_mean, "running_mean", x.dtype).copy(), floats(running_var, "running_var", x.dtype).copy())
        return Call("batch_norm", parameters=("weight", "bias"), replace=replace, states=states, **hyper)

    kept = [(None if r is None else running(r, name, (channels,), x.dtype))
            for r, name in ((running_mean, "running_mean"), (running_var, "running_var"))]
    # With momentum 1 the layer leaves the statistics of the batch, variance unbiased.
    mean, variance = np.zeros(channels, x.dtype), np.zeros(channels, x.dtype)

    def update():
        m = x.size // channels
        scale = 1.0 if running_variance == "unbiased" else (m - 1) / m
        for r, batch in zip(kept, (mean.astype(np.float64), scale * variance.astype(np.float64))):
            if r is not None:
                _update(r, batch, momentum, momentum_weighs)

    return Call("batch_norm", parameters=("weight", "bias"), replace=replace, states=(mean, variance), after=update, **hyper)


def _of_each_sample(type, x, extents, weight, bias, **hyper):
    affine = weight is not None or bias is not None
    return Call(type, parameters=("weight", "bias"), replace=_scale(x, extents, weight, bias) if affine else {}, affine=affine, **hyper)


@operation
def layer_norm(x: Array, normalized_shape: typing.Union[int, typing.Sequence[int]], weight: typing.Optional[Array] = None,
               bias: typing.Optional[Array] = None, eps: float = 1e-5):
    """y = weight*(x - mu)/sqrt(var + eps) + bias, mu and the biased var over the last axes, of the extents normalized_shape.

    x (N, ..., normalized_shape); weight, bias of normalized_shape or None. Gradients: dx, dweight, dbias.
    """
    shape = integers("normalized_shape", normalized_shape)
    return _of_each_sample("layer_norm", x, shape, weight, bias, names={"shape": "normalized_shape"}, shape=shape, eps=eps)


@operation
def group_norm(x: Array, num_groups: int, weight: typing.Optional[Array] = None, bias: typing.Optional[Array] = None,
               eps: float = 1e-5):
    """y = weight*(x - mu)/sqrt(var + eps) + bias, mu and the biased var over the channels of a group and their pixels.

    x (N,C,...); weight, bias (C) or None. Gradients: dx, dweight, dbias.
    """
    return _of_each_sample("group_norm", x, x.shape[1:2], weight, bias, names={"groups": "num_groups"}, groups=num_groups, eps=eps)


@operation
def instance_norm(x: Array, *, weight: typing.Optional[Array] = None, bias: typing.Optional[Array] = None, eps: float = 1e-5):
    """y = weight*(x - mu)/sqrt(var + eps) + bias, mu and the biased var over the pixels of each plane; no running statistics.

    x (N,C,...); weight, bias (C) or None. Gradients: dx, dweight, dbias.
    """
    return _of_each_sample("instance_norm", x, x.shape[1:2], weight, bias, eps=eps)


@operation
def local_response_norm(x: Array, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0, *, odd_channel: str = "before"):
    """y = x * (k + alpha/size * (sum of x^2 over the `size` channels around it))^-beta; channels that do not exist count 0.

    odd_channel  of an even size: on which side of a channel the window has one more, "before" (PyTorch) or "after" (ONNX)
    Gradient: dx.
    """
    turned = {}
    if choice("odd_channel", odd_channel, ("before", "after")) == "before" and integer("size", size) % 2 == 0:
        turned["inward"] = turned["outward"] = lambda a: a[:, ::-1]
    return Call("local_response_norm", names={"bias": "k"}, size=size, alpha=alpha, beta=beta, bias=k, **turned)


FUNCTIONS = (batch_norm, layer_norm, group_norm, instance_norm, local_response_norm)
