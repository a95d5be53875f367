"""Models of one operator over the combinations of its attributes, and models that must be refused."""
import collections
import itertools

import numpy as np
from onnx import TensorProto, helper, numpy_helper

Case = collections.namedtuple("Case", "name model shape")
RANDOM = np.random.RandomState(5)
MAP, LINE, FEATURES = (2, 4, 5, 6), (2, 4, 9), (2, 6)


def numbers(*shape):
    """Eighths: they compress well, and their products are exact."""
    return (RANDOM.randint(-16, 17, shape) / 8).astype(np.float32)


def node(op, *inputs, outputs=("y",), **attributes):
    return helper.make_node(op, list(inputs), list(outputs), **attributes)


def build(nodes, shape, opset, constants=None, rank=None, batch="N"):
    dims = [batch, *shape[1:]]
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, dims)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None if rank is None else [None] * rank)],
        [c if isinstance(c, TensorProto) else numpy_helper.from_array(np.asarray(c), name) for name, c in (constants or {}).items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], producer_name="fovea tests")
    model.ir_version = 8
    return model.SerializeToString()


class Cases:
    """Models by name. What opset 13 has as opsets 18 to 20 do comes in one of these too."""

    def __init__(self):
        self.list, self.counts = [], collections.Counter()

    def add(self, nodes, shape, opset, constants=None, **more):
        nodes = nodes if isinstance(nodes, list) else [nodes]
        kind = nodes[-1].op_type.lower()
        self.counts[kind] += 1
        opsets = [opset, 18 + self.counts[kind] % 3] if opset == 13 and kind != "reducemean" else [opset]
        for version in opsets:
            self.list.append(Case(f"{kind}_{self.counts[kind]}_opset{version}", build(nodes, shape, version, constants, **more), shape))


