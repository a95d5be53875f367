"""The algorithms of the notes that Fovea grew out of, corrected: to be read beside the layers (fovea.functional).

All are over float64, plain and slow. One stride and one padding serve both axes, as in the notes; the functions whose names
say so err as the notes do, and are here to show where. docs/derivations/coverage.md lists what the notes describe.
"""

import numpy as np

from . import _fovea
from .arrays import floats

_DOUBLE = np.dtype(np.float64)
_notes = _fovea.notes


def _doubles(*arrays):
    return [floats(a, f"array {i}", _DOUBLE) for i, a in enumerate(arrays)]


def _shape(extents):
    return tuple(int(e) for e in extents)


def pad(x, pad):
    """x (N,C,H,W) with `pad` zeros on all four sides; x is not changed."""
    return _notes.pad(*_doubles(x), pad)


def pad_backward(dx_pad, pad):
    """The gradient of pad: x_pad[h] = x[h - pad] exactly where pad <= h < H + pad."""
    return _notes.pad_backward(*_doubles(dx_pad), pad)


def conv_forward(x, w, b, stride=1, pad=0):
    """Four loops over the output, a sum over each window. x (N,C,H,W), w (F,C,HH,WW), b (F)."""
    return _notes.conv_forward(*_doubles(x, w, b), stride, pad)


def conv_dw(dy, x, w_shape, stride=1, pad=0):
    """dw[f,c,i,j] = sum of dy[n,f,k,l] * x_pad[n,c,i + S*k, j + S*l]."""
    return _notes.conv_dw(*_doubles(dy, x), _shape(w_shape), stride, pad)


def conv_db(dy):
    """db[f] = sum of dy[n,f,k,l]."""
    return _notes.conv_db(*_doubles(dy))


def conv_dx(dy, w, x_shape, stride=1, pad=0, method="nine_loops"):
    """dx, five ways to the same: nine_loops, masks, closed_form, scatter (col2im), turned_filters.

    nine_loops      every index in a loop of its own, with the test p + S*k == i + P
    masks           masks over the filter choose the one weight that joins an input and an output pixel
    closed_form     dx[n,c,i,j] = sum of dy[n,f,k,l] * w[f,c,P + i - S*k, P + j - S*l] where that index exists
    scatter         each dy scatters its filter into dx_pad
    turned_filters  dy spread out by S and padded, correlated with the filters turned by half a circle
    """
    methods = ("nine_loops", "masks", "closed_form", "scatter", "turned_filters")
    if method not in methods:
        raise ValueError(f'method is "{method}"; it must be one of {", ".join(methods)}')
    return getattr(_notes, "conv_dx_" + method)(*_doubles(dy, w), _shape(x_shape), stride, pad)


def max_pool_forward(x, height=2, width=2, stride=2):
    """The maximum of each window height x width; no padding."""
    return _notes.max_pool_forward(*_doubles(x), height, width, stride)


def max_pool_dx(dy, x, height=2, width=2, stride=2):
    """Right: the gradient goes to the first maximum of its own window; overlapping windows add up."""
    return _notes.max_pool_dx(*_doubles(dy, x), height, width, stride)


def max_pool_dx_plane_wide(dy, x, height=2, width=2, stride=2):
    """Errs: looks for the window's maximum in the whole plane."""
    return _notes.max_pool_dx_plane_wide(*_doubles(dy, x), height, width, stride)


def max_pool_dx_all_ties(dy, x, height=2, width=2, stride=2):
    """Errs: gives every tied maximum of a window the full gradient."""
    return _notes.max_pool_dx_all_ties(*_doubles(dy, x), height, width, stride)


def batch_norm_1d(x, gamma, beta):
    """y = gamma*(x - mu)/sqrt(var + 1e-5) + beta over the rows of x (N,D); biased variance."""
    return _notes.batch_norm_1d(*_doubles(x, gamma, beta))


def batch_norm_1d_backward(dy, x, gamma):
    """dx, dgamma, dbeta; dx = gamma/N (var + eps)^-1/2 (N dy - sum dy - (x - mu)/(var + eps) sum dy (x - mu))."""
    return _notes.batch_norm_1d_backward(*_doubles(dy, x, gamma))


def spatial_batch_norm(x, gamma, beta):
    """The same per channel of (N,C,H,W), in one expression."""
    return _notes.spatial_batch_norm(*_doubles(x, gamma, beta))


def spatial_batch_norm_backward(dy, x, gamma):
    """dx, dgamma, dbeta in one expression each."""
    return _notes.spatial_batch_norm_backward(*_doubles(dy, x, gamma))


def to_rows(x):
    """(N,C,H,W) -> (N*W*H, C) by exchanging axes 1 and 3 first: spatial batch norm by the one-dimensional one."""
    return _notes.to_rows(*_doubles(x))


def from_rows(rows, x_shape):
    """Back from to_rows."""
    return _notes.from_rows(*_doubles(rows), _shape(x_shape))


def wrong_rows(x):
    """Errs: the same numbers read as (N*H*W, C) without exchanging axes; channels are mixed."""
    return _notes.wrong_rows(*_doubles(x))


def norm_jacobian(x, k, l, i, j):
    """d h[k,l] / d x[i,j] of h = (x - mu)/sqrt(var + eps); 0 unless l == j."""
    return _notes.norm_jacobian(*_doubles(x), k, l, i, j)


def darknet_backward(delta, x, gamma, order="right"):
    """Darknet's backward pass of batch norm as its six steps: dx, dgamma, dbeta.

    order "scale_last" and "variance_as_printed" err as the note does when followed to the letter.
    """
    return _notes.darknet_backward(*_doubles(delta, x, gamma), order)


def darknet_backward_frozen(delta, gamma, rolling_var):
    """Inference: rolling statistics are constants, dx = gamma*delta/sqrt(var + eps)."""
    return _notes.darknet_backward_frozen(*_doubles(delta, gamma, rolling_var))


def darknet_variance(x, channel):
    """What Darknet's forward pass calls the variance: divided by m - 1."""
    return _notes.darknet_variance(*_doubles(x), channel)


def affine_batch_norm_relu(x, w, b, gamma, beta):
    """h = x w + b -> batch norm -> ReLU; x (N,D), w (D,L), the others (L)."""
    return _notes.affine_batch_norm_relu(*_doubles(x, w, b, gamma, beta))


def affine_batch_norm_relu_backward(da, x, w, b, gamma, beta):
    """dx, dw, db, dgamma, dbeta of the whole chain; db is 0."""
    return _notes.affine_batch_norm_relu_backward(*_doubles(da, x, w, b, gamma, beta))
