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

import difflib
import functools
import inspect
import typing

import numpy as np

from .. import _fovea
from ..arrays import floats, reals, to_numpy
from ..errors import ArgumentError, ShapeError
from .refusals import arrays, named

Array = np.ndarray
Arrays = typing.Sequence[np.ndarray]
Operand = typing.Union[np.ndarray, float]  # a number, of the type of the arrays beside it
Operands = typing.Union[Operand, typing.Sequence[Operand]]  # several; or one, with others in *others
SEVERAL = (Arrays, Operands)
OPTIONAL = typing.Optional[Array]


class Call:
    """Which layer the arguments mean.

    type        as the library names it; `hyper`: its hyper-parameters
    parameters  those of the array arguments that are parameters; the others are inputs
    names       those of hyper-parameters and parameters in the library: the keywords that stand for them
    replace     arrays that stand in for arguments that were None, or in the shape that the layer knows
    states      running tensors, in the layer's order, which a forward pass in training updates
    training    the mode of the forward pass; `draws`: (seed, epoch, samples) of its random numbers
    after       called after the forward pass
    inward      brings the inputs, and what has the shape of y, into the layer's order; `outward` back: for layers whose y
                has the shape of x
    """

    def __init__(self, type, *, parameters=(), names=None, replace=None, states=(), training=True, draws=(0, 0, ()),
                 after=None, inward=None, outward=None, **hyper):
        self.type, self.hyper, self.names = type, hyper, names or {}
        self.parameters, self.replace, self.states = parameters, replace or {}, states
        self.training, self.draws, self.after = training, draws, after
        self.inward, self.outward = inward, outward


def bind(name, signature, args, kwargs):
    """The arguments by name, defaults included. Raises TypeError that says whose they are, with the nearest keyword."""
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        known = [n for n, p in signature.parameters.items() if p.kind != inspect.Parameter.VAR_POSITIONAL]
        near = [m for k in kwargs if k not in known for m in difflib.get_close_matches(k, known, 1)]
        hint = f"; did you mean '{near[0]}'?" if near and "unexpected keyword" in str(error) else ""
        raise TypeError(f"{name}() {error}{hint}") from None
    bound.apply_defaults()
    return bound


def _given(signature, array_names, arguments):
    """{name: (value, annotation)} of the arrays, those of several as x[0], x[1], ..."""
    given = {}
    others = arguments.pop("others", ())
    for name in array_names:
        value, annotation = arguments[name], signature.parameters[name].annotation
        if annotation not in SEVERAL:
            given[name] = value, annotation
            continue
        values = [value, *others] if others else arrays(name, value)
        if not values:
            raise ArgumentError(f"{name} has no array")
        given.update({f"{name}[{i}]": (v, Operand if annotation == Operands else Array) for i, v in enumerate(values)})
    return given


def _converted(given):
    """The arrays by name, all of one type, None where they may be."""
    converted, dtype, numbers = {}, None, []
    for name, (value, annotation) in given.items():
        converted[name] = None
        if value is None and annotation == OPTIONAL:
            continue
        array = to_numpy(value, name)
        if annotation == Operand and array.ndim == 0:
            numbers.append((name, array))
            continue
        converted[name] = floats(array, name, dtype)
        dtype = converted[name].dtype
    for name, array in numbers:
        converted[name] = reals(array, name, np.float64 if dtype is None else dtype)
    return converted


class _Bound:
    """The arguments of one call, converted, and what they mean."""

    def __init__(self, describe, signature, array_names, bound):
        self.arrays = _converted(_given(signature, array_names, bound.arguments))
        self.dtype = next((a.dtype for a in self.arrays.values() if a is not None), None)
        self.several = False
        for name in array_names:
            if signature.parameters[name].annotation in SEVERAL:
                self.several = True
                bound.arguments[name] = [a for n, a in self.arrays.items() if n.startswith(name + "[")]
            else:
                bound.arguments[name] = self.arrays[name]
        self.call = describe(**bound.arguments)
        self.parameter_names = [n for n in self.arrays if n in self.call.parameters]
        self.input_names = [n for n in self.arrays if n not in self.call.parameters]

    def _values(self, names):
        values = (self.call.replace.get(n, self.arrays[n]) for n in names)
        return [v for v in values if v is not None]

    def _inward(self, array):
        return np.ascontiguousarray(self.call.inward(array)) if self.call.inward else array

    def _outward(self, array):
        return np.ascontiguousarray(self.call.outward(array)) if self.call.outward else array

    def _operands(self):
        inputs = [self._inward(x) for x in self._values(self.input_names)]
        return inputs, self._values(self.parameter_names), list(self.call.states)

    def forward(self):
        c = self.call
        y = _fovea.apply(c.type, c.hyper, *self._operands(), c.training, *c.draws)
        if c.after:
            c.after()
        return self._outward(y)

    def backward(self, dy):
        c = self.call
        dy = floats(dy, "dy", self.dtype)
        shape = self.arrays[self.input_names[0]].shape
        if c.inward and dy.shape != shape:
            raise ShapeError(f"dy must have the shape of x, {shape}, got {dy.shape}")
        dx, dw = _fovea.apply_backward(c.type, c.hyper, self._inward(dy), *self._operands(), True, *c.draws)
        dx = [self._outward(d) for d in dx]
        gradients = {}
        for names, values in ((self.input_names, iter(dx)), (self.parameter_names, iter(dw))):
            for name in names:
                given = self.arrays[name] is not None
                gradient = next(values) if given or name in self.call.replace else None
                gradients[name] = gradient.reshape(self.arrays[name].shape) if given else None
        ordered = tuple(gradients[name] for name in self.arrays)
        return ordered if len(ordered) > 1 or self.several else ordered[0]


