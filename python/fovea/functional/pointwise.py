"""Functions of single elements, dropout, and softmax: a row, or a description, a layer."""

import typing

from .operation import Array, Call, one_to_one, operation
from .refusals import axis, integer, integers

relu = one_to_one("relu", "y = x where x > 0, else 0. Its gradient at 0 is 0; a NaN passes through with its gradient.")
relu6 = one_to_one("relu6", "y = min(max(x, 0), 6). Its gradient at 0 and at 6 is 0.")
leaky_relu = one_to_one("leaky_relu", "y = x where x > 0, else negative_slope*x; its gradient at 0 is negative_slope.",
                        negative_slope="slope")
elu = one_to_one("elu", "y = x where x > 0, else alpha*(exp(x) - 1).", alpha="alpha")
selu = one_to_one("selu", "y = gamma*x where x > 0, else gamma*alpha*(exp(x) - 1).", alpha="alpha", gamma="gamma")
celu = one_to_one("celu", "y = x where x > 0, else alpha*(exp(x/alpha) - 1).", alpha="alpha")
gelu = one_to_one("gelu", 'y = x*Phi(x), Phi the normal distribution; "tanh" approximates it within 5e-4.', approximate="approximate")
silu = one_to_one("silu", "y = x/(1 + exp(-x)), also called swish.")
mish = one_to_one("mish", "y = x*tanh(log(1 + exp(x))).")
hardswish = one_to_one("hardswish", "y = x*min(max(x + 3, 0), 6)/6.")
hardsigmoid = one_to_one("hardsigmoid", "y = min(max(alpha*x + beta, 0), 1); PyTorch's alpha is 1/6, ONNX's 0.2.", alpha="alpha", beta="beta")
sigmoid = one_to_one("sigmoid", "y = 1/(1 + exp(-x)).")
log_sigmoid = one_to_one("log_sigmoid", "y = -log(1 + exp(-x)).")
logsigmoid = one_to_one("logsigmoid", "y = -log(1 + exp(-x)).", type="log_sigmoid")
tanh = one_to_one("tanh", "y = tanh(x).")
softplus = one_to_one("softplus", "y = log(1 + exp(beta*x))/beta, and x itself where beta*x > threshold.", beta="beta", threshold="threshold")
softsign = one_to_one("softsign", "y = x/(1 + |x|).")
exp = one_to_one("exp", "y = exp(x).")
log = one_to_one("log", "y = log(x).")
sqrt = one_to_one("sqrt", "y = sqrt(x).")
abs = one_to_one("abs", "y = |x|; its gradient at 0 is 0.")
neg = one_to_one("neg", "y = -x.")
reciprocal = one_to_one("reciprocal", "y = 1/x.")


@operation
def clip(x: Array, min: typing.Optional[float] = None, max: typing.Optional[float] = None):
    """y = min(max(x, min), max), without a bound that is None; its gradient at a bound is dy. Gradient: dx."""
    return Call("clip", **{name: bound for name, bound in (("min", min), ("max", max)) if bound is not None})


@operation
def prelu(x: Array, weight: Array):
    """y = x where x > 0, else w*x, with w of the channel: x (N,C,...), weight (C) or (1). At 0 the gradient is that from below.

    Gradients: dx, dweight.
    """
    return Call("prelu", parameters=("weight",), per_channel=weight.size > 1)


@operation
def dropout(x: Array, p: float = 0.5, training: bool = True, *, seed: int = 0, epoch: int = 0,
            samples: typing.Sequence[int] = ()):
    """Inverted dropout: y = keep * x / (1 - p), keep drawn 0 with probability p; y = x when not training.

    The draws are counters keyed by (seed, epoch, samples[n], index in the image): the same arguments give the same mask,
    in dropout_backward too, and an image's mask depends on no other image. samples: numbers of the images, 0, 1, 2, ...
    when empty. Gradient: dx.
    """
    draws = (integer("seed", seed, 0, 2**64 - 1), integer("epoch", epoch, 0, 2**32 - 1), integers("samples", samples, -2**63, 2**63 - 1))
    return Call("dropout", names={"rate": "p"}, rate=p if training else 0.0, draws=draws)


def _along(type, x, dim):
    """Softmax layers know every axis but that of the samples; that one is exchanged with the others."""
    number = axis("dim", dim, x.ndim)
    if number > 0:
        return Call(type, axis=number)
    return Call(type, inward=lambda a: a.reshape(len(a), -1).T, outward=lambda a: a.T.reshape(x.shape))


@operation
def softmax(x: Array, dim: int = -1):
    """y = exp(x - max(x)) / sum of exp(x - max(x)) along the axis `dim`. Gradient: dx."""
    return _along("softmax", x, dim)


@operation
def log_softmax(x: Array, dim: int = -1):
    """y = x - max(x) - log(sum of exp(x - max(x))) along the axis `dim`. Gradient: dx."""
    return _along("log_softmax", x, dim)


FUNCTIONS = (relu, relu6, leaky_relu, elu, selu, celu, gelu, silu, mish, hardswish, hardsigmoid, sigmoid, log_sigmoid, logsigmoid, tanh,
             softplus, softsign, clip, exp, log, sqrt, abs, neg, reciprocal, prelu, dropout, softmax, log_softmax)
