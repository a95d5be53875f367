"""Convolution and pooling."""

import typing

from ..errors import ShapeError
from .operation import Array, Call, one_to_one, operation
from .refusals import choice, integer

Size = typing.Union[int, typing.Sequence[int]]
_WEIGHTS = {"weight": "w", "bias": "b"}


def _padding(padding):
    """Hyper-parameters of a padding: a number, (vertical, horizontal), (top, left, bottom, right), or a name."""
    if isinstance(padding, str):
        return {} if choice("padding", padding, ("valid", "same", "same_lower")) == "valid" else {"auto_pad": padding}
    return {"padding": padding}


@operation
def conv2d(x: Array, w: Array, b: typing.Optional[Array] = None, stride: Size = 1, padding: typing.Union[Size, str] = 0,
           dilation: Size = 1, groups: int = 1):
    """Convolution as the field uses the word: cross-correlation, the filter is not flipped.

    y[n,k,p,q] = b[k] + sum over c < C/g, r < kh, s < kw of w[k,c,r,s] * x[n, c + (k / (K/g)) * C/g, p*sh + r*rh - pt, q*sw + s*rw - pl]

    x (N,C,H,W), w (K,C/groups,kh,kw), b (K) or None; y (N,K,P,Q), P = floor((H + pt + pb - rh*(kh-1) - 1) / sh) + 1.
    stride, dilation: a number or (vertical, horizontal). padding also (top, left, bottom, right), "valid" (none), "same"
    (P = ceil(H / sh), an odd row at the bottom and right: PyTorch's and TensorFlow's) or "same_lower" (at the top and left).
    What the stride leaves over is not read and has gradient 0.
    Gradients: dx, dw, db.
    """
    hyper = {"filters": w.shape[0] if w.ndim else 0, "kernel": w.shape[2:], "stride": stride, "dilation": dilation,
             "groups": groups, "bias": b is not None}
    if w.ndim != 4:
        raise ShapeError(f"w must be filters (K,C/groups,kh,kw), got {w.shape}")
    return Call("conv2d", parameters=("w", "b"), names=_WEIGHTS, **hyper, **_padding(padding))


@operation
def conv_transpose2d(x: Array, w: Array, b: typing.Optional[Array] = None, stride: Size = 1, padding: Size = 0,
                     output_padding: Size = 0, groups: int = 1, dilation: Size = 1):
    """The transpose of conv2d, which would make x of y: y[n,k] = b[k] + sum over c, p, q of w[c,k,r,s] * x[n,c,p,q] at the places
    (p*sh + r*rh - pt, q*sw + s*rw - pl).

    x (N,C,P,Q), w (C,K/groups,kh,kw), b (K) or None; y (N,K,H,W), H = (P - 1)*sh - pt - pb + rh*(kh-1) + output_padding + 1.
    Gradients: dx, dw, db.
    """
    if w.ndim != 4:
        raise ShapeError(f"w must be filters (C,K/groups,kh,kw), got {w.shape}")
    return Call("conv_transpose2d", parameters=("w", "b"), names=_WEIGHTS, filters=w.shape[1] * integer("groups", groups, 1, 2**31),
                kernel=w.shape[2:], stride=stride, padding=padding, output_padding=output_padding, groups=groups, dilation=dilation,
                bias=b is not None)


@operation
def linear(x: Array, w: Array, b: typing.Optional[Array] = None):
    """Affine map of features: y[n,k] = b[k] + sum over c of w[k,c] * x[n,c].

    x (N,C), w (K,C), b (K) or None; y (N,K). Gradients: dx, dw, db.
    """
    if w.ndim != 2:
        raise ShapeError(f"w must be a matrix (K,C), got {w.shape}")
    return Call("linear", parameters=("w", "b"), names=_WEIGHTS, features=w.shape[0], bias=b is not None)


def _window(kernel_size, stride, padding, ceil_mode, dilation):
    names = {"kernel": "kernel_size", "p": "norm_type"}
    return {"kernel": kernel_size, "stride": kernel_size if stride is None else stride, "dilation": dilation,
            "ceil_mode": ceil_mode, "names": names, **_padding(padding)}


@operation
def max_pool2d(x: Array, kernel_size: Size, stride: typing.Optional[Size] = None, padding: typing.Union[Size, str] = 0,
               dilation: Size = 1, ceil_mode: bool = False, *, ties: str = "first"):
    """y[n,c,p,q] = max of x[n,c,h,w] over the window's places inside the map.

    x (N,C,H,W); y (N,C,P,Q). stride None is kernel_size; the places of a window lie `dilation` apart. Padding never
    wins; the first NaN of a window does.
    ties  "first" (PyTorch, Darknet, Caffe): the first maximum in row-major order takes the whole gradient;
          "split" (CS231n's fast layers): equal maxima share it
    With ceil_mode a last window that would start beyond the map is dropped, as in PyTorch. Gradient: dx.
    """
    return Call("max_pool2d", ties=ties, **_window(kernel_size, stride, padding, ceil_mode, dilation))


@operation
def avg_pool2d(x: Array, kernel_size: Size, stride: typing.Optional[Size] = None, padding: typing.Union[Size, str] = 0,
               ceil_mode: bool = False, count_include_pad: bool = True, *, dilation: Size = 1):
    """y[n,c,p,q] = (sum of x[n,c,h,w] over the window's places inside the map) / d.

    d counts the window's places inside map and padding (count_include_pad), or inside the map alone. They lie `dilation` apart.
    Gradient: dx.
    """
    return Call("avg_pool2d", count_include_pad=count_include_pad, **_window(kernel_size, stride, padding, ceil_mode, dilation))


@operation
def lp_pool2d(x: Array, norm_type: int, kernel_size: typing.Optional[Size], stride: typing.Optional[Size] = None,
              ceil_mode: bool = False, *, padding: typing.Union[Size, str] = 0, dilation: Size = 1):
    """y[n,c,p,q] = (sum of |x[n,c,h,w]|^p over the window's places inside the map)^(1/p), p = norm_type.

    kernel_size None is the whole map. PyTorch sums x^p without its magnitude, and with ceil_mode scales windows at the edge up.
    Gradient: dx.
    """
    if kernel_size is None:
        return Call("lp_pool2d", names={"p": "norm_type"}, p=norm_type, whole_map=True)
    return Call("lp_pool2d", p=norm_type, **_window(kernel_size, stride, padding, ceil_mode, dilation))


global_avg_pool = one_to_one("global_avg_pool", "The mean of every plane: x (N,C,H,W), y (N,C,1,1).")
global_max_pool = one_to_one("global_max_pool", "The largest number of every plane, of equal ones the first: x (N,C,H,W), y (N,C,1,1).")

FUNCTIONS = (conv2d, conv_transpose2d, linear, max_pool2d, avg_pool2d, lp_pool2d, global_avg_pool, global_max_pool)
