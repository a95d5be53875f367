"""Functions of the layers without a description of their own: a layer that is new in the library is here at once, with its
hyper-parameters as keywords. A description is better; one is a few lines (docs/python.md)."""

import inspect
import typing

from .. import _fovea
from ..arrays import floats
from .operation import Array, attach_backward, bind
from .refusals import named


def _converted(type, inputs, arrays):
    if not arrays:
        raise TypeError(f"{type} needs an array")
    first = floats(arrays[0], "x")
    arrays = [first] + [floats(a, f"array {i + 1}", first.dtype) for i, a in enumerate(arrays[1:])]
    count = len(arrays) if inputs[1] > inputs[0] else inputs[0]
    return arrays[:count], arrays[count:]


def derive(type):
    """TYPE(x, *parameters, **hyper) and its backward, of any layer type without running statistics; inputs come first."""
    facts = _fovea.describe_layer(type)

    def forward(*arrays, **hyper):
        bind(type, signature, arrays, hyper)
        with named(type, type):
            x, w = _converted(type, facts["inputs"], arrays)
            return _fovea.apply(type, hyper, x, w, [], True, 0, 0, [])

    def backward(dy, *arrays, **hyper):
        bind(backward.__name__, signature, arrays, hyper)
        with named(backward.__name__, type):
            x, w = _converted(type, facts["inputs"], arrays)
            dx, dw = _fovea.apply_backward(type, hyper, floats(dy, "dy", x[0].dtype), x, w, [], True, 0, 0, [])
        gradients = (*dx, *dw)
        return gradients if len(gradients) > 1 else gradients[0]

    keyword = inspect.Parameter.KEYWORD_ONLY
    signature = inspect.Signature([inspect.Parameter("arrays", inspect.Parameter.VAR_POSITIONAL, annotation=Array)] + [
        inspect.Parameter(name, keyword, default=value) for name, value in facts["hyper"].items() if name.isidentifier()])
    forward.__name__ = forward.__qualname__ = type
    forward.__module__ = __name__
    forward.__signature__ = signature.replace(return_annotation=Array)
    forward.__doc__ = f"The layer {type}: its inputs, then its parameters; hyper-parameters as keywords."
    attach_backward(forward, backward, signature, gradients=typing.Union[Array, typing.Tuple[Array, ...]])
    return forward


def missing(described):
    """Functions for the layer types that are not among the names `described`."""
    return [derive(type) for type in _fovea.layer_types() if type not in described]
