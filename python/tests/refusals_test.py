"""What a function refuses is told in its own name and that of the caller's keyword; what is clear enough is taken."""

import inspect
import itertools
import unittest

import numpy as np

import fovea
from fovea import functional as F
from support import draw

X, S, W, ONE = draw(2, 3, 4, 4), draw(2, 5, seed=1), draw(4, 3, 3, 3, seed=2), draw(3, 4, seed=3)
ZEROS = np.zeros(3)
VALUE, TYPE, SHAPE = fovea.ArgumentError, TypeError, fovea.ShapeError

# How Python, numpy and pybind11 complain.
BARE = "incompatible function|object is not|unsupported operand|not supported between|has no len|unpack|could not convert|has no attribute|ufunc"

# Exception, how its message begins, function, arguments, keywords.
REFUSED = [
    (VALUE, "size is 0", F.interpolate, (X,), {"size": 0}),
    (VALUE, "size is 0", F.interpolate, (X,), {"size": (3, 0)}),
    (VALUE, "size has 3 numbers", F.interpolate, (X,), {"size": (3, 3, 3)}),
    (TYPE, "size is 2.5; it must be an integer", F.interpolate, (X,), {"size": 2.5}),
    (VALUE, "scale_factor is 0; it must be between", F.interpolate, (X,), {"scale_factor": 0}),
    (TYPE, "scale_factor is 'ab'; it must be a number", F.interpolate, (X,), {"scale_factor": "ab"}),
    (VALUE, 'mode is "cubic"', F.interpolate, (X,), {"size": 3, "mode": "cubic"}),
    (VALUE, "give size or scale_factor", F.interpolate, (X,), {}),
    (SHAPE, r"target must be \(N\)", F.cross_entropy, (S, [[1], [2]]), {}),
    (SHAPE, r"target must be \(N\)", F.nll_loss, (S, np.array(1)), {}),
    (TYPE, "target is of", F.cross_entropy, (S, b"\1\2"), {}),
    (VALUE, "target has the class number -1", F.cross_entropy, (S, [0, -1]), {}),
    (VALUE, "label 7 of sample 1", F.cross_entropy, (S, [0, 7]), {"reduction": "none", "weight": [1.0] * 5}),
    (SHAPE, "needs scores", F.cross_entropy, (S, [0, 1, 2]), {}),
    (SHAPE, "needs scores", F.cross_entropy, (X, [0, 1]), {"reduction": "none"}),
    (SHAPE, "x must have a batch axis", F.cross_entropy, (np.float64(1), [0]), {}),
    (VALUE, "label_smoothing is 2", F.cross_entropy, (S, [0, 1]), {"label_smoothing": 2}),
    (VALUE, "weight has 2 numbers", F.cross_entropy, (S, [0, 1]), {"weight": [1, 2]}),
    (TYPE, "weight is of complex128", F.cross_entropy, (S, [0, 1]), {"weight": [1j] * 5}),
    (SHAPE, r"weight must be \(K\)", F.nll_loss, (S, [0, 1]), {"weight": np.ones((5, 1))}),
    (TYPE, "ignore_index is 1.5", F.cross_entropy, (S, [0, 1]), {"ignore_index": 1.5}),
    (VALUE, "ignore_index is 1; it is for class numbers", F.cross_entropy, (S, np.abs(S)), {"ignore_index": 1}),
    (VALUE, 'reduction is "avg"; it must be mean, sum or none', F.mse_loss, (S, S), {"reduction": "avg"}),
    (SHAPE, "pos_weight of", F.binary_cross_entropy_with_logits, (S, S), {"pos_weight": [1, 2, 3]}),
    (SHAPE, "weight of", F.binary_cross_entropy_with_logits, (S, S), {"weight": [1, 2, 3]}),
    (VALUE, "beta is 0", F.smooth_l1_loss, (S, S), {"beta": 0}),
    (TYPE, "beta is 'a'", F.smooth_l1_loss, (S, S), {"beta": "a"}),
    (VALUE, "margin is a", F.multi_margin_loss, (S, [0, 1]), {"margin": "a"}),
    (TYPE, "dy is 'a'; it must be a number", F.mse_loss_backward, ("a", S, S), {}),
    (TYPE, "dy is array", F.mse_loss_backward, (S, S, S), {}),
    (SHAPE, r"dy must have the shape of the output, \(2,\)", F.cross_entropy_backward, (S, S, [0, 1]), {"reduction": "none"}),
    (VALUE, "p is 2; it must be between", F.dropout, (X,), {"p": 2}),
    (TYPE, "p is None", F.dropout, (X, None), {}),
    (VALUE, "seed is -1; it must be between 0", F.dropout, (X,), {"seed": -1}),
    (TYPE, "seed is 1.5", F.dropout, (X,), {"seed": 1.5}),
    (VALUE, "epoch is 4294967296", F.dropout, (X,), {"epoch": 2**32}),
    (TYPE, "samples is b'ab'", F.dropout, (X,), {"samples": b"ab"}),
    (TYPE, "samples is 1.5", F.dropout, (X,), {"samples": [1.5, 2.5]}),
    (VALUE, "samples has 3 numbers", F.dropout_backward, (X, X), {"samples": [1, 2, 3]}),
    (TYPE, "step is 1.5", F.cosine_lr, (1.5, 10, 0.1), {}),
    (VALUE, "steps is 0", F.cosine_lr, (0, 0, 0.1), {}),
    (TYPE, "lr is 'a'", F.cosine_lr, (0, 10, "a"), {}),
    (VALUE, "warmup is 2", F.cosine_lr, (0, 10, 0.1), {"warmup": 2}),
    (VALUE, "step_size is 0", F.step_lr, (1, 10, 0.1, 0), {}),
    (TYPE, "milestones is b'ab'", F.multi_step_lr, (1, 10, 0.1, b"ab"), {}),
    (VALUE, "pad is 3; it must have two numbers for each", F.pad, (X, 3), {}),
    (TYPE, "pad is b'ab'", F.pad, (X, b"ab"), {}),
    (VALUE, "pad is -1", F.pad, (X, (-1, 0)), {}),
    (VALUE, 'mode is "circular"; it must be constant, reflect or replicate', F.pad, (X, (1, 1)), {"mode": "circular"}),
    (SHAPE, r"normalized_shape=\[8\] must be the last extents", F.layer_norm, (X, 8), {}),
    (TYPE, "normalized_shape is b", F.layer_norm, (X, b"\4"), {}),
    (VALUE, "eps is a", F.layer_norm, (X, (4,)), {"eps": "a"}),
    (SHAPE, "num_groups=2 must divide", F.group_norm, (X, 2), {}),
    (TYPE, "dim is 'x'", F.softmax, (X,), {"dim": "x"}),
    (TYPE, "dim is 1.0", F.log_softmax, (X,), {"dim": 1.0}),
    (VALUE, "dim is 4; there are 4 axes", F.softmax, (X,), {"dim": 4}),
    (SHAPE, "dy must have the shape of x", F.softmax_backward, (X[:1], X), {"dim": 0}),
    (VALUE, "betas is 0.9; it must be two numbers", F.adam, (ONE, ONE), {"betas": 0.9}),
    (VALUE, r"betas\[0\] is 1.5", F.adam, (ONE, ONE), {"betas": (1.5, 0.9)}),
    (TYPE, "state is 3", F.adam, (ONE, ONE, 3), {}),
    (VALUE, "state lacks mean, square", F.adam, (ONE, ONE, {"step": 1}), {}),
    (TYPE, r"state\['step'\] is 1.5", F.sgd, (ONE, ONE, {"step": 1.5, "velocity": ONE}), {"lr": 1}),
    (VALUE, "lr is nan", F.rmsprop, (ONE, ONE), {"lr": np.nan}),
    (VALUE, "momentum is nan", F.batch_norm, (X, ZEROS, ZEROS), {"training": True, "momentum": np.nan}),
    (TYPE, "momentum is None", F.batch_norm, (X, ZEROS, ZEROS), {"training": True, "momentum": None}),
    (VALUE, "running_mean and running_var are needed", F.batch_norm, (X,), {}),
    (VALUE, r"kernel_size is \[0,0\]", F.max_pool2d, (X, 0), {}),
    (TYPE, "kernel_size is b", F.avg_pool2d, (X, b"\2\2"), {}),
    (VALUE, 'padding is "sama"; it must be valid, same or same_lower', F.conv2d, (X, W), {"padding": "sama"}),
    (VALUE, "stride is 1.5", F.conv2d, (X, W), {"stride": 1.5}),
    (SHAPE, "w must be 4x3x3x3", F.conv2d, (X, W[:, :2]), {}),
    (SHAPE, "b must be 4", F.conv2d_backward, (X, X, W, np.zeros(5)), {}),
    (VALUE, "norm_type is 0", F.lp_pool2d, (X, 0, 2), {}),
    (VALUE, "negative_slope is a", F.leaky_relu, (X, "a"), {}),
    (TYPE, "size is 'a'", F.local_response_norm, (X, "a"), {}),
    (VALUE, "k is a", F.local_response_norm, (X, 3), {"k": "a"}),
    (VALUE, "upscale_factor is 0", F.pixel_shuffle, (X, 0), {}),
    (VALUE, "downscale_factor is 0", F.pixel_unshuffle, (X, 0), {}),
    (TYPE, "dim is 'x'", F.concat, ([X, X],), {"dim": "x"}),
    (VALUE, "dim is 0; it must be between 1", F.concat, ([X, X],), {"dim": 0}),
    (TYPE, "x must be a sequence of arrays, got int", F.concat, (3,), {}),
    (VALUE, "takes 2 to 64 inputs, got 1", F.add, ([X],), {}),
    (TYPE, "x is of complex128", F.relu, (X * 1j,), {}),
    (TYPE, "dy is of complex128", F.relu_backward, (X * 1j, X), {}),
    (SHAPE, r"x is empty: its shape is \(0, 3\)", F.layer_norm, (np.zeros((0, 3)), 3), {}),
    (VALUE, "groups is -1", F.conv_transpose2d, (X, np.ones((3, 2, 2, 2))), {"groups": -1}),
    (TYPE, "x must be an array", F.relu, ([[10**400]],), {}),
    (TYPE, "b is of complex128; it must be real numbers", F.multiply, (X, 1j), {}),
    (TYPE, "a is of <U1", F.subtract, ("a", X), {}),
    (VALUE, "b has a number that float32 cannot hold", F.multiply, (X.astype("f"), 1e300), {}),
    (SHAPE, "an input must have a batch axis", F.add, (1, 2), {}),
    (VALUE, "split_size_or_sections is 0", F.split, (X, 0), {}),
    (VALUE, r"split_size_or_sections is \[1, 2\]; the sum must be 2", F.split, (X, [1, 2]), {}),
    (TYPE, "split_size_or_sections is b", F.split, (X, b"\1\1"), {}),
    (VALUE, "dim is 4; there are 4 axes", F.split, (X, 1, 4), {}),
    (SHAPE, "dy must have 2 arrays, got 1", F.split_backward, ([X], X, 1), {}),
    (SHAPE, r"dy\[1\] must have the shape of the output", F.split_backward, ([X[:1], X], X, 1), {}),
    (TYPE, "dy must be a sequence of arrays, got int", F.split_backward, (3, X, 1), {}),
    (VALUE, "dim is 5; there are 5 axes", F.unsqueeze, (X, 5), {}),
    (TYPE, "dim is 'a'", F.squeeze, (X, "a"), {}),
]


