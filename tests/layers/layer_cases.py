"""The layers. Where PyTorch has a function of the same name and keywords it is asked under that name."""
import numpy as np
import torch

from case import Case, draw, grid

F = torch.nn.functional
MAP = (2, 4, 3, 5)


def sides(padding):
    """(left, right, top, bottom) of a number, a pair, or (top, left, bottom, right)."""
    if isinstance(padding, int):
        return (padding,) * 4
    if len(padding) == 2:
        return (padding[1],) * 2 + (padding[0],) * 2
    top, left, bottom, right = padding
    return left, right, top, bottom


def same(extent, kernel, stride, lower):
    """Padding before and after an axis so that the output is ceil(extent / stride)."""
    whole = max(0, (-(-extent // stride) - 1) * stride + kernel - extent)
    return (whole - whole // 2, whole // 2) if lower else (whole // 2, whole - whole // 2)


def padded(theirs, fill=0.0):
    """With the paddings that PyTorch lacks."""
    def run(x, *others, padding=0, stride=1, **keywords):
        if isinstance(padding, str):
            kernel = keywords.get("kernel_size") or others[0].shape[2]
            before, after = zip(*(same(extent, kernel, stride, padding == "same_lower") for extent in x.shape[2:]))
            padding = (*before, *after)
        return theirs(F.pad(x, sides(padding), value=fill), *others, stride=stride, **keywords)
    return run


def convolutions():
    for options in grid(stride=[1, 2, [2, 1]], padding=[0, 1, [2, 1]], dilation=[1, [1, 2]], groups=[1, 2]):
        arrays = {"x": (2, 4, 5, 6), "w": (4, 4 // options["groups"], 3, 2)}
        if options["padding"] != 0:
            arrays["b"] = (4,)
        yield Case("conv2d", arrays, options)
    yield Case("conv2d", {"x": (1, 18, 7, 9), "w": (17, 18, 3, 3), "b": (17,)}, {"padding": 1})  # more than a block; Winograd
    yield Case("conv2d", {"x": (2, 3, 4, 4), "w": (6, 1, 3, 3), "b": (6,)}, {"padding": "same", "groups": 3})
    for padding, stride in (([1, 0, 0, 2], 2), ([0, 2, 1, 1], 1), ("same", 2), ("same_lower", 2), ("same_lower", 1)):
        yield Case("conv2d", {"x": (2, 3, 5, 6), "w": (4, 3, 3, 3), "b": (4,)}, {"padding": padding, "stride": stride}, padded(F.conv2d))
    for options in grid(stride=[1, 2, [3, 2]], padding=[0, 1], output_padding=[0, 1], groups=[1, 2], dilation=[1, 2]):
        if options["output_padding"] and options["stride"] == 1 and options["dilation"] == 1:
            continue
        arrays = {"x": (2, 4, 3, 2), "w": (4, 3, 2, 3)}
        if options["padding"]:
            arrays["b"] = (3 * options["groups"],)
        yield Case("conv_transpose2d", arrays, options)
    yield Case("conv_transpose2d", {"x": (1, 3, 3, 4), "w": (3, 2, 3, 3), "b": (2,)}, {"stride": 2, "padding": [1, 0, 2, 1]},
               lambda x, w, b, stride, padding: F.conv_transpose2d(x, w, b, stride)[:, :, 1:-2, :-1])
    yield Case("linear", {"x": (3, 5), "w": (4, 5)})
    yield Case("linear", {"x": (3, 5), "w": (4, 5), "b": (4,)})


def windows(x, kernel_size, stride, padding, dilation):
    """(N,C,kh*kw,P,Q): the places of every window, 0 in the padding."""
    extents = [(e + 2 * padding - d * (k - 1) - 1) // stride + 1 for e, k, d in zip(x.shape[2:], kernel_size, dilation)]
    return F.unfold(x, kernel_size, dilation, padding, stride).reshape(*x.shape[:2], -1, *extents)


def dilated_avg_pool2d(x, count_include_pad, **window):
    places = windows(x, **window)
    return places.sum(2) / (places.shape[2] if count_include_pad else windows(torch.ones_like(x), **window).sum(2))


def dilated_lp_pool2d(x, norm_type, **window):
    return (windows(x, **window).abs() ** norm_type).sum(2) ** (1 / norm_type)


def pools():
    grids = dict(kernel_size=[2, [3, 2]], stride=[None, 1, [2, 3]], padding=[0, 1], ceil_mode=[False, True])
    for options in grid(**grids):
        yield Case("max_pool2d", {"x": (1, 2, 5, 6)}, options)
    for padding in ("same", "same_lower", [0, 1, 1, 0]):
        options = {"kernel_size": 2, "stride": 2, "padding": padding}
        yield Case("max_pool2d", {"x": (1, 2, 5, 7)}, options, padded(F.max_pool2d, fill=-1e9))
        yield Case("avg_pool2d", {"x": (1, 2, 5, 7)}, {**options, "count_include_pad": True}, padded(F.avg_pool2d))
    for stride in (1, 2):  # rounded numbers tie; the gradient of amax is shared
        yield Case("max_pool2d", {"x": np.round(draw(2, 2, 4, 6, seed=7) / 3)}, {"kernel_size": 2, "stride": stride, "ties": "split"},
                   lambda x, kernel_size, stride, ties: x.unfold(2, 2, stride).unfold(3, 2, stride).flatten(4).amax(-1))
    for options in grid(**grids, count_include_pad=[True, False]):
        yield Case("avg_pool2d", {"x": (1, 2, 5, 6)}, options)

    def lp_pool2d(x, norm_type, kernel_size, stride=None, ceil_mode=False, padding=0):
        sums = F.avg_pool2d(x.abs() ** norm_type, kernel_size, stride, padding, ceil_mode, divisor_override=1)
        return sums ** (1 / norm_type)

    for options in grid(norm_type=[2], kernel_size=[2, [3, 2]], stride=[None, 1]):  # PyTorch sums x^p, so that p must be even
        yield Case("lp_pool2d", {"x": (1, 2, 5, 6)}, options)
    for options in grid(norm_type=[1, 3], kernel_size=[2, [3, 2]], stride=[2, [1, 3]], ceil_mode=[False, True], padding=[0, 1]):
        yield Case("lp_pool2d", {"x": (1, 2, 5, 6)}, options, lp_pool2d)
    for padding in ("same", "same_lower"):
        options = {"norm_type": 2, "kernel_size": 2, "stride": 2, "padding": padding}
        yield Case("lp_pool2d", {"x": (1, 2, 5, 7)}, options, padded(lp_pool2d))
    yield Case("lp_pool2d", {"x": MAP}, {"norm_type": 3, "kernel_size": None},
               lambda x, norm_type, kernel_size: x.norm(norm_type, dim=(2, 3), keepdim=True))
    for options in grid(kernel_size=[(2, 3)], stride=[1, 2], padding=[0, 1], dilation=[(1, 2), (2, 1)]):
        yield Case("max_pool2d", {"x": (1, 2, 5, 6)}, options)
        for count in (True, False):
            yield Case("avg_pool2d", {"x": (1, 2, 5, 6)}, {**options, "count_include_pad": count}, dilated_avg_pool2d)
        yield Case("lp_pool2d", {"x": (1, 2, 5, 6)}, {**options, "norm_type": 2}, dilated_lp_pool2d)
    yield Case("global_avg_pool", {"x": MAP}, {}, lambda x: F.adaptive_avg_pool2d(x, 1))
    yield Case("global_max_pool", {"x": MAP}, {}, lambda x: F.adaptive_max_pool2d(x, 1))


def units():
    plain = ("relu", "relu6", "silu", "mish", "hardswish", "sigmoid", "logsigmoid", "tanh", "softsign", "selu", "elu", "celu",
             "gelu", "softplus", "leaky_relu", "exp", "abs", "neg", "reciprocal")
    for name in plain:
        theirs = getattr(torch, name, None) or getattr(F, name)
        for shape in ((3, 7), MAP):
            yield Case(name, {"x": shape}, {}, theirs)
        yield Case(name, {"x": 9 * draw(2, 40, seed=4)}, {}, theirs)  # where they saturate
    for name in ("log", "sqrt"):
        yield Case(name, {"x": np.abs(draw(2, 3, 4, 4, seed=5)) + 1 / 256})
    yield Case("log_sigmoid", {"x": MAP}, {}, F.logsigmoid)
    for name, options in (("leaky_relu", {"negative_slope": 0.25}), ("elu", {"alpha": 0.5}), ("celu", {"alpha": 2.5}),
                          ("gelu", {"approximate": "tanh"}), ("softplus", {"beta": 2.0, "threshold": 3.0}), ("clip", {"min": -1.5, "max": 0.5}),
                          ("clip", {"min": 1.0}), ("clip", {"max": -1.0})):
        yield Case(name, {"x": (3, 21)}, options)
        yield Case(name, {"x": MAP}, options)
    for options in ({}, {"alpha": 0.2, "beta": 0.25}):  # PyTorch's own has 1/6 in single precision in its gradient
        for x in ((3, 7), MAP, 9 * draw(2, 40, seed=4)):
            yield Case("hardsigmoid", {"x": x}, options, lambda x, alpha=1 / 6, beta=0.5: torch.clamp(alpha * x + beta, 0, 1))
    yield Case("selu", {"x": MAP}, {"alpha": 0.5, "gamma": 2.0}, lambda x, alpha, gamma: gamma * F.elu(x, alpha))
    for weight in ((1,), (4,)):
        yield Case("prelu", {"x": MAP, "weight": weight})
        yield Case("prelu", {"x": (3, 4), "weight": weight})
    yield Case("dropout", {"x": MAP}, {"training": False})
    for dim in (0, 1, 2, -1):
        for name in ("softmax", "log_softmax"):
            yield Case(name, {"x": MAP}, {"dim": dim})
            yield Case(name, {"x": (3, 40)}, {"dim": dim % 2 - 2})


def normalisations():
    def statistics(channels):
        return {"running_mean": draw(channels, seed=21), "running_var": np.abs(draw(channels, seed=22)) + 0.5}

    for shape in ((6, 3), (3, 3, 2, 4)):
        for options in grid(training=[True, False], eps=[1e-5, 0.25], momentum=[0.1, 0.75]):
            for affine in ({}, {"weight": (3,), "bias": (3,)}):
                # Without gradients for the statistics: they are `updated`, constants of the call.
                yield Case("batch_norm", {"x": shape, **affine}, options, batch_norm(bool(affine)), statistics(3))
    for shape in ([4], [5, 4], [3, 5, 4]):
        for affine in ({}, {"weight": tuple(shape), "bias": tuple(shape)}):
            yield Case("layer_norm", {"x": (2, 3, 5, 4), **affine}, {"normalized_shape": shape, "eps": 1e-5 if affine else 0.25})
    yield Case("layer_norm", {"x": (3, 6), "weight": (6,), "bias": (6,)}, {"normalized_shape": [6]})
    for groups in (1, 2, 4):
        for affine in ({}, {"weight": (4,), "bias": (4,)}, {"weight": (4,)}):
            yield Case("group_norm", {"x": (2, 4, 3, 3), **affine}, {"num_groups": groups, "eps": 1e-5 if affine else 0.25})
    for affine in ({}, {"weight": (4,), "bias": (4,)}):
        for eps in (1e-5, 0.25):
            yield Case("instance_norm", {"x": (2, 4, 3, 3), **affine}, {"eps": eps})
    for options in ({"size": 3}, {"size": 5, "alpha": 0.5}, {"size": 4, "alpha": 0.5, "beta": 1.25, "k": 2.0}, {"size": 2, "alpha": 2.0, "k": 0.5}):
        yield Case("local_response_norm", {"x": (2, 7, 2, 3)}, options)
    yield Case("local_response_norm", {"x": (2, 7, 2, 3)}, {"size": 4, "alpha": 0.5, "odd_channel": "after"},
               lambda x, size, alpha, odd_channel: F.local_response_norm(x.flip(1), size, alpha).flip(1))


def batch_norm(affine):
    def run(x, *others, **keywords):
        weight_and_bias, (mean, var) = others[:-2], others[-2:]
        return F.batch_norm(x, mean, var, *weight_and_bias, **keywords)
    return run


def joins():
    names = {"subtract": torch.sub, "multiply": torch.mul, "divide": torch.div, "minimum": torch.minimum, "maximum": torch.maximum}
    for name, theirs in names.items():
        for a, b in (((2, 3, 4, 5), (2, 3, 4, 5)), ((2, 3, 4, 5), (2, 3, 1, 1)), ((2, 1, 4, 1), (2, 3, 1, 5)), ((3, 4), (3, 4)),
                     ((2, 3, 4, 5), (3, 1, 1)), ((5,), (2, 3, 4, 5)), ((3, 4), ()), ((), (2, 3, 4, 5)), ((5,), ()), ((), (5,))):
            yield Case(name, {"a": a, "b": b}, {}, theirs)
    for a, b in (((2, 3, 4), (2, 3, 4)), ((2, 3, 4), (4,)), ((1, 4), (2, 3, 4)), ((2, 3, 4), ()), ((), (7,))):
        yield Case("power", {"a": np.abs(draw(*a, seed=6)) + 0.25, "b": b}, {}, torch.pow)
    yield Case("add", {"x[0]": MAP, "x[1]": MAP}, {}, lambda *x: sum(x))
    yield Case("add", {"x[0]": MAP, "x[1]": (2, 4, 1, 1), "x[2]": (2, 1, 3, 5)}, {}, lambda *x: sum(x))
    for one, other in ((MAP, (4, 1, 1)), ((4, 1, 1), MAP), (MAP, ()), ((), (3,))):
        yield Case("add", {"x[0]": one, "x[1]": other}, {}, lambda *x: sum(x))
    yield Case("concat", {"x[0]": (2, 3, 2, 2), "x[1]": (2, 1, 2, 2), "x[2]": (2, 17, 2, 2)}, {}, lambda *x: torch.cat(x, 1))
    yield Case("concat", {"x[0]": (2, 3), "x[1]": (2, 4)}, {}, lambda *x: torch.cat(x, 1))
    for dim in (2, 3, -1):
        yield Case("concat", {"x[0]": (2, 3, 2, 2), "x[1]": (2, 3, 2, 2)}, {"dim": dim}, lambda *x, dim: torch.cat(x, dim))


def moves():
    yield Case("flatten", {"x": MAP}, {}, lambda x: x.flatten(1))
    for shape, whole in (([5, 12], (2, 5, 12)), ([0, -1], (2, 4, 15)), ([60], (2, 60))):
        yield Case("reshape", {"x": MAP}, {"shape": shape}, lambda x, shape, whole=whole: x.reshape(whole))
    for perm in ([2, 3, 1], [3, 1, 2], [1, 3, 2]):
        yield Case("transpose", {"x": MAP}, {"perm": perm}, lambda x, perm: x.permute(0, *perm))
    yield Case("slice", {"x": MAP}, {"starts": [1, 0], "ends": [3, -1]}, lambda x, starts, ends: x[:, 1:3, 0:-1])
    yield Case("slice", {"x": MAP}, {"starts": [0, -1], "ends": [99, -99], "axes": [1, -1], "steps": [2, -2]},
               lambda x, **_: x[:, ::2].flip(3)[..., ::2])
    for dim in (None, 0, 1, -2, [0, 3]):
        yield Case("squeeze", {"x": (1, 3, 1, 1, 2)}, {} if dim is None else {"dim": dim},
                   lambda x, dim=None: x.squeeze() if dim is None else x[0, :, :, 0] if isinstance(dim, tuple) else x.squeeze(dim))
    for dim in (0, 1, 4, -1, -5):
        yield Case("unsqueeze", {"x": MAP}, {"dim": dim})
    for block in (2, 3):
        deep, wide = (2, 2 * block * block, 2, 3), (2, 2, 2 * block, 3 * block)
        yield Case("pixel_shuffle", {"x": deep}, {"upscale_factor": block})
        yield Case("pixel_unshuffle", {"x": wide}, {"downscale_factor": block})
        yield Case("depth_to_space", {"x": deep}, {"block": block, "mode": "CRD"}, lambda x, block, mode: F.pixel_shuffle(x, block))
        yield Case("space_to_depth", {"x": wide}, {"block": block, "mode": "CRD"}, lambda x, block, mode: F.pixel_unshuffle(x, block))
        yield Case("depth_to_space", {"x": deep}, {"block": block}, lambda x, block: F.pixel_shuffle(
            x.reshape(2, block * block, 2, 2, 3).transpose(1, 2).reshape(x.shape), block))
        yield Case("space_to_depth", {"x": wide}, {"block": block}, lambda x, block: F.pixel_unshuffle(x, block).reshape(
            2, 2, block * block, 2, 3).transpose(1, 2).reshape(2, -1, 2, 3))
    for groups in (2, 3):
        yield Case("channel_shuffle", {"x": (2, 6, 2, 3)}, {"groups": groups},
                   lambda x, groups: x.reshape(2, groups, 6 // groups, 2, 3).transpose(1, 2).reshape(x.shape))
    for pad in ([1, 2], [1, 0, 2, 1]):
        for options in ({}, {"value": 1.5}, {"mode": "reflect"}, {"mode": "replicate"}):
            yield Case("pad", {"x": MAP}, {"pad": pad, **options},
                       (lambda x, pad, **k: F.pad(x, (*pad, 0, 0, 0, 0)[:4], **k)))
    yield Case("pad", {"x": MAP}, {"pad": [1, 0, 2, 1, 1, 2]})


def reductions():
    theirs = {"mean": torch.mean, "sum": torch.sum, "max": torch.amax, "min": torch.amin, "log_sum_exp": torch.logsumexp,
              "l1": lambda x, dim, keepdim: x.abs().sum(dim, keepdim), "l2": lambda x, dim, keepdim: x.pow(2).sum(dim, keepdim).sqrt()}
    for op, function in theirs.items():
        for axes, keepdims in (([], True), ([1], True), ([2, 3], True), ([2, 3], False), ([-1], False)):
            yield Case("reduce", {"x": MAP}, {"op": op, "axes": axes, "keepdims": keepdims},
                       lambda x, op, axes, keepdims, function=function: function(x, axes or (1, 2, 3), keepdims))


def resizes():
    sizes = ([6, 10], [2, 3], [4, 7], [1, 1], [5, 1])
    scales = (2.0, [1.5, 0.7])
    for mode in ("nearest", "nearest-exact", "bilinear", "bicubic"):
        for corners in (False,) if mode.startswith("nearest") else (False, True):
            options = {"mode": mode, **({"align_corners": True} if corners else {})}
            for size in sizes:
                yield Case("interpolate", {"x": (1, 2, 3, 5)}, {"size": size, **options})
            for scale in scales:
                yield Case("interpolate", {"x": (1, 2, 3, 5)}, {"scale_factor": scale, **options})
    x = {"x": (1, 2, 3, 5)}
    for coordinates, corners in (("half_pixel", False), ("align_corners", True)):
        yield Case("resize", x, {"sizes": [4, 7], "mode": "cubic", "coordinates": coordinates},
                   lambda x, sizes, mode, coordinates, corners=corners: F.interpolate(x, sizes, mode="bicubic", align_corners=corners))
    for options in grid(mode=["nearest", "linear", "cubic"], coordinates=["half_pixel_symmetric", "asymmetric", "pytorch_half_pixel"],
                        exclude_outside=[False, True]):
        yield Case("resize", x, {"scale_h": 1.5, "scale_w": 0.75, "cubic_coeff_a": -0.5, **options}, by_matrices)
    for nearest in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
        for coordinates in ("half_pixel", "tf_half_pixel_for_nn", "asymmetric"):
            yield Case("resize", x, {"scale_h": 2.0, "scale_w": 0.5, "nearest": nearest, "coordinates": coordinates}, by_matrices)


def by_matrices(x, scale_h, scale_w, **rules):
    """Each axis as a matrix of weights, from the text of ONNX Resize."""
    rows, columns = (torch.tensor(weights(x.shape[axis], scale, **rules)) for axis, scale in ((2, scale_h), (3, scale_w)))
    return torch.einsum("ph,nchw,qw->ncpq", rows, x, columns)


def weights(extent, scale, mode="nearest", coordinates="half_pixel", nearest="round_prefer_floor", cubic_coeff_a=-0.75, exclude_outside=False):
    length = int(np.floor(extent * scale))
    p = np.arange(length)
    v = {"half_pixel": (p + 0.5) / scale - 0.5, "asymmetric": p / scale, "tf_half_pixel_for_nn": (p + 0.5) / scale,
         "pytorch_half_pixel": (p + 0.5) / scale - 0.5 if length > 1 else 0 * p,
         "half_pixel_symmetric": extent / 2 * (1 - length / (extent * scale)) + (p + 0.5) / scale - 0.5}[coordinates]
    if mode == "nearest":
        whole = {"round_prefer_floor": np.ceil(v - 0.5), "round_prefer_ceil": np.floor(v + 0.5), "floor": np.floor(v), "ceil": np.ceil(v)}[nearest]
        taps = [(whole, np.ones(length))]
    else:
        t, a = v - np.floor(v), cubic_coeff_a
        near, far = (lambda d: (a + 2) * d**3 - (a + 3) * d**2 + 1), (lambda d: a * (d**3 - 5 * d**2 + 8 * d - 4))
        kernel = {0: 1 - t, 1: t} if mode == "linear" else {-1: far(t + 1), 0: near(t), 1: near(1 - t), 2: far(2 - t)}
        taps = [(np.floor(v) + offset, weight) for offset, weight in kernel.items()]
    matrix = np.zeros((length, extent))
    for place, weight in taps:
        inside = (place >= 0) & (place < extent)
        np.add.at(matrix, (p, np.clip(place, 0, extent - 1).astype(int)), weight * inside if exclude_outside and mode != "nearest" else weight)
    return matrix / matrix.sum(axis=1, keepdims=True) if exclude_outside else matrix


def layer_cases():
    for group in (convolutions, pools, units, normalisations, joins, moves, reductions, resizes):
        yield from group()
