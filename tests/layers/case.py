"""One call of a function, and what stands for it in PyTorch."""
import itertools
import zlib

import numpy as np
import torch

PYTORCH = {"w": "weight", "b": "bias"}  # names of arrays that differ


def grid(**choices):
    return [dict(zip(choices, values)) for values in itertools.product(*choices.values())]


def draw(*shape, seed=0):
    """Odd multiples of 1/128 up to about 3, no two alike: float32 holds them, and no whole number is among them."""
    count = int(np.prod(shape))
    spread = max(1, 384 // count | 1)
    numbers = 2 * np.random.default_rng(seed).permutation(count) + 1 - count // 2 * 2
    return numbers.reshape(shape) * spread / 128


class Case:
    """`arrays` are drawn from their shapes unless they are arrays; `updated` are changed in place. `theirs(*arrays, **keywords)` is the
    function of PyTorch, by default the one of this name with these keywords, which shows that they mean the same."""

    def __init__(self, function, arrays, keywords=None, theirs=None, updated=None):
        self.function, self.keywords, self.updated = function, keywords or {}, updated or {}
        self.seed = zlib.crc32(repr((function, sorted(self.keywords.items()))).encode())
        self.arrays = {name: draw(*value, seed=self.seed + i) if isinstance(value, tuple) else np.asarray(value)
                       for i, (name, value) in enumerate(arrays.items())}
        self._theirs = theirs

    def is_integer(self, name):
        return self.arrays[name].dtype.kind == "i"

    def is_constant(self, name):
        return name == "target"

    def upstream(self, shape):
        return draw(*shape, seed=self.seed + 99)

    def reference(self, **arrays):
        keywords = {k: tuple(v) if isinstance(v, list) else v for k, v in self.keywords.items()}
        if self._theirs:
            return self._theirs(*arrays.values(), **keywords)
        theirs = getattr(torch.nn.functional, self.function, None) or getattr(torch, self.function)
        first, *others = arrays.items()
        return theirs(first[1], **{PYTORCH.get(name, name): value for name, value in others}, **keywords)