class Refusals(unittest.TestCase):
    def test_the_message_names_the_function_and_its_keyword(self):
        for wrong, begins, function, arguments, keywords in REFUSED:
            with self.subTest(function=function.__name__, begins=begins):
                with self.assertRaisesRegex(wrong, rf"^{function.__name__}: {begins}"):
                    function(*arguments, **keywords)

    def test_whatever_is_given_no_error_is_bare(self):
        given = {"x": X, "a": X, "b": X, "w": ONE, "dw": ONE, "dy": X, "target": [1, 2], "lr": 0.1, "step": 1, "steps": 10, "step_size": 2,
                 "milestones": [2], "weight": ZEROS, "num_groups": 1, "size": 3, "kernel_size": 2, "norm_type": 2, "pad": (1, 1),
                 "normalized_shape": 4, "split_size_or_sections": 1, "dim": 1, "upscale_factor": 1, "downscale_factor": 1, "shape": [-1],
                 "perm": [1, 2, 3], "starts": [0], "ends": [1], "block": 1, "groups": 1}
        wrong = (None, "x", b"\1\2", 1j, [], {}, object(), np.nan, -1, 2**70, (1,) * 9, ["a", 1], [[1, 2], [3]], np.array([1j]), np.array(1j))
        functions = [getattr(F, name) for name in F.__all__ if not name.isupper()]
        for function in functions:
            names = list(inspect.signature(function).parameters)
            for name, value in itertools.product(names, wrong):
                if name in ("others", "arrays"):
                    continue
                try:
                    function(**{**{n: given[n] for n in names if n in given}, name: value})
                except (TypeError, ValueError) as error:
                    with self.subTest(function=function.__name__, keyword=name, value=repr(value), error=str(error)):
                        self.assertRegex(str(error), rf"^{function.__name__}(: |\(\) )")
                        self.assertNotRegex(str(error), BARE)

    def test_settings(self):
        for call, message in ((lambda: fovea.set_threads("a"), "^threads is a; it must be an integer"),
                              (lambda: fovea.set_threads(-1), "^threads is -1"),
                              (lambda: fovea.set_numerics(1), "^numerics is 1")):
            with self.assertRaisesRegex(fovea.ArgumentError, message):
                call()

    def test_what_is_clear_is_taken(self):
        for got, want in ((F.layer_norm(X, 4), F.layer_norm(X, (4,))),
                          (F.interpolate(X, scale_factor=(2,)), F.interpolate(X, scale_factor=2)),
                          (F.interpolate(X, size=np.array([3])), F.interpolate(X, size=3)),
                          (F.pad(X, np.array([1, 2])), F.pad(X, (1, 2))),
                          (F.softmax(X, dim=np.int64(1)), F.softmax(X, dim=1)),
                          (F.dropout(X, np.float32(0.5), samples=np.array([4, 5])), F.dropout(X, samples=[4, 5])),
                          (F.adam(ONE, ONE, betas=np.array([0.5, 0.75]))[0], F.adam(ONE, ONE, betas=[0.5, 0.75])[0]),
                          (F.multi_step_lr(3, 10, 0.1, 3), F.multi_step_lr(3, 10, 0.1, [3]))):
            np.testing.assert_array_equal(got, want)


if __name__ == "__main__":
    unittest.main()
