"""What Fovea takes as an array: numpy arrays, objects with `__dlpack__` on the CPU (PyTorch's tensors), objects with the
buffer protocol, nested lists. The first three share their memory when they are row-major; others are copied."""

import numpy as np

from .errors import ArgumentError, ShapeError

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def to_numpy(value, name):
    """A numpy array of `value`, without a copy where that is possible. Raises TypeError naming it."""
    if isinstance(value, np.ndarray):
        return np.asarray(value)
    if hasattr(value, "__dlpack__"):
        try:
            return np.from_dlpack(value)
        except Exception as error:
            raise TypeError(f"{name}: its __dlpack__ gives no array on the CPU: {error}") from error
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise TypeError(f"{name} is not an array: {error}") from error
    if array.dtype == object or value is None:
        of = " of what are no numbers of numpy" if array.ndim else ""
        raise TypeError(f"{name} must be an array, got {type(value).__name__}{of}")
    return array


def floats(value, name, dtype=None):
    """A row-major array of float32 or float64; of `dtype` when given. Raises TypeError, or ShapeError for an empty one, naming it."""
    array = to_numpy(value, name)
    if array.dtype not in FLOATS:
        raise TypeError(f"{name} is of {array.dtype}; it must be float32 (the engine) or float64 (the reference)")
    if dtype is not None and array.dtype != dtype:
        raise TypeError(f"{name} is of {array.dtype} where {dtype} is needed: all arrays of a call have one type")
    if array.size == 0:
        raise ShapeError(f"{name} is empty: its shape is {array.shape}")
    return np.require(array, requirements=["C", "ALIGNED"])


def reals(value, name, dtype):
    """A row-major array of `dtype` with the numbers of `value`. Raises TypeError for what are no real numbers, and ArgumentError for
    a finite one that `dtype` cannot hold."""
    array = to_numpy(value, name)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} is of {array.dtype}; it must be real numbers")
    with np.errstate(over="ignore"):
        rounded = np.require(array, dtype, ["C", "ALIGNED"])
    if array.dtype != rounded.dtype and not np.array_equal(np.isfinite(rounded), np.isfinite(array)):
        raise ArgumentError(f"{name} has a number that {rounded.dtype} cannot hold")
    return rounded


def single(value, name):
    """As `reals`, of float32."""
    return reals(value, name, np.float32)


def labels(value, name="labels"):
    """Class numbers as int32. Raises TypeError, or ArgumentError for numbers that int32 cannot hold."""
    array = to_numpy(value, name)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} is of {array.dtype}; class numbers are integers")
    if array.size and (array.min() < 0 or array.max() > np.iinfo(np.int32).max):
        raise ArgumentError(f"{name} has the class number {array.min() if array.min() < 0 else array.max()}")
    return np.require(array.astype(np.int32, copy=False), requirements=["C", "ALIGNED"])


def running(value, name, shape, dtype):
    """An array that a call updates in place. Raises when it cannot be: a copy would lose the update."""
    array = to_numpy(value, name)
    if array.dtype != dtype or not array.flags.c_contiguous or not array.flags.aligned or not array.flags.writeable:
        raise TypeError(f"{name} is updated in place: it must be a writable row-major array of {dtype}")
    if array.shape != shape:
        raise ShapeError(f"{name} must be {shape}, got {array.shape}")
    return array
