"""Checks of arguments, and errors in the words of the caller."""

import contextlib
import operator
import re

from ..arrays import to_numpy
from ..errors import ArgumentError


@contextlib.contextmanager
def named(function, type="", names=None):
    """Errors begin with the name of the function, and name its keywords: `names` maps the hyper-parameters and parameters of the
    layer `type` to them."""
    try:
        yield
    except (TypeError, ValueError, OverflowError) as error:
        text = str(error)
        if type:
            text = text.removeprefix(type + ": ").removeprefix(type + " ")
        for ours, theirs in (names or {}).items():
            text = re.sub(rf"\b{ours}\b(?=\[\d+\] is|=| is | must | has )", theirs, text)
        error.args = (text if text.startswith((function + ":", function + "()")) else f"{function}: {text}",)
        raise


def integer(name, value, low=None, high=None):
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}; it must be an integer") from None
    if (low is not None and number < low) or (high is not None and number > high):
        bounds = f"at least {low}" if high is None else f"between {low} and {high}"
        raise ArgumentError(f"{name} is {number}; it must be {bounds}")
    return number


def _is_sequence(value):
    return hasattr(value, "__iter__") and getattr(value, "ndim", 1) > 0 and not isinstance(value, (dict, set))


def integers(name, value, low=None, high=None):
    """A tuple of integers; one stands for itself."""
    if isinstance(value, (str, bytes, bytearray)):
        raise TypeError(f"{name} is {value!r}; it must be integers")
    values = value if _is_sequence(value) else [value]
    return tuple(integer(name, v, low, high) for v in values)


def number(name, value):
    with contextlib.suppress(TypeError):
        array = to_numpy(value, name)
        if array.size == 1 and array.dtype.kind in "fiub":
            return float(array.item())
    raise TypeError(f"{name} is {value!r}; it must be a number")


def arrays(name, value):
    """A sequence of what may be arrays."""
    if isinstance(value, (str, bytes)) or not _is_sequence(value):
        raise TypeError(f"{name} must be a sequence of arrays, got {type(value).__name__}")
    return list(value)


def choice(name, value, choices):
    if not isinstance(value, str) or value not in choices:
        raise ArgumentError(f'{name} is "{value}"; it must be {", ".join(choices[:-1])} or {choices[-1]}')
    return value


def axis(name, value, count):
    """An axis of `count`, counted from the front."""
    number = integer(name, value)
    if not -count <= number < count:
        raise ArgumentError(f"{name} is {number}; there are {count} axes")
    return number % count
