"""The exceptions of Fovea. Each names the thing at fault, what it got and what it needed."""


class Error(Exception):
    """Any error of Fovea."""


class ShapeError(Error, ValueError):
    """An array does not have the shape that an operation needs."""


class ArgumentError(Error, ValueError):
    """A value outside its documented range, or an unknown name."""


class FormatError(Error, ValueError):
    """The bytes of a file are not what its format demands."""


class IoError(Error, OSError):
    """The operating system refused to read or write."""


class DivergedError(Error, ArithmeticError):
    """Training met a NaN or an infinity."""


class NotFittedError(Error, ValueError, AttributeError):
    """A classifier was asked before `fit`."""
