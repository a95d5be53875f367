"""Functions of several arrays: arithmetic with broadcasting, sums, concatenation."""

from .. import _fovea
from .operation import Array, Arrays, Call, operation


def _arithmetic(name, formula):
    directed = "operand_first" in _fovea.describe_layer(name)["hyper"]

    def describe(a: Array, b: Array):
        if a.ndim == b.ndim:
            return Call(name)
        first = a.ndim < b.ndim
        operand = a if first else b
        return Call(name, parameters=("a" if first else "b",), operand=operand.shape,
                    **({"operand_first": first} if directed else {}))

    describe.__name__ = describe.__qualname__ = name
    describe.__doc__ = (f"y = {formula}, element by element. An axis of 1 stands for as many as the other array has there, and "
                        "so does one that an array lacks at its front; both have the batch, or one has fewer axes.\n\n"
                        "Gradients: da, db, summed over what they stand for.")
    return operation(describe)


subtract = _arithmetic("subtract", "a - b")
multiply = _arithmetic("multiply", "a*b")
divide = _arithmetic("divide", "a/b")
minimum = _arithmetic("minimum", "min(a, b); where they are equal each has half of the gradient")
maximum = _arithmetic("maximum", "max(a, b); where they are equal each has half of the gradient")
power = _arithmetic("power", "a^b")


@operation
def add(x: Arrays):
    """The sum of arrays, added in their order, with the broadcasting of `subtract`; the last may have fewer axes.

    Gradients: one for each.
    """
    if len(x) > 1 and x[-1].ndim < x[0].ndim:
        return Call("add", parameters=(f"x[{len(x) - 1}]",), operand=x[-1].shape)
    return Call("add")


@operation
def concat(x: Arrays, dim: int = 1):
    """Arrays joined along the axis `dim`, not that of the samples, equal in all other extents. Gradients: one for each."""
    return Call("concat", axis=dim + x[0].ndim if x and dim < 0 else dim)


FUNCTIONS = (add, subtract, multiply, divide, minimum, maximum, power, concat)
