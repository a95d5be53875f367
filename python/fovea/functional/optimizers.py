"""Update rules: (w, state) = RULE(w, dw, state, ...). The arrays that come in are not changed; state None begins.
In float32 the engine's own rules, with the same bits as in training; in float64 their references."""

import collections.abc
import typing

import numpy as np

from .. import _fovea
from ..arrays import floats
from ..errors import ArgumentError, ShapeError
from .operation import Array
from .refusals import integer, named, number

State = typing.Optional[typing.Mapping[str, typing.Any]]
Stepped = typing.Tuple[Array, typing.Dict[str, typing.Any]]


def _step(rule, w, dw, state, **keywords):
    with named(rule, "optimizer", {"beta1": "betas[0]", "beta2": "betas[1]"}):
        if "betas" in keywords:
            keywords["beta1"], keywords["beta2"] = _betas(keywords.pop("betas"))
        w = floats(w, "w").copy()
        dw = floats(dw, "dw", w.dtype).copy()
        if dw.shape != w.shape:
            raise ShapeError(f"dw must have the shape of w, {w.shape}, got {dw.shape}")
        names = _fovea.optimizer_state(rule)
        if state is None:
            state = {"step": 0, **{name: np.zeros_like(w) for name in names}}
        if not isinstance(state, collections.abc.Mapping):
            raise TypeError(f"state is {state!r}; it must be what an earlier step gave, or None, which begins anew")
        missing = [name for name in ("step", *names) if name not in state]
        if missing:
            raise ArgumentError(f"state lacks {', '.join(missing)}; None begins anew")
        t = integer("state['step']", state["step"], 0, 2**62) + 1
        kept = [floats(state[name], name, w.dtype).copy() for name in names]
        _fovea.optimizer_step({"optimizer": rule, **keywords}, t, dw, kept, w)
        return w, {"step": t, **dict(zip(names, kept))}


def _betas(betas):
    if isinstance(betas, (str, bytes)) or not hasattr(betas, "__len__") or len(betas) != 2:
        raise ArgumentError(f"betas is {betas!r}; it must be two numbers")
    return tuple(number(f"betas[{i}]", beta) for i, beta in enumerate(betas))


def sgd(w: Array, dw: Array, state: State = None, *, lr: float, momentum: float = 0.0, nesterov: bool = False,
        weight_decay: float = 0.0) -> Stepped:
    """d = dw + weight_decay*w; v = momentum*v + d; w -= lr * (nesterov ? d + momentum*v : v).

    The velocity holds no rate (PyTorch; in CS231n it does: v = momentum*v - lr*d). State: step, velocity.
    """
    return _step("sgd", w, dw, state, lr=lr, momentum=momentum, nesterov=nesterov, weight_decay=weight_decay)


def adagrad(w: Array, dw: Array, state: State = None, *, lr: float = 1e-2, lr_decay: float = 0.0, eps: float = 1e-10,
            weight_decay: float = 0.0) -> Stepped:
    """d = dw + weight_decay*w; s += d^2; w -= lr / (1 + (t - 1)*lr_decay) * d / (sqrt(s) + eps).

    State: step, square.
    """
    return _step("adagrad", w, dw, state, lr=lr, lr_decay=lr_decay, eps=eps, weight_decay=weight_decay)


def _adam(rule, w, dw, state, lr, betas, eps, weight_decay, eps_uncorrected):
    return _step(rule, w, dw, state, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay,
                 eps_uncorrected=eps_uncorrected)


def adam(w: Array, dw: Array, state: State = None, *, lr: float = 1e-3, betas: typing.Sequence[float] = (0.9, 0.999),
         eps: float = 1e-8, weight_decay: float = 0.0, eps_uncorrected: bool = False) -> Stepped:
    """d = dw + weight_decay*w; m += (1 - beta1)*(d - m); s += (1 - beta2)*(d^2 - s);
    w -= lr * (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + eps).

    eps_uncorrected: eps stands beside sqrt(s) before its bias is corrected, (sqrt(s) + eps)/sqrt(1 - beta2^t), as in
    TensorFlow, Keras and the paper's "epsilon hat"; PyTorch adds it after. State: step, mean, square.
    """
    return _adam("adam", w, dw, state, lr, betas, eps, weight_decay, eps_uncorrected)


def adamw(w: Array, dw: Array, state: State = None, *, lr: float = 1e-3, betas: typing.Sequence[float] = (0.9, 0.999),
          eps: float = 1e-8, weight_decay: float = 1e-2, eps_uncorrected: bool = False) -> Stepped:
    """adam without decay in d, after w *= 1 - lr*weight_decay. State: step, mean, square."""
    return _adam("adamw", w, dw, state, lr, betas, eps, weight_decay, eps_uncorrected)


def rmsprop(w: Array, dw: Array, state: State = None, *, lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8,
            weight_decay: float = 0.0, momentum: float = 0.0) -> Stepped:
    """d = dw + weight_decay*w; s += (1 - alpha)*(d^2 - s); v = momentum*v + d / (sqrt(s) + eps); w -= lr*v.

    State: step, square, velocity.
    """
    return _step("rmsprop", w, dw, state, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum)


def muon(w: Array, dw: Array, state: State = None, *, lr: float = 0.02, momentum: float = 0.95, nesterov: bool = True,
         weight_decay: float = 0.0, newton_schulz: int = 5, renormalise: bool = False) -> Stepped:
    """v = momentum*v + dw; w = s*(1 - lr*weight_decay)*w - lr*Orthogonalise(nesterov ? dw + momentum*v : v).

    s = sqrt(rows)/|w| with renormalise, else 1; a vector learns by sgd. State: step, velocity.
    """
    return _step("muon", w, dw, state, lr=lr, momentum=momentum, nesterov=nesterov, weight_decay=weight_decay,
                 newton_schulz=newton_schulz, renormalise=renormalise)


FUNCTIONS = (sgd, adagrad, adam, adamw, rmsprop, muon)
