"""Makes NAME and NAME_backward of the description of a layer.

A description is a function whose signature and documentation are those of NAME; the arguments annotated with `Array` come
to it as checked numpy arrays, and it returns a `Call`, which says what layer they mean:

    @operation
    def leaky_relu(x: Array, negative_slope: float = 0.01):
        "y = x where x > 0, else negative_slope*x"
        return Call("leaky_relu", slope=negative_slope)

float32 runs the engine's kernels, float64 the layer's reference. NAME_backward(dy, ...the same arguments) gives the
gradients of <dy, y> in the order of the array arguments: one array, or a tuple with None where an argument was None.
"""

import functools
import inspect
import typing

import numpy as np

from .. import _fovea
from ..arrays import floats

Array = np.ndarray
Arrays = typing.Sequence[np.ndarray]


class Call:
    """Which layer the arguments mean.

    type        as the library names it; `hyper`: its hyper-parameters
    parameters  those of the array arguments that are parameters; the others are inputs
    replace     arrays that stand in for arguments that were None
    states      running tensors, in the layer's order, which a forward pass in training updates
    training    the mode of the forward pass; `draws`: (seed, epoch, samples) of its random numbers
    after       called after the forward pass
    """

    def __init__(self, type, *, parameters=(), replace=None, states=(), training=True, draws=(0, 0, ()),
                 after=None, **hyper):
        self.type, self.hyper = type, hyper
        self.parameters, self.replace, self.states = parameters, replace or {}, states
        self.training, self.draws, self.after = training, draws, after


class _Bound:
    """The arguments of one call, converted, and what they mean."""

    def __init__(self, describe, signature, array_names, args, kwargs):
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        self.arrays, dtype = {}, None
        for name in array_names:
            value = bound.arguments[name]
            several = signature.parameters[name].annotation is Arrays
            for i, each in enumerate(value if several else [value]):
                if each is None and signature.parameters[name].annotation == typing.Optional[Array]:
                    self.arrays[name] = None
                    continue
                array = floats(each, f"{name}[{i}]" if several else name, dtype)
                dtype = array.dtype
                self.arrays[f"{name}[{i}]" if several else name] = array
            if several:
                bound.arguments[name] = [a for n, a in self.arrays.items() if n.startswith(name + "[")]
            else:
                bound.arguments[name] = self.arrays[name]
        self.several = any(signature.parameters[name].annotation is Arrays for name in array_names)
        self.dtype = dtype
        self.call = describe(*bound.args, **bound.kwargs)
        self.parameter_names = [n for n in self.arrays if n in self.call.parameters]
        self.input_names = [n for n in self.arrays if n not in self.call.parameters]

    def _values(self, names):
        values = (self.call.replace.get(n, self.arrays[n]) for n in names)
        return [v for v in values if v is not None]

    def _operands(self):
        return self._values(self.input_names), self._values(self.parameter_names), list(self.call.states)

    def forward(self):
        c = self.call
        y = _fovea.apply(c.type, c.hyper, *self._operands(), c.training, *c.draws)
        if c.after:
            c.after()
        return y

    def backward(self, dy):
        c = self.call
        dx, dw = _fovea.apply_backward(c.type, c.hyper, floats(dy, "dy", self.dtype), *self._operands(), True, *c.draws)
        gradients = {}
        for names, values in ((self.input_names, iter(dx)), (self.parameter_names, iter(dw))):
            for name in names:
                given = self.arrays[name] is not None
                gradient = next(values) if given or name in self.call.replace else None
                gradients[name] = gradient if given else None
        ordered = tuple(gradients[name] for name in self.arrays)
        return ordered if len(ordered) > 1 or self.several else ordered[0]


def operation(describe):
    """NAME, with NAME_backward as its attribute `backward`."""
    signature = inspect.signature(describe)
    array_names = [n for n, p in signature.parameters.items() if p.annotation in (Array, Arrays, typing.Optional[Array])]

    @functools.wraps(describe)
    def forward(*args, **kwargs):
        return _Bound(describe, signature, array_names, args, kwargs).forward()

    def backward(dy, *args, **kwargs):
        return _Bound(describe, signature, array_names, args, kwargs).backward(dy)

    forward.__signature__ = signature.replace(return_annotation=Array)
    attach_backward(forward, backward, signature)
    return forward


def attach_backward(forward, backward, signature):
    """Gives `backward` its name, signature (dy first) and documentation, and `forward` the attribute."""
    first = inspect.Parameter("dy", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    backward.__name__ = backward.__qualname__ = forward.__name__ + "_backward"
    backward.__module__ = forward.__module__
    backward.__doc__ = f"The gradients of <dy, y>, y = {forward.__name__}(...), in the order of its arrays."
    arrays = [p for p in signature.parameters.values() if p.annotation in (Array, Arrays, typing.Optional[Array])]
    returns = Array if len(arrays) < 2 and all(p.annotation is not Arrays for p in arrays) else tuple
    backward.__signature__ = signature.replace(parameters=[first, *signature.parameters.values()], return_annotation=returns)
    forward.backward = backward


def pairs(*functions):
    """{"NAME": NAME, "NAME_backward": NAME_backward, ...} for a module's namespace."""
    named = {}
    for function in functions:
        named[function.__name__] = function
        named[function.__name__ + "_backward"] = function.backward
    return named
