"""Every function beside its reference in double, the reference beside difference quotients, and both beside PyTorch."""

import functools
import inspect
import itertools
import unittest

import numpy as np

import fovea
from fovea import functional as F
from support import as_tuple, directional_error, distinct, draw, error, needs_torch, torch, torch_gradients

# Central differences in double with steps of 1e-6: truncation and cancellation are some 1e-9 of a value near 1.
QUOTIENT = 1e-6
# Sums of some hundred products in float32; Winograd's convolutions 6e-6 of their size (docs/conventions.md).
SINGLE = 2e-5


def grid(**choices):
    return [dict(zip(choices, values)) for values in itertools.product(*choices.values())]


def conv_cases():
    for case in grid(stride=[1, 2, (2, 1)], padding=[0, 1, (2, 1), (1, 0, 0, 2)], dilation=[1, (1, 2)], groups=[1, 2],
                     bias=[True, False]):
        yield case
    yield from grid(stride=[1, 2], padding=["same", "same_lower", "valid"], dilation=[1], groups=[4], bias=[True])


def conv_arrays(case, seed=0):
    groups = case["groups"]
    return (draw(2, 4, 9, 8, seed=seed), draw(8, 4 // groups, 3, 3, seed=seed + 1),
            draw(8, seed=seed + 2) if case["bias"] else None)


def pool_cases(average):
    options = dict(kernel_size=[2, 3, (3, 2)], stride=[None, 1, (2, 3)], padding=[0, 1], ceil_mode=[False, True])
    return grid(**options, count_include_pad=[False, True]) if average else grid(**options, dilation=[1, (1, 2)])


CASES = []  # (function, arrays, keywords)
for case in conv_cases():
    CASES.append((F.conv2d, conv_arrays(case), {k: v for k, v in case.items() if k != "bias"}))
for bias in (None, draw(5, seed=3)):
    CASES.append((F.linear, (draw(6, 7), draw(5, 7, seed=1), bias), {}))
for case in pool_cases(False):
    CASES.append((F.max_pool2d, (distinct(2, 3, 9, 7),), case))
for case in pool_cases(True):
    CASES.append((F.avg_pool2d, (draw(2, 3, 9, 7),), case))
for shape in ((4, 5), (3, 20, 5, 6)):
    for function, keywords in ((F.relu, {}), (F.relu6, {}), (F.leaky_relu, {"negative_slope": 0.2}), (F.gelu, {}),
                               (F.gelu, {"approximate": "tanh"}), (F.flatten, {}), (F.dropout, {"p": 0.3, "seed": 5}),
                               (F.dropout, {"training": False}), (F.softmax, {}), (F.softmax, {"dim": 0})):
        # Away from the kinks at 0 and 6.
        CASES.append((function, (distinct(*shape) * 3 + 0.01,), keywords))
CASES.append((F.global_avg_pool, (draw(2, 3, 4, 5),), {}))
CASES.append((F.avg_pool2d, (draw(2, 3, 9, 7),), dict(kernel_size=3, stride=2, padding=2, count_include_pad=False, dilation=(2, 1))))
for shape in ((6, 5), (3, 5, 4, 4)):
    running = dict(running_mean=draw(5, seed=8), running_var=np.abs(draw(5, seed=9)) + 0.5)
    for weight, bias in ((draw(5, seed=6), draw(5, seed=7)), (None, draw(5, seed=7)), (None, None)):
        for keywords in ({"training": True}, {"training": True, "eps": 0.1}, running, {**running, "eps": 0.1}):
            CASES.append((F.batch_norm, (draw(*shape), weight, bias), keywords))


def call(function, keywords):
    """With batch_norm's arrays by name, since running statistics stand between them."""
    if function in (F.batch_norm, F.batch_norm.backward):
        def named(*arrays):
            *dy, x, weight, bias = arrays
            same = {k: v.astype(x.dtype) if isinstance(v, np.ndarray) else v for k, v in keywords.items()}
            return function(*dy, x, weight=weight, bias=bias, **same)
        return named
    return functools.partial(function, **keywords)


class Functions(unittest.TestCase):
    def each(self):
        for function, arrays, keywords in CASES:
            shown = {k: v for k, v in keywords.items() if not isinstance(v, np.ndarray)}
            with self.subTest(function=function.__name__, shapes=[a.shape for a in arrays if a is not None], **shown):
                yield function, arrays, keywords

    def test_the_backward_pass_is_the_derivative(self):
        for function, arrays, keywords in self.each():
            self.assertLess(directional_error(call(function, keywords), call(function.backward, keywords), arrays), QUOTIENT)

    def test_single_precision_is_the_reference(self):
        for function, arrays, keywords in self.each():
            single = [None if a is None else a.astype(np.float32) for a in arrays]
            want = call(function, keywords)(*arrays)
            got = call(function, keywords)(*single)
            self.assertEqual(got.dtype, np.float32)
            self.assertLess(error(got, want), SINGLE)
            dy = draw(*want.shape, seed=4)
            got = as_tuple(call(function.backward, keywords)(dy.astype(np.float32), *single))
            want = as_tuple(call(function.backward, keywords)(dy, *arrays))
            for a, b, given in zip(got, want, arrays):
                if given is None:
                    self.assertIsNone(a)
                elif np.abs(b).max() > 1e-9:  # the sum of a batch norm's gradient is 0
                    self.assertLess(error(a, b), SINGLE)

    def test_several_inputs(self):
        x = [draw(2, 3, 4, 4, seed=i) for i in range(3)]
        y = [draw(2, c, 4, 4, seed=c) for c in (1, 5, 2)]
        np.testing.assert_array_equal(F.add(x), x[0] + x[1] + x[2])
        np.testing.assert_array_equal(F.concat(y), np.concatenate(y, axis=1))
        for dim in (2, -1):
            np.testing.assert_array_equal(F.concat(x, dim), np.concatenate(x, axis=dim))
        dy = draw(2, 3, 4, 4, seed=9)
        for gradient in F.add_backward(dy, x):
            np.testing.assert_array_equal(gradient, dy)
        dy = draw(2, 8, 4, 4, seed=9)
        for gradient, part in zip(F.concat_backward(dy, y), np.split(dy, [1, 6], axis=1)):
            np.testing.assert_array_equal(gradient, part)

    def test_every_layer_and_loss_has_a_pair(self):
        self.assertEqual({loss.type for loss in F.LOSSES}, set(fovea._fovea.loss_types()))
        for name in (*fovea.layer_types(), *(f.__name__ for f in (*F.LAYERS, *F.LOSSES))):
            self.assertTrue(callable(getattr(F, name)), name)
            backward = getattr(F, name + "_backward")
            self.assertEqual(next(iter(inspect.signature(backward).parameters)), "dy")
            self.assertTrue(getattr(F, name).__doc__)

    def test_a_wrong_keyword_names_the_function_and_the_nearest_keyword(self):
        from fovea.functional.derived import derive
        x, w, labels = draw(2, 3, 5, 5), draw(4, 3, 3, 3), [0, 1]
        for call, message in (
                (lambda: F.conv2d(x, w, strid=2), r"conv2d\(\) got an unexpected keyword argument 'strid'; did you mean 'stride'\?"),
                (lambda: F.conv2d_backward(x, x, w, strid=2), r"conv2d_backward\(\) got .*'strid'; did you mean 'stride'\?"),
                (lambda: F.gelu(x, aproximate="tanh"), r"gelu\(\) got .*'aproximate'; did you mean 'approximate'\?"),
                (lambda: F.gelu(x, zzz=1), r"gelu\(\) got an unexpected keyword argument 'zzz'$"),
                (lambda: F.cross_entropy(x, labels, label_smooth=1), r"cross_entropy\(\) got .*; did you mean 'label_smoothing'\?"),
                (lambda: F.nll_loss_backward(1, x, labels, wight=1), r"nll_loss_backward\(\) got .*; did you mean 'weight'\?"),
                (lambda: derive("leaky_relu")(x, slop=1), r"leaky_relu\(\) got .*'slop'; did you mean 'slope'\?"),
                (lambda: F.conv2d(x), r"conv2d\(\) missing a required argument: 'w'")):
            with self.assertRaisesRegex(TypeError, message):
                call()

    def test_derived_functions_of_layers_without_a_description(self):
        from fovea.functional.derived import derive
        leaky, linear = derive("leaky_relu"), derive("linear")
        x, w, b = draw(3, 4), draw(2, 4, seed=1), draw(2, seed=2)
        np.testing.assert_array_equal(leaky(x, slope=0.3), F.leaky_relu(x, 0.3))
        np.testing.assert_array_equal(linear(x, w, b, features=2), F.linear(x, w, b))
        for got, want in zip(linear.backward(draw(3, 2), x, w, b, features=2), F.linear_backward(draw(3, 2), x, w, b)):
            np.testing.assert_array_equal(got, want)


class Dropout(unittest.TestCase):
    def test_the_mask_hangs_on_seed_epoch_and_sample_alone(self):
        x = np.ones((4, 6, 5, 5), np.float32)
        y = F.dropout(x, 0.5, seed=3, epoch=2, samples=[7, 8, 9, 10])
        np.testing.assert_array_equal(F.dropout(x[2:], 0.5, seed=3, epoch=2, samples=[9, 10]), y[2:])
        np.testing.assert_array_equal(F.dropout(x.astype(np.float64), 0.5, seed=3, epoch=2, samples=[7, 8, 9, 10]), y)
        np.testing.assert_array_equal(F.dropout_backward(x, x, 0.5, seed=3, epoch=2, samples=[7, 8, 9, 10]), y)
        self.assertFalse(np.array_equal(F.dropout(x, 0.5, seed=4, epoch=2, samples=[7, 8, 9, 10]), y))
        self.assertEqual(set(np.unique(y)), {0.0, 2.0})
        with self.assertRaises(fovea.ArgumentError):
            F.dropout(x, samples=[1])


class BatchNormConventions(unittest.TestCase):
    def test_each_framework(self):
        x = draw(6, 3, 4, 4)
        mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
        m = 6 * 4 * 4
        for weighs, share in (("new", 0.1), ("old", 0.9)):
            for variance, scale in (("unbiased", m / (m - 1)), ("biased", 1.0)):
                running_mean, running_var = draw(3, seed=1), np.ones(3)
                want_mean = (1 - share) * running_mean + share * mean
                want_var = (1 - share) * running_var + share * scale * var
                F.batch_norm(x, running_mean, running_var, training=True, momentum=0.1, momentum_weighs=weighs,
                             running_variance=variance)
                self.assertLess(error(running_mean, want_mean), 1e-12)
                self.assertLess(error(running_var, want_var), 1e-12)

    def test_running_statistics_must_be_updatable(self):
        x, var = draw(6, 3), np.ones(3)
        frozen = np.zeros(3)
        frozen.flags.writeable = False
        for mean in (frozen, np.zeros(3, np.float32), np.zeros((3, 2))[:, 0]):
            with self.assertRaisesRegex(TypeError, "running_mean"):
                F.batch_norm(x, mean, var, training=True)
        with self.assertRaisesRegex(ValueError, "running_mean"):
            F.batch_norm(x, np.zeros(4), var, training=True)
        with self.assertRaisesRegex(fovea.ShapeError, "batch_norm"):
            F.batch_norm(draw(1, 3), np.zeros(3), var, training=True)


@needs_torch
class BesidePyTorch(unittest.TestCase):
    """In double: both round each operation to 1e-16, sums of some hundred terms."""

    def check(self, function, theirs, arrays, keywords, torch_keywords=None):
        y = call(function, keywords)(*arrays)
        dy = draw(*y.shape, seed=11)
        torch_keywords = keywords if torch_keywords is None else torch_keywords
        want, gradients = torch_gradients(lambda *a: theirs(*a, **torch_keywords), arrays, dy)
        with self.subTest(function=function.__name__, **{k: str(v) for k, v in keywords.items()}):
            self.assertLess(error(y, want), 1e-12)
            for got, wanted in zip(as_tuple(call(function.backward, keywords)(dy, *arrays)), gradients):
                if wanted is None:
                    self.assertIsNone(got)
                else:
                    self.assertLess(np.abs(got - wanted).max(), 1e-12 * max(1, np.abs(wanted).max()) * 100)

    def test_conv2d(self):
        for case in conv_cases():
            padding = case["padding"]
            if padding == "same_lower" or (padding == "same" and case["stride"] != 1):
                continue  # PyTorch has none
            arrays, keywords = conv_arrays(case), {k: v for k, v in case.items() if k != "bias"}
            if isinstance(padding, tuple) and len(padding) == 4:
                top, left, bottom, right = padding
                theirs = lambda x, w, b, **k: torch.nn.functional.conv2d(
                    torch.nn.functional.pad(x, (left, right, top, bottom)), w, b, **k)
                self.check(F.conv2d, theirs, arrays, keywords, {**keywords, "padding": 0})
            else:
                self.check(F.conv2d, torch.nn.functional.conv2d, arrays, keywords)

    def test_pools(self):
        for case in pool_cases(False):
            self.check(F.max_pool2d, torch.nn.functional.max_pool2d, (distinct(2, 3, 9, 7),), case)
        for case in pool_cases(True):
            self.check(F.avg_pool2d, torch.nn.functional.avg_pool2d, (draw(2, 3, 9, 7),), case)
        self.check(F.global_avg_pool, lambda x: x.mean(dim=(2, 3), keepdim=True), (draw(2, 3, 4, 5),), {})

    def test_pointwise(self):
        t = torch.nn.functional
        x = (distinct(3, 4, 5, 6) * 3,)
        for ours, theirs, keywords in ((F.relu, t.relu, {}), (F.leaky_relu, t.leaky_relu, {"negative_slope": 0.2}),
                                       (F.gelu, t.gelu, {}), (F.gelu, t.gelu, {"approximate": "tanh"}),
                                       (F.softmax, t.softmax, {"dim": 1}), (F.softmax, t.softmax, {"dim": -1})):
            self.check(ours, theirs, x, keywords)
        # PyTorch's gradient at 6 differs from that of conventions.md; elsewhere they are equal.
        self.check(F.relu6, t.relu6, (x[0] + 0.01,), {})
        self.check(F.linear, t.linear, (draw(4, 3), draw(2, 3, seed=1), draw(2, seed=2)), {})

    def test_batch_norm(self):
        for training, eps, momentum in itertools.product((True, False), (1e-5, 0.1), (0.1, 0.4)):
            stats = {"running_mean": draw(5, seed=8), "running_var": np.abs(draw(5, seed=9)) + 0.5}
            mine = {k: v.copy() for k, v in stats.items()}
            keywords = {"training": training, "eps": eps, "momentum": momentum}
            mean, var = (torch.tensor(v.copy()) for v in stats.values())

            def theirs(x, weight, bias, **k):
                return torch.nn.functional.batch_norm(x, mean, var, weight, bias, **k)

            arrays = (draw(3, 5, 4, 4), draw(5, seed=6), draw(5, seed=7))
            y = F.batch_norm(arrays[0], mine["running_mean"], mine["running_var"], *arrays[1:], **keywords)
            dy = draw(*y.shape, seed=11)
            want, gradients = torch_gradients(lambda *a: theirs(*a, **keywords), arrays, dy)
            self.assertLess(error(y, want), 1e-12)
            got = F.batch_norm_backward(dy, arrays[0], stats["running_mean"].copy(), stats["running_var"].copy(), *arrays[1:],
                                        **keywords)
            for a, b in zip(got, gradients):
                self.assertLess(error(a, b), 1e-11)
            self.assertLess(error(mine["running_mean"], mean.numpy()), 1e-12)
            self.assertLess(error(mine["running_var"], var.numpy()), 1e-12)


if __name__ == "__main__":
    unittest.main()