def convolutions(cases):
    windows = [dict(kernel_shape=[3, 3]), dict(kernel_shape=[2, 3], strides=[2, 1]), dict(kernel_shape=[3, 2], pads=[0, 1, 2, 0]),
               dict(kernel_shape=[2, 2], dilations=[2, 3], pads=[1, 1, 1, 1]), dict(kernel_shape=[1, 1], strides=[3, 2]), {}]
    windows += [dict(kernel_shape=[3, 2], strides=s, auto_pad=p) for s in ([1, 1], [2, 3]) for p in ("SAME_UPPER", "SAME_LOWER", "VALID")]
    for (i, window), group in itertools.product(enumerate(windows), (1, 2, 4)):
        kernel = window.get("kernel_shape", [3, 3])
        constants = {"w": numbers(8, 4 // group, *kernel), "b": numbers(8)}
        bias = i % 2 == 0
        cases.add(node("Conv", "x", "w", *(["b"] if bias else []), group=group, **window), MAP, (7, 11, 17, 20)[i % 4],
                  constants if bias else {"w": constants["w"]})
    for window in (dict(kernel_shape=[3]), dict(strides=[2], pads=[2, 1]), dict(dilations=[2]), dict(auto_pad="SAME_UPPER", strides=[2])):
        cases.add(node("Conv", "x", "w", "b", **window), LINE, 13, {"w": numbers(5, 4, 3), "b": numbers(5)})
    cases.add([node("Conv", "x", "w", outputs=["c"]), node("Add", "b", "c")], MAP, 13, {"w": numbers(5, 4, 3, 3), "b": numbers(1, 5, 1, 1)})


def pools(cases):
    windows = [dict(kernel_shape=[2, 2]), dict(kernel_shape=[3, 2], strides=[2, 2]), dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
               dict(kernel_shape=[3, 2], pads=[1, 0, 0, 1]), dict(kernel_shape=[3, 3], strides=[2, 1], pads=[2, 0, 1, 2]), dict(kernel_shape=[2, 3], strides=[1, 2], auto_pad="SAME_UPPER"),
               dict(kernel_shape=[3, 3], strides=[2, 3], auto_pad="SAME_LOWER"), dict(kernel_shape=[3, 3], auto_pad="VALID", strides=[3, 2])]
    for window, ceil in itertools.product(windows, (0, 1)):
        if ceil and "auto_pad" in window:
            continue
        ceiled = dict(ceil_mode=1) if ceil else {}
        cases.add(node("MaxPool", "x", **window, **ceiled), MAP, 12 if ceil else 7)
        for count in (0, 1):
            cases.add(node("AveragePool", "x", **window, **ceiled, count_include_pad=count), MAP, 19 if ceil else 7)
    cases.add(node("MaxPool", "x", kernel_shape=[2, 2], storage_order=1, dilations=[1, 1]), MAP, 10)
    cases.add(node("MaxPool", "x", kernel_shape=[3], strides=[2], pads=[1, 0]), LINE, 12)
    cases.add(node("AveragePool", "x", kernel_shape=[3], strides=[2], pads=[1, 1]), LINE, 11)
    for shape in (MAP, LINE):
        cases.add(node("GlobalAveragePool", "x"), shape, 7)
    for opset, keep in itertools.product((11, 17), (0, 1)):
        cases.add(node("ReduceMean", "x", axes=[2, 3], keepdims=keep), MAP, opset)
    cases.add(node("ReduceMean", "x", "axes", keepdims=0), MAP, 18, {"axes": np.array([-1, -2])})
    cases.add(node("ReduceMean", "x", axes=[-1]), LINE, 13)


def norms(cases):
    for opset, shape in itertools.product((7, 9, 14, 15), (MAP, LINE, FEATURES)):
        c = shape[1]
        constants = {"s": numbers(c), "b": numbers(c), "m": numbers(c), "v": np.abs(numbers(c)) + np.float32(0.25)}
        cases.add(node("BatchNormalization", "x", *constants, epsilon=(1e-5, 0.125)[opset % 2], momentum=0.75), shape, opset, constants)


def pointwise(cases):
    for shape in (MAP, LINE, FEATURES):
        cases.add(node("Relu", "x"), shape, 6)
        cases.add(node("LeakyRelu", "x", alpha=0.2), shape, 6)
    cases.add(node("LeakyRelu", "x"), MAP, 16)
    for approximate in ("none", "tanh"):
        cases.add(node("Gelu", "x", approximate=approximate), MAP, 20)
    cases.add(node("Gelu", "x"), FEATURES, 20)
    for low, high in ((0.0, 6.0), (0.0, None)):
        bounds = {"min": low} | ({} if high is None else {"max": high})
        cases.add(node("Clip", "x", **bounds), MAP, 6)
        names = {"lo": np.float32(low)} | ({} if high is None else {"hi": np.float32(high)})
        cases.add(node("Clip", "x", *names), MAP, 13, names)
    cases.add([node("Relu", "x", outputs=["a"]), node("Clip", "a")], MAP, 12)
    for opset, axis in ((11, None), (11, 1), (13, None), (13, 1), (13, -1)):
        cases.add(node("Softmax", "x", **({} if axis is None else dict(axis=axis))), FEATURES, opset)
    cases.add(node("Dropout", "x", ratio=0.25), MAP, 7)
    cases.add(node("Dropout", "x", outputs=["y", "mask"], ratio=0.25), MAP, 10)
    cases.add(node("Dropout", "x", "r"), MAP, 13, {"r": np.float32(0.25)})
    cases.add(node("Dropout", "x", "r", "t"), MAP, 13, {"r": np.float32(0.25), "t": np.array(False)})
    cases.add(node("Sum", "x", "x", "x"), MAP, 8)
    cases.add([node("Relu", "x", outputs=["a"]), node("Add", "x", "a")], LINE, 7)
    cases.add([node("Relu", "x", outputs=["a"]), node("Sum", "a")], MAP, 13)
    cases.add([node("Relu", "x", outputs=["a"]), node("Concat", "x", "a", axis=1)], MAP, 7)
    cases.add([node("Relu", "x", outputs=["a"]), node("Concat", "a", "x", "a", axis=-3)], MAP, 13)
    cases.add([node("Relu", "x", outputs=["a"]), node("Concat", "x", "a", axis=-1)], FEATURES, 13)
    for op, more in (("Identity", {}), ("Cast", dict(to=1)), ("Transpose", dict(perm=[0, 1, 2, 3])), ("Pad", dict(pads=[0] * 8))):
        cases.add([node("Relu", "x", outputs=["a"]), node(op, "a", **more)], MAP, 9)


def matrices(cases):
    for opset, turned, bias in itertools.product((7, 9, 13), (0, 1), ("vector", "row", "scalar", "none")):
        constants = {"w": numbers(*((5, 6) if turned else (6, 5)))}
        if bias != "none":
            constants["c"] = {"vector": numbers(5), "row": numbers(1, 5), "scalar": numbers(1)}[bias]
        if bias == "none" and opset < 11:
            continue
        scales = dict(alpha=0.5, beta=1.5) if opset == 13 else {}
        cases.add(node("Gemm", "x", *constants, transB=turned, **scales), FEATURES, opset, constants)
    w, b = numbers(6, 5), numbers(5)
    cases.add(node("MatMul", "x", "w"), FEATURES, 9, {"w": w})
    cases.add([node("MatMul", "x", "w", outputs=["p"]), node("Add", "p", "b")], FEATURES, 13, {"w": w, "b": b})
    cases.add([node("MatMul", "x", "w", outputs=["p"]), node("Add", "b", "p")], FEATURES, 13, {"w": w, "b": numbers(1, 5)})
    cases.add([node("Transpose", "w", outputs=["t"], perm=[1, 0]), node("MatMul", "x", "t")], FEATURES, 13, {"w": numbers(5, 6)})
    for shape in (MAP, LINE):
        constants = {"w": numbers(shape[-1], 5), "b": numbers(5)}
        cases.add([node("MatMul", "x", "w", outputs=["p"]), node("Add", "p", "b")], shape, 13, constants)
        cases.add(node("MatMul", "x", "w"), shape, 9, {"w": constants["w"]})
    # The types in which weights may stand.
    for kind in (np.float64, np.float16):
        cases.add([node("Cast", "w", outputs=["f"], to=1), node("MatMul", "x", "f")], FEATURES, 13, {"w": w.astype(kind)})
    listed = helper.make_tensor("w", TensorProto.FLOAT, w.shape, w.flatten().tolist())
    cases.add(node("MatMul", "x", "w"), FEATURES, 13, {"w": listed})
    cases.add([node("Constant", outputs=["w"], value=numpy_helper.from_array(w)), node("MatMul", "x", "w")], FEATURES, 13)
    cases.add([node("ConstantOfShape", "s", outputs=["w"], value=helper.make_tensor("v", TensorProto.FLOAT, [1], [0.5])), node("MatMul", "x", "w")],
              FEATURES, 13, {"s": np.array([6, 2])})


def axes(cases):
    for axis in (1, -3):
        cases.add(node("Flatten", "x", axis=axis), MAP, 13)
    cases.add(node("Flatten", "x"), LINE, 9)
    size = 4 * 5 * 6
    for target in ([0, -1], [-1, size], [0, size], [2, -1], [0, 0, 0, 0], [0, 4, -1, 6]):
        cases.add([node("Relu", "x", outputs=["a"]), node("Reshape", "a", "s")], MAP, 13, {"s": np.array(target)}, batch=2)
    cases.add([node("Constant", outputs=["s"], value_ints=[-1, size]), node("Reshape", "x", "s")], MAP, 13)
    # What PyTorch made of x.view(x.size(0), -1), and TensorFlow's converters of a flattening.
    shape, tail = node("Shape", "x", outputs=["shape"]), node("Reshape", "x", "s")
    cases.add([shape, node("Gather", "shape", "zero", outputs=["n"], axis=0), node("Unsqueeze", "n", outputs=["n1"], axes=[0]),
               node("Concat", "n1", "rest", outputs=["s"], axis=0), tail], MAP, 9, {"zero": np.array(0), "rest": np.array([-1])})
    cases.add([shape, node("Slice", "shape", "begin", "end", outputs=["n"]), node("Slice", "shape", "end", "far", outputs=["d"]),
               node("Cast", "d", outputs=["df"], to=1), node("Cast", "df", outputs=["di"], to=7), node("Gather", "di", "i0", outputs=["d0"]),
               node("Gather", "di", "i1", outputs=["d1"]), node("Gather", "di", "i2", outputs=["d2"]), node("Mul", "d0", "d1", outputs=["d01"]),
               node("Mul", "d01", "d2", outputs=["m"]), node("Concat", "n", "m", outputs=["s"], axis=0), tail], MAP, 13,
              {"begin": np.array([0]), "end": np.array([1]), "far": np.array([2**63 - 1]), **{f"i{k}": np.array([k]) for k in range(3)}})
    pooled = node("GlobalAveragePool", "x", outputs=["p"])
    cases.add([pooled, node("Squeeze", "p", axes=[2, 3])], MAP, 11)
    cases.add([pooled, node("Squeeze", "p", "a")], MAP, 13, {"a": np.array([-1, -2])})
    cases.add([node("Relu", "x", outputs=["a"]), node("Unsqueeze", "a", axes=[2])], LINE, 11)
    cases.add([node("Relu", "x", outputs=["a"]), node("Unsqueeze", "a", "i", outputs=["b"]), node("Squeeze", "b", "i")], LINE, 13, {"i": np.array([2])})


def transposed_convolutions(cases):
    windows = [dict(kernel_shape=[3, 3]), dict(strides=[2, 3], pads=[1, 0, 0, 1]), dict(strides=[2, 2], output_padding=[1, 0]),
               dict(dilations=[2, 1], pads=[1, 1, 1, 1]), dict(auto_pad="VALID", strides=[3, 1])]
    for (i, window), group in itertools.product(enumerate(windows), (1, 2)):
        constants = {"w": numbers(4, 3, 3, 3)} | ({"b": numbers(3 * group)} if i % 2 else {})
        cases.add(node("ConvTranspose", "x", *constants, group=group, **window), MAP, (11, 7)[i % 2], constants)
    cases.add(node("ConvTranspose", "x", "w", strides=[2], output_padding=[1]), LINE, 11, {"w": numbers(4, 5, 3)})


def more_pools_and_norms(cases):
    for shape in (MAP, LINE):
        cases.add(node("GlobalMaxPool", "x"), shape, 7)
        cases.add(node("GlobalLpPool", "x", p=3), shape, 7)
    cases.add(node("GlobalLpPool", "x"), MAP, 7)
    for p, window in itertools.product((1, 2, 3), (dict(kernel_shape=[2, 3]), dict(kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 1]))):
        cases.add(node("LpPool", "x", p=p, **window), MAP, 11)
    for op, opset, keep in itertools.product(("Mean", "Sum", "Max", "Min", "L1", "L2", "LogSumExp"), (11, 18), (0, 1)):
        for over in ([-1, 1], [2, 3]):
            listed = opset == 18
            cases.add(node(f"Reduce{op}", "x", *(["a"] if listed else []), **({} if listed else dict(axes=over)), keepdims=keep), MAP, opset,
                      {"a": np.array(over)} if listed else {})
    cases.add(node("ReduceSum", "x", "a"), MAP, 13, {"a": np.array([2])})
    cases.add(node("ReduceMax", "x", axes=[2]), LINE, 12)
    for shape in (MAP, LINE):
        cases.add(node("InstanceNormalization", "x", "s", "b", epsilon=0.01), shape, 6, {"s": numbers(4), "b": numbers(4)})
    for axis, tail in ((-1, (6,)), (2, (5, 6)), (1, (4, 5, 6))):
        cases.add(node("LayerNormalization", "x", "s", "b", axis=axis, epsilon=0.01), MAP, 17, {"s": numbers(*tail), "b": numbers(*tail)})
    cases.add(node("LayerNormalization", "x", "s"), FEATURES, 17, {"s": numbers(6)})
    for size in (1, 3, 5):  # ONNX Runtime refuses even sizes
        cases.add(node("LRN", "x", size=size, alpha=0.5, beta=0.6, bias=2.0), MAP, 13)
    cases.add(node("LRN", "x", size=3), MAP, 6)
    # A group norm as PyTorch spells it, and what only looks like one: the last Reshape does not take the first one back.
    for back in ((0, 4, 5, 6), (0, 8, 5, 3)):
        cases.add([node("Reshape", "x", "to", outputs=["a"]), node("InstanceNormalization", "a", "s", "b", outputs=["c"]), node("Reshape", "c", "back")],
                  MAP, 13, {"to": np.array([0, 2, -1]), "s": np.ones(2, np.float32), "b": np.zeros(2, np.float32), "back": np.array(back)})
    # A layer norm as it is before opset 17, and what only looks like one: scale and shift are not along the last axis.
    for operand in ((4,), (4, 1, 1)):
        cases.add([node("ReduceMean", "x", axes=[-1], outputs=["mean"]), node("Sub", "x", "mean", outputs=["d"]),
                   node("Pow", "d", "two", outputs=["p"]), node("ReduceMean", "p", axes=[-1], outputs=["v"]), node("Add", "v", "eps", outputs=["e"]),
                   node("Sqrt", "e", outputs=["s"]), node("Div", "d", "s", outputs=["q"]), node("Mul", "q", "scale", outputs=["m"]),
                   node("Add", "m", "shift")], (2, 4, 5, 4), 12,
                  {"two": np.float32(2), "eps": np.float32(1e-3), "scale": numbers(*operand), "shift": numbers(*operand)})


def functions(cases):
    for op in ("Sigmoid", "Tanh", "Softsign", "Softplus", "Elu", "Selu", "HardSigmoid", "Exp", "Abs", "Neg"):
        cases.add(node(op, "x"), MAP, 7)
    cases.add(node("Tanh", "x"), LINE, 13)
    positive = node("Exp", "x", outputs=["a"])
    for op in ("Log", "Sqrt", "Reciprocal"):
        cases.add([positive, node(op, "a")], MAP, 13)
    cases.add(node("Elu", "x", alpha=0.5), FEATURES, 7)
    cases.add(node("Celu", "x", alpha=0.5), MAP, 12)
    cases.add(node("HardSigmoid", "x", alpha=0.3, beta=0.25), MAP, 7)
    cases.add(node("HardSwish", "x"), MAP, 14)
    cases.add(node("Mish", "x"), MAP, 18)
    for low, high in ((-0.5, 0.75), (None, 0.5), (-1.0, None)):
        bounds = ({} if low is None else {"min": low}) | ({} if high is None else {"max": high})
        cases.add(node("Clip", "x", **bounds), MAP, 6)
        cases.add(node("Clip", "x", "" if low is None else "lo", "" if high is None else "hi"), MAP, 13, {"lo": np.float32(low or 0), "hi": np.float32(high or 0)})
    for shape, slopes in ((MAP, (4, 1, 1)), (MAP, (1,)), (LINE, (4, 1)), (FEATURES, (6,))):
        cases.add(node("PRelu", "x", "w"), shape, 9, {"w": numbers(*slopes)})
    for axis in (1, 2, -1):
        cases.add(node("Softmax", "x", axis=axis), MAP, 13)
        cases.add(node("LogSoftmax", "x", axis=axis), MAP, 13)
    cases.add(node("LogSoftmax", "x"), FEATURES, 11)
    cases.add([node("GlobalAveragePool", "x", outputs=["a"]), node("Softmax", "a")], MAP, 11)


def arithmetic(cases):
    nonzero = lambda *shape: np.abs(numbers(*shape)) + np.float32(0.5)
    for op, (shape, other) in itertools.product(("Add", "Sub", "Mul", "Div"), ((MAP, ()), (MAP, (4, 1, 1)), (MAP, (1, 1, 5, 6)), (LINE, (4, 1)), (FEATURES, (6,)))):
        for order in (("x", "c"), ("c", "x"))[:1 + (op in ("Sub", "Div") and shape == FEATURES)]:
            cases.add(node(op, *order), shape, 7, {"c": nonzero(*other)})
    exponential, mean = node("Exp", "x", outputs=["a"]), node("GlobalAveragePool", "x", outputs=["b"])
    for op in ("Add", "Sub", "Mul", "Div", "Min", "Max"):
        cases.add([exponential, node(op, "x", "a")], MAP, 13)
    cases.add([mean, node("Mul", "x", "b")], MAP, 13)
    cases.add([exponential, node("Pow", "a", "c")], MAP, 13, {"c": np.float32(1.5)})
    cases.add(node("Max", "x", "c"), MAP, 13, {"c": np.float32(0.25)})
    cases.add(node("Min", "x", "c"), MAP, 13, {"c": numbers(4, 1, 1)})
    cases.add([node("Sigmoid", "x", outputs=["s"]), node("Mul", "x", "s")], MAP, 13)


def moves(cases):
    for mode in ("DCR", "CRD"):
        cases.add(node("DepthToSpace", "x", blocksize=2, mode=mode), MAP, 11)
    cases.add(node("DepthToSpace", "x", blocksize=2), MAP, 7)
    cases.add(node("SpaceToDepth", "x", blocksize=2), (2, 3, 6, 8), 13)
    for mode, pads in itertools.product(("constant", "reflect", "edge"), ([0, 0, 1, 2, 0, 0, 3, 0], [0, 1, 0, 0, 0, 2, 0, 1])):
        cases.add(node("Pad", "x", mode=mode, pads=pads), MAP, 10)
        cases.add(node("Pad", "x", "p", "v", mode=mode), MAP, 13, {"p": np.array(pads), "v": np.float32(0.5)})
    cases.add(node("Pad", "x", "p"), LINE, 13, {"p": np.array([0, 0, 2, 0, 0, 1])})
    cases.add(node("Pad", "x", "p", "", "a"), MAP, 18, {"p": np.array([1, 2, 0, 3]), "a": np.array([-1, 2])})
    cases.add([node("Pad", "x", "p", outputs=["a"]), node("AveragePool", "a", kernel_shape=[3, 3])], MAP, 13, {"p": np.array([0, 0, 1, 1, 0, 0, 1, 1])})
    for starts, ends, over, steps in (([1], [3], [1], [1]), ([0, 1], [-1, 2**63 - 1], [2, 3], [2, 3]), ([-1], [-100], [3], [-2]), ([1, 0], [9, 2], [-2, 1], [1, 1])):
        lists = {"s": np.array(starts), "e": np.array(ends), "a": np.array(over), "t": np.array(steps)}
        cases.add(node("Slice", "x", *lists), MAP, 13, lists)
    cases.add(node("Slice", "x", starts=[1], ends=[3], axes=[1]), MAP, 9)
    cases.add(node("Slice", "x", "s", "e", "a"), LINE, 13, {"s": np.array([2]), "e": np.array([7]), "a": np.array([2])})
    parts = dict(outputs=["a", "b"])
    cases.add([node("Split", "x", axis=1, **parts), node("Concat", "b", "a", axis=1)], MAP, 11)
    cases.add([node("Split", "x", axis=1, split=[1, 3], **parts), node("Concat", "b", "a", axis=1)], MAP, 11)
    cases.add([node("Split", "x", "s", axis=-1, **parts), node("Identity", "b")], MAP, 13, {"s": np.array([2, 4])})
    cases.add([node("Split", "x", axis=2, num_outputs=2, **parts), node("Relu", "b")], MAP, 18)
    for perm in ([0, 2, 3, 1], [0, 3, 2, 1], [0, 1, 3, 2]):
        cases.add(node("Transpose", "x", perm=perm), MAP, 13)
    cases.add(node("Transpose", "x", perm=[0, 2, 1]), LINE, 13)
    for target in ([0, 8, -1, 3], [0, 4, -1], [-1, 2, 2, 5, 6]):
        cases.add(node("Reshape", "x", "s"), MAP, 13, {"s": np.array(target)})
    cases.add(node("Unsqueeze", "x", "i"), MAP, 13, {"i": np.array([2])})
    cases.add([node("Reshape", "x", "s", outputs=["a"]), node("Transpose", "a", outputs=["b"], perm=[0, 2, 1, 3, 4]), node("Reshape", "b", "t")],
              MAP, 13, {"s": np.array([-1, 2, 2, 5, 6]), "t": np.array([-1, 4, 5, 6])})


def dilated_pools(cases):
    for window in (dict(kernel_shape=[2, 3], dilations=[2, 1]), dict(kernel_shape=[3, 2], dilations=[2, 3], strides=[1, 2], pads=[1, 0, 1, 1])):
        for ceil in (0, 1):
            cases.add(node("MaxPool", "x", ceil_mode=ceil, **window), MAP, 12)
            cases.add(node("AveragePool", "x", ceil_mode=ceil, count_include_pad=ceil, **window), MAP, 19)
        cases.add(node("LpPool", "x", p=2, **window), MAP, 18)
    cases.add(node("MaxPool", "x", kernel_shape=[2], dilations=[3]), LINE, 12)


def group_norms_and_joins(cases):
    for opset, groups in ((18, 2), (20, 4)):
        constants = {"s": numbers(groups), "b": numbers(groups)}
        cases.add(node("GroupNormalization", "x", "s", "b", num_groups=groups, epsilon=0.01), MAP, opset, constants)
    relu = node("Relu", "x", outputs=["a"])
    for axis in (2, -1):
        cases.add([relu, node("Concat", "x", "a", axis=axis)], MAP, 13)
    cases.add([relu, node("Concat", "a", "x", axis=2)], LINE, 13)


def resizes(cases):
    four = lambda h, w: {"e": np.zeros(0, np.float32), "s": np.array([1, 1, h, w], np.float32)}
    for coordinates, (h, w) in itertools.product(("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"), ((2, 3), (0.6, 1.7))):
        for mode in ("nearest", "linear", "cubic"):
            rounding = dict(nearest_mode=("floor", "round_prefer_ceil", "ceil")[len(cases.list) % 3]) if mode == "nearest" else {}
            cases.add(node("Resize", "x", "e", "s", mode=mode, coordinate_transformation_mode=coordinates, **rounding), MAP, 13, four(h, w))
    cases.add(node("Resize", "x", "e", "s", mode="cubic", exclude_outside=1, cubic_coeff_a=-0.5), MAP, 13, four(2, 2))
    cases.add(node("Resize", "x", "", "", "z", mode="linear"), MAP, 13, {"z": np.array([2, 4, 3, 13])})
    cases.add(node("Resize", "x", "", "", "z", mode="linear", coordinate_transformation_mode="half_pixel_symmetric"), MAP, 19, {"z": np.array([2, 4, 3, 13])})
    cases.add(node("Resize", "x", "s"), MAP, 10, {"s": np.array([1, 1, 2, 3], np.float32)})
    cases.add(node("Upsample", "x", mode="nearest", scales=[1.0, 1.0, 2.0, 3.0]), MAP, 7)
    cases.add(node("Upsample", "x", "s", mode="linear"), MAP, 9, {"s": np.array([1, 1, 2, 2], np.float32)})


def as_exported(cases):
    """What exporters write where one would not expect it."""
    places = lambda *values: np.array(values if values else 1)
    for opset in (14, 17):
        constants = {"s": numbers(4), "b": numbers(4), "m": numbers(4), "v": np.abs(numbers(4)) + np.float32(0.25)}
        cases.add(node("BatchNormalization", "x", *constants, training_mode=0), MAP, opset, constants)
    for slopes in ((4, 1), (1, 1, 4), (4, 4, 4)):
        cases.add(node("PRelu", "x", "w"), (2, 4, 4, 4), 9, {"w": numbers(*slopes)})
    for indices in (places(), places(2, 0, 3, 0)):
        cases.add(node("Gather", "x", "i", axis=1), MAP, 11, {"i": indices})
    for op, shape, axis in itertools.product(("Softmax", "LogSoftmax"), (MAP, LINE), (1, 2)):
        cases.add(node(op, "x", axis=axis), shape, 11)
    cases.add(node("Pow", "x", "c"), MAP, 13, {"c": np.array(3)})
    rows = node("ReduceMean", "x", axes=[2], keepdims=0, outputs=["rows"])
    cases.add([rows, node("Conv", "rows", "w", pads=[1, 1])], MAP, 12, {"w": numbers(3, 4, 3)})
    cases.add([rows, node("MatMul", "rows", "w")], MAP, 12, {"w": numbers(6, 3)})
    cases.add([rows, node("ReduceMax", "rows", axes=[2], keepdims=0)], MAP, 12)
    # GELU with a product where PyTorch has a quotient.
    for left, right in (("x", "erf1"), ("half_x", "erf1")):
        scale = [node("Mul", "x", "half", outputs=["half_x"])] if left == "half_x" else []
        last = [node("Mul", left, right)] if scale else [node("Mul", left, right, outputs=["m"]), node("Mul", "m", "half")]
        cases.add([node("Mul", "x", "root", outputs=["d"]), node("Erf", "d", outputs=["erf"]), node("Add", "erf", "one", outputs=["erf1"]), *scale, *last],
                  MAP, 13, {"root": np.float32(0.5**0.5), "one": np.float32(1), "half": np.float32(0.5)})
    whole, pooled = node("Shape", "x", outputs=["shape"]), node("GlobalAveragePool", "x", outputs=["p"])
    cases.add([pooled, whole, node("Expand", "p", "shape", outputs=["e"]), node("Mul", "x", "e")], MAP, 13)
    cases.add([pooled, whole, node("Expand", "p", "shape", outputs=["e"]), node("Concat", "x", "e", axis=1)], MAP, 13)
    cases.add([pooled, whole, node("Equal", "shape", "all", outputs=["same"]), node("Where", "same", "ones", "shape", outputs=["to"]),
               node("Expand", "p", "to", outputs=["e"]), node("Div", "x", "e")], MAP, 13,
              {"all": np.array([-1, -1, -1, -1]), "ones": np.array([1, 1, 1, 1])})


def computed_weights(cases):
    w = numbers(6, 4, 3, 3)
    conv = node("Conv", "x", "v", pads=[1, 1, 1, 1])
    mean = lambda of, to: node("ReduceMean", of, axes=[1, 2, 3], outputs=[to])
    cases.add([mean("w", "m"), node("Sub", "w", "m", outputs=["d"]), node("Mul", "d", "d", outputs=["d2"]), mean("d2", "s2"),
               node("Add", "s2", "eps", outputs=["e"]), node("Sqrt", "e", outputs=["s"]), node("Div", "d", "s", outputs=["v"]), conv],
              MAP, 12, {"w": w, "eps": np.float32(1e-5)})
    cases.add([node("Reshape", "w", "rows", outputs=["r"]), node("MatMul", "r", "b", outputs=["rb"]), node("MatMul", "a", "rb", outputs=["norm"]),
               node("Div", "w", "norm", outputs=["v"]), conv], MAP, 13, {"w": w, "rows": np.array([6, -1]), "a": numbers(6), "b": numbers(36)})
    cases.add([node("ReduceL2", "w", axes=[1, 2, 3], outputs=["n"]), node("Reciprocal", "n", outputs=["f"]), node("Mul", "g", "f", outputs=["gf"]),
               node("Mul", "gf", "w", outputs=["v"]), conv], MAP, 12, {"w": w, "g": numbers(6, 1, 1, 1)})
    cases.add([node("Concat", "w", "t", axis=1, outputs=["c"]), node("Expand", "c", "to", outputs=["v"]), conv], MAP, 13,
              {"w": numbers(1, 3, 3, 3), "t": numbers(1, 1, 3, 3), "to": np.array([6, 1, 1, 1])})
    cases.add([node("Transpose", "w", outputs=["v"], perm=[3, 2, 0, 1]), conv], MAP, 13, {"w": numbers(3, 3, 4, 6)})
    # More values than are held while the file is read.
    for kind in (np.float32, np.float64):
        turn = [node("Cast", "w", outputs=["f"], to=1), node("Transpose", "f", outputs=["t"])]
        large = {"w": numbers(11, 6).astype(kind)}
        cases.add([*turn, node("MatMul", "x", "t")], FEATURES, 13, large)
        cases.add([*turn, node("Gemm", "x", "t")], FEATURES, 13, large)
        cases.add([*turn, node("Transpose", "t", outputs=["u"]), node("Gemm", "x", "u", transB=1)], FEATURES, 13, large)
        cases.add([*turn, node("Neg", "t", outputs=["u"]), node("MatMul", "x", "u")], FEATURES, 13, large)
    cases.add([node("Shape", "x", outputs=["shape"]), node("Slice", "shape", "one", "far", outputs=["rest"]), node("ReduceProd", "rest", outputs=["size"]),
               node("Concat", "open", "size", axis=0, outputs=["s"]), node("Reshape", "x", "s")], MAP, 13,
              {"one": np.array([1]), "far": np.array([9]), "open": np.array([-1])})


def computed_constants(cases):
    """Operators of constants that are joined to a map of 4 channels, 5 rows and 6 columns."""
    computed = lambda op, *inputs, **more: [node(op, *inputs, outputs=["c"], **more), node("Add", "x", "c")]
    small = numbers(4, 1, 3)
    cases.add(computed("Tile", "w", "r"), MAP, 13, {"w": small, "r": np.array([1, 5, 2])})
    for pads in ([0, 2, 1, 0, 2, 2], [-1, 1, 4, 1, 3, -1]):
        cases.add(computed("Pad", "w", "p", "v"), MAP, 13, {"w": small, "p": np.array(pads), "v": np.float32(0.25)})
    cases.add(computed("Pad", "w", pads=[0, 2, 1, 0, 2, 2]), MAP, 10, {"w": small})
    parts = dict(outputs=["a", "b"])
    cases.add([node("Split", "w", axis=1, **parts), node("Mul", "x", "a", outputs=["m"]), node("Add", "m", "b")], MAP, 12, {"w": numbers(4, 2, 6)})
    cases.add([node("Split", "w", "s", axis=-1, **parts), node("Mul", "x", "b", outputs=["m"]), node("Add", "m", "a")], MAP, 13,
              {"w": numbers(4, 1, 7), "s": np.array([6, 1])})
    for op in ("Erf", "Relu", "Round", "Sigmoid", "Sign", "Tanh"):
        cases.add(computed(op, "w"), MAP, 13, {"w": numbers(4, 5, 6)})
    for op in ("Max", "Min"):
        cases.add(computed(op, "v", "w"), MAP, 13, {"v": numbers(4, 1, 6), "w": numbers(5, 1)})
    for op in ("ReduceL1", "ReduceSumSquare"):
        cases.add(computed(op, "w", axes=[1]), MAP, 12, {"w": numbers(4, 3, 6)})
    for kind in (np.float32, np.int64):
        bounds = {"s": kind(5), "l": kind(-6), "d": kind(-2)}
        cases.add([node("Range", *bounds, outputs=["r"]), node("Cast", "r", outputs=["f"], to=1), node("Add", "x", "f")], MAP, 13, bounds)


def operator_cases():
    cases = Cases()
    for family in (convolutions, pools, norms, pointwise, matrices, axes, transposed_convolutions, more_pools_and_norms, functions, arithmetic, moves,
                   resizes, dilated_pools, group_norms_and_joins, as_exported, computed_weights, computed_constants):
        family(cases)
    return cases.list


def refused_cases():
    """(name, model, a part of the message)."""
    relu, square = node("Relu", "x", outputs=["a"]), dict(kernel_shape=[2, 2])
    four = {"s": numbers(4), "b": numbers(4), "m": numbers(4), "v": np.ones(4, np.float32)}
    rows = [
        ("indices", [node("MaxPool", "x", outputs=["p", "i"], **square), node("Identity", "i", outputs=["j"]), node("Add", "p", "j")], "Indices"),
        ("concat_batch", [relu, node("Concat", "x", "a", axis=0)], "Concat, it works along the batch"),
        ("unknown_attribute", [node("Relu", "x", colour=3)], 'attribute "colour" is not known'),
        ("attribute_type", [node("LeakyRelu", "x", alpha=3)], 'attribute "alpha" is not a number'),
        ("softmax_axis", [node("Softmax", "x", axis=0)], "Softmax, axis=0 is the batch"),
        ("flatten_axis", [node("Flatten", "x", axis=2)], "Flatten, axis=2"),
        ("auto_pad", [node("MaxPool", "x", auto_pad="SAME", **square)], 'auto_pad="SAME"'),
        ("mask", [node("Dropout", "x", outputs=["d", "kept"]), node("Cast", "kept", outputs=["c"], to=1), node("Add", "d", "c")], "mask is read"),
        ("training", [node("Dropout", "x", "", "t")], "training_mode"),
        ("same_transposed", [node("ConvTranspose", "x", "k", auto_pad="SAME_UPPER")], "auto_pad=SAME_UPPER"),
        ("slice_batch", [node("Slice", "x", "zero", "one", "zero")], "Slice, it works along the batch"),
        ("transpose_batch", [node("Transpose", "x", perm=[1, 0, 2, 3])], "moves the batch"),
        ("reduce_batch", [node("ReduceSum", "x")], "it reduces the batch too"),
        ("each_image", [node("Add", "x", "every")], "its constant of 4 axes has a batch"),
        ("norm_training", [node("BatchNormalization", "x", *four, outputs=["y", "a", "b2"], training_mode=1)], "for training"),
        ("batch_moved", [node("Reshape", "x", "far")], "the batch must stay the first axis"),
        ("no_such", [node("Bernoulli", "x", outputs=["e"]), node("Det", "e", outputs=["c"]), node("Det", "c")], "Det: 2 nodes"),
        ("weight_given", [node("Relu", "x", outputs=["k"]), node("Neg", "k")], 'a node gives "k", which is an input or a weight'),
        ("loose_end", [relu, node("Add", "a", "nowhere")], 'it reads "nowhere"'),
    ]
    constants = {**four, "t": np.array(True), "far": np.array([4, -1]), "k": numbers(4, 3, 3, 3), "zero": np.array([0]),
                 "one": np.array([1]), "every": numbers(*MAP)}
    models = [(f"refused_{name}", build(nodes, MAP, 14, constants), message) for name, nodes, message in rows]
    models += [(f"refused_opset_{v}", build([node("Relu", "x")], MAP, v), f"opset {v}; 6 to 20 are read") for v in (5, 21)]
    models.append(("refused_weights", build([node("Conv", "x", "w")], MAP, 13, {"w": numbers(5, 3, 3, 3)}), "its weight is 5x3x3x3, it needs 5x4x3x3"))
    return models