def operation(describe):
    """NAME, with NAME_backward as its attribute `backward`."""
    signature = inspect.signature(describe)
    array_names = array_arguments(signature)

    def run(function, args, kwargs, compute):
        bound = bind(function.__name__, function.__signature__, args, kwargs)
        dy = bound.arguments.pop("dy", None)
        with named(function.__name__):
            made = _Bound(describe, signature, array_names, bound)
            with named(function.__name__, made.call.type, made.call.names):
                return compute(made, dy)

    @functools.wraps(describe)
    def forward(*args, **kwargs):
        return run(forward, args, kwargs, lambda made, dy: made.forward())

    def backward(*args, **kwargs):
        return run(backward, args, kwargs, _Bound.backward)

    forward.__signature__ = signature.replace(return_annotation=Array)
    attach_backward(forward, backward, signature)
    return forward


def one_to_one(name, documentation, type=None, **keywords):
    """The function NAME(x, ...) of a layer of one input: keyword=its name among the layer's hyper-parameters, which have
    the defaults."""
    type = type or name
    defaults = _fovea.describe_layer(type)["hyper"]
    names = {hyper: keyword for keyword, hyper in keywords.items() if hyper != keyword}

    def describe(x, **values):
        return Call(type, names=names, **{keywords[keyword]: value for keyword, value in values.items()})

    either = inspect.Parameter.POSITIONAL_OR_KEYWORD
    describe.__signature__ = inspect.Signature([inspect.Parameter("x", either, annotation=Array)] + [
        inspect.Parameter(keyword, either, **_default_of(defaults[hyper])) for keyword, hyper in keywords.items()])
    describe.__name__ = describe.__qualname__ = name
    describe.__doc__ = documentation + " Gradient: dx."
    return operation(describe)


def _default_of(value):
    if isinstance(value, list):
        return {"default": tuple(value), "annotation": typing.Union[int, typing.Sequence[int]]}
    return {"default": value, "annotation": type(value)}


def array_arguments(signature):
    return [n for n, p in signature.parameters.items()
            if p.annotation in (Array, OPTIONAL, Operand, *SEVERAL) and p.kind != inspect.Parameter.VAR_POSITIONAL]


def _gradients(signature):
    kinds = [signature.parameters[name].annotation for name in array_arguments(signature)]
    if any(kind in SEVERAL for kind in kinds):
        return typing.Tuple[Array, ...]
    each = tuple(OPTIONAL if kind == OPTIONAL else Array for kind in kinds)
    return typing.Tuple[each] if len(each) > 1 else Array


def attach_backward(forward, backward, signature, gradients=None, dy=Array):
    """Gives `backward` its name, signature (dy first) and documentation, and `forward` the attribute. `gradients`, `dy`:
    their annotations; by default the gradients are as many as there are arrays."""
    first = inspect.Parameter("dy", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=dy)
    backward.__name__ = backward.__qualname__ = forward.__name__ + "_backward"
    backward.__module__ = forward.__module__
    backward.__doc__ = f"The gradients of <dy, y>, y = {forward.__name__}(...), in the order of its arrays."
    backward.__signature__ = signature.replace(parameters=[first, *signature.parameters.values()],
                                               return_annotation=gradients or _gradients(signature))
    forward.backward = backward


def pairs(*functions):
    """{"NAME": NAME, "NAME_backward": NAME_backward, ...} for a module's namespace."""
    named = {}
    for function in functions:
        named[function.__name__] = function
        named[function.__name__ + "_backward"] = function.backward
    return named
