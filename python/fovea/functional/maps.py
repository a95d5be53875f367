"""Functions that move values, give maps another size, or make one number of many."""

import typing

import numpy as np

from ..errors import ArgumentError
from .operation import Array, Call, one_to_one, operation
from .refusals import choice, integers, number

Size = typing.Union[int, typing.Sequence[int]]

flatten = one_to_one("flatten", "A map as features in row-major order: x (N,...), y (N, C*H*W).")
reshape = one_to_one("reshape", "The same numbers in another shape. `shape` is without the batch; 0 keeps an extent, one -1 takes what is left.",
                     shape="shape")
transpose = one_to_one("transpose", "The axes behind the batch in another order: perm names each of 1, 2, ... once. `permute` moves any.", perm="perm")
slice = one_to_one("slice", "A part of x along axes behind the batch, as numpy's starts:ends:steps; an end is not part of it.",
                   starts="starts", ends="ends", axes="axes", steps="steps")
reduce = one_to_one("reduce", 'One number from many along axes behind the batch, () being all: op is "mean", "sum", "max", "min", "l1", "l2" or '
                    '"log_sum_exp". Of equal largest numbers the first has the whole gradient.', op="op", axes="axes", keepdims="keepdims")
depth_to_space = one_to_one("depth_to_space", "Blocks of channels become blocks of pixels, in ONNX's modes DCR and CRD.", block="block", mode="mode")
space_to_depth = one_to_one("space_to_depth", "The inverse of depth_to_space.", block="block", mode="mode")
channel_shuffle = one_to_one("channel_shuffle", "Channels of groups dealt out in turn: y[n, i*g + j] = x[n, j*(C/g) + i].", groups="groups")
resize = one_to_one("resize", "A map of another size by ONNX's rules: sizes, or where these are 0 scales; `interpolate` has PyTorch's names.",
                    **{name: name for name in ("sizes", "scale_h", "scale_w", "mode", "coordinates", "nearest", "cubic_coeff_a",
                                               "exclude_outside")})


@operation
def pixel_shuffle(x: Array, upscale_factor: int):
    """y[n, c, h*b + i, w*b + j] = x[n, c*b^2 + i*b + j, h, w], b = upscale_factor. Gradient: dx."""
    return Call("depth_to_space", names={"block": "upscale_factor"}, block=upscale_factor, mode="CRD")


@operation
def pixel_unshuffle(x: Array, downscale_factor: int):
    """The inverse of pixel_shuffle. Gradient: dx."""
    return Call("space_to_depth", names={"block": "downscale_factor"}, block=downscale_factor, mode="CRD")


@operation
def pad(x: Array, pad: typing.Sequence[int], mode: str = "constant", value: float = 0.0):
    """A map with more columns, rows and channels around it: pad is (left, right), and top, bottom, front, back after them.

    mode: "constant", `value` there; "reflect", mirrored at the first and last number; "replicate", the nearest number.
    Gradient: dx, summed over the places that took a number.
    """
    sides = integers("pad", pad, 0)
    if len(sides) not in (2, 4, 6):
        raise ArgumentError(f"pad is {pad!r}; it must have two numbers for each of the last one, two or three axes")
    left, right, top, bottom, front, back = (*sides, 0, 0, 0, 0)[:6]
    choice("mode", mode, ("constant", "reflect", "replicate"))
    return Call("pad", names={"padding": "pad"}, padding=(top, left, bottom, right), front=front, back=back, value=value,
                mode="edge" if mode == "replicate" else mode)


_MODES = {"nearest": ("nearest", "asymmetric"), "nearest-exact": ("nearest", "tf_half_pixel_for_nn"),
          "bilinear": ("linear", "half_pixel"), "bicubic": ("cubic", "half_pixel")}


def _pair(name, values):
    """(vertical, horizontal) of one or two numbers."""
    if len(values) not in (1, 2):
        raise ArgumentError(f"{name} has {len(values)} numbers; it must be one, or (vertical, horizontal)")
    return values[0], values[-1]


@operation
def interpolate(x: Array, size: typing.Optional[Size] = None, scale_factor: typing.Union[None, float, typing.Sequence[float]] = None,
                mode: str = "nearest", align_corners: bool = False):
    """A map of another size: `size`, or its own times scale_factor, rounded down; each a number or (vertical, horizontal).

    mode: "nearest", "nearest-exact", "bilinear", "bicubic" (a = -0.75). align_corners: the corners stay in their places;
    else pixels are areas with a middle. Gradient: dx.
    """
    choice("mode", mode, tuple(_MODES))
    if (size is None) == (scale_factor is None):
        raise ArgumentError("give size or scale_factor, one of them")
    if align_corners and mode.startswith("nearest"):
        raise ArgumentError(f'align_corners means nothing with mode "{mode}"')
    kind, coordinates = _MODES[mode]
    hyper = {"mode": kind, "coordinates": "align_corners" if align_corners else coordinates, "nearest": "floor"}
    if size is not None:
        return Call("resize", sizes=_pair("size", integers("size", size, 1)), **hyper)
    factors = scale_factor if isinstance(scale_factor, (tuple, list)) or np.ndim(scale_factor) else (scale_factor,)
    vertical, horizontal = _pair("scale_factor", tuple(number("scale_factor", f) for f in factors))
    return Call("resize", names={"scale_h": "scale_factor", "scale_w": "scale_factor"}, scale_h=vertical, scale_w=horizontal, **hyper)


FUNCTIONS = (flatten, reshape, transpose, slice, reduce, depth_to_space, space_to_depth, pixel_shuffle, pixel_unshuffle,
             channel_shuffle, resize, interpolate, pad)
