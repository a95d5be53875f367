"""Functions of several arrays: arithmetic with broadcasting, sums, concatenation."""

from .. import _fovea
from .operation import Arrays, Call, Operand, Operands, operation
from .refusals import axis


def _operand(type, at, operand, other, **hyper):
    """`operand`, the array argument `at` that stands for every sample of `other`, is a parameter; a number is one of one element."""
    shape = operand.shape[operand.ndim == other.ndim:] or (1,)
    columns = {}
    if other.ndim == 1:  # behind the samples there must be an axis
        columns = {"inward": lambda a: a[:, None], "outward": lambda a: a[:, 0]}
    return Call(type, parameters=(at,), operand=shape, replace={at: operand.reshape(shape)}, names={"operand": at}, **columns, **hyper)


def _has_batch(a, b):
    """Whether `a` has a value for each sample of b."""
    return a.ndim > b.ndim or a.ndim == b.ndim and (a.shape[:1] == b.shape[:1] or a.shape[:1] != (1,))


def _arithmetic(name, formula):
    directed = "operand_first" in _fovea.describe_layer(name)["hyper"]

    def describe(a: Operand, b: Operand):
        first = not _has_batch(a, b)
        if not first and _has_batch(b, a):
            return Call(name)
        return _operand(name, *(("a", a, b) if first else ("b", b, a)), **({"operand_first": first} if directed else {}))

    describe.__name__ = describe.__qualname__ = name
    describe.__doc__ = (f"y = {formula}, element by element. An axis of 1 stands for as many as the other array has there, and "
                        "so does one that an array lacks at its front, and a number.\n\n"
                        "Gradients: da, db, summed over what they stand for.")
    return operation(describe)


subtract = _arithmetic("subtract", "a - b")
multiply = _arithmetic("multiply", "a*b")
divide = _arithmetic("divide", "a/b")
minimum = _arithmetic("minimum", "min(a, b); where they are equal each has half of the gradient")
maximum = _arithmetic("maximum", "max(a, b); where they are equal each has half of the gradient")
power = _arithmetic("power", "a^b")


@operation
def add(x: Operands, *others: Operand):
    """The sum of a sequence of arrays, or of x and others, with the broadcasting of `subtract`; one may have fewer axes or a batch of
    1, or be a number, and is added last.

    Gradients: one for each.
    """
    short = [i for i, a in enumerate(x) if not all(_has_batch(a, b) for b in x)]
    if len(short) == 1:
        return _operand("add", f"x[{short[0]}]", x[short[0]], x[short[0] - 1])
    return Call("add")


@operation
def concat(x: Arrays, dim: int = 1):
    """Arrays joined along the axis `dim`, not that of the samples, equal in all other extents. Gradients: one for each."""
    axes = x[0].ndim if x else 0
    return Call("concat", axis=axis("dim", dim, axes) if axes else 1, names={"axis": "dim"})


FUNCTIONS = (add, subtract, multiply, divide, minimum, maximum, power, concat)
