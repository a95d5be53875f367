"""Batch normalisation, with the conventions in which frameworks differ as arguments."""

import typing

import numpy as np

from ..arrays import floats, running
from .operation import Array, Call, operation


def _update(running_array, batch, momentum, weighs):
    """running = (1 - momentum)*running + momentum*batch, or the other way round where momentum weighs the old value."""
    share = momentum if weighs == "new" else 1 - momentum
    running_array += (share * (batch - running_array)).astype(running_array.dtype)


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
    for value, choices, name in ((momentum_weighs, ("new", "old"), "momentum_weighs"),
                                 (running_variance, ("unbiased", "biased"), "running_variance")):
        if value not in choices:
            raise ValueError(f'{name} is "{value}"; it must be {" or ".join(choices)}')
    if x.ndim not in (2, 4):
        raise ValueError(f"x must be (N,C,H,W) or (N,C), got {x.shape}")
    channels = x.shape[1]
    replace = {"weight": np.ones(channels, x.dtype) if weight is None else weight,
               "bias": np.zeros(channels, x.dtype) if bias is None else bias}
    hyper = {"eps": float(eps), "momentum": 1.0, "frozen": not training}
    if not training:
        if running_mean is None or running_var is None:
            raise ValueError("batch_norm needs running_mean and running_var when not training")
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


FUNCTIONS = (batch_norm,)
