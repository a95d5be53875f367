"""Losses beside their formulas in numpy, for every reduction, and samples that do not count."""

import itertools
import math
import unittest

import numpy as np

import fovea
from fovea import functional as F
from support import directional_error, draw, error, needs_torch, torch

QUOTIENT = 1e-6
LABELS = np.array([0, 3, 2, 4, 4])
WEIGHTS = np.array([0.5, 2.0, 0.0, 0.75, 3.0])


class Formulas:
    """The loss of every sample or element; of those by classes also what the mean is divided by."""

    @staticmethod
    def cross_entropy(x, target, weight=None, ignore_index=-100, label_smoothing=0.0):
        k = x.shape[1]
        w = np.ones(k) if weight is None else weight
        shares = np.eye(k)[np.where(target == ignore_index, 0, target)] if target.ndim == 1 else target
        counts = target != ignore_index if target.ndim == 1 else np.ones(len(x))
        smoothed = (1 - label_smoothing) * shares + label_smoothing / k
        each = counts * (w * smoothed * (np.log(np.exp(x).sum(1, keepdims=True)) - x)).sum(1)
        return each, (counts * (shares @ w)).sum() if target.ndim == 1 else len(x)

    @staticmethod
    def nll_loss(x, target, weight=None, ignore_index=-100):
        w = np.ones(x.shape[1]) if weight is None else weight
        counts = (target != ignore_index) * w[target]
        return -counts * x[np.arange(len(x)), target], counts.sum()

    @staticmethod
    def multiclass_hinge(x, target, margin=1.0):
        own = np.arange(len(x)), target
        return np.maximum(0, x - x[own][:, None] + margin).sum(1) - margin, len(x)

    @staticmethod
    def multi_margin_loss(x, target, margin=1.0):
        each, count = Formulas.multiclass_hinge(x, target, margin)
        return each / x.shape[1], count

    @staticmethod
    def binary_cross_entropy_with_logits(x, t, weight=1.0, pos_weight=1.0):
        w, p = np.broadcast_to(weight, x.shape), np.broadcast_to(pos_weight, x.shape)
        return w * (p * t * np.log(1 + np.exp(-x)) + (1 - t) * np.log(1 + np.exp(x))), x.size

    @staticmethod
    def mse_loss(x, t):
        return (x - t)**2, x.size

    @staticmethod
    def l1_loss(x, t):
        return np.abs(x - t), x.size

    @staticmethod
    def huber_loss(x, t, delta=1.0):
        d = np.abs(x - t)
        return np.where(d <= delta, d**2 / 2, delta * (d - delta / 2)), x.size

    @staticmethod
    def smooth_l1_loss(x, t, beta=1.0):
        return Formulas.huber_loss(x, t, beta)[0] / beta, x.size


def cases():
    """(loss, x, target, keywords)."""
    for weight, smoothing, ignored in itertools.product((None, WEIGHTS), (0.0, 0.3), (-100, 4, 0)):
        keywords = {"weight": weight, "ignore_index": ignored}
        yield F.cross_entropy, draw(5, 5), LABELS, {**keywords, "label_smoothing": smoothing}
        yield F.nll_loss, draw(5, 5), LABELS, keywords
    for weight in (None, WEIGHTS):
        yield F.cross_entropy, draw(5, 5), np.abs(draw(5, 5, seed=1)), {"weight": weight, "label_smoothing": 0.25}
    for loss in (F.multiclass_hinge, F.multi_margin_loss):
        yield loss, draw(5, 6), LABELS, {"margin": 0.5}
    x, t = draw(4, 3, 2, 5), np.abs(draw(4, 3, 2, 5, seed=1)) / 4
    for weight, positive in itertools.product((None, 2.0, WEIGHTS, draw(4, 1, 1, 1, seed=2)), (None, 1.5, WEIGHTS, np.ones((3, 1, 1)) * 2)):
        keywords = {n: v for n, v in (("weight", weight), ("pos_weight", positive)) if v is not None}
        yield F.binary_cross_entropy_with_logits, x, t, keywords
    for loss, keywords in ((F.mse_loss, {}), (F.l1_loss, {}), (F.huber_loss, {"delta": 0.75}), (F.smooth_l1_loss, {"beta": 0.5})):
        yield loss, x, t, keywords


class BesideFormulas(unittest.TestCase):
    def each(self):
        for (loss, x, target, keywords), reduction in itertools.product(cases(), ("none", "sum", "mean")):
            shown = {k: str(v) for k, v in keywords.items()}
            with self.subTest(loss=loss.__name__, reduction=reduction, **shown):
                yield loss, x, target, keywords, reduction

    def test_values(self):
        for loss, x, target, keywords, reduction in self.each():
            each, count = getattr(Formulas, loss.__name__)(x, target, **keywords)
            want = {"none": each, "sum": each.sum(), "mean": each.sum() / count}[reduction]
            for dtype, limit in ((np.float64, 1e-13), (np.float32, 2e-6)):
                t = target if target.dtype.kind == "i" else target.astype(dtype)
                got = loss(x.astype(dtype), t, reduction=reduction, **keywords)
                self.assertLess(error(got, want), limit)
                self.assertTrue(got.dtype == dtype if reduction == "none" else isinstance(got, float))

    def test_gradients(self):
        for loss, x, target, keywords, reduction in self.each():
            options = {"reduction": reduction, **keywords}
            forward, backward = (lambda v: loss(v, target, **options)), (lambda dy, v: loss.backward(dy, v, target, **options))
            self.assertLess(directional_error(forward, backward, (x,)), QUOTIENT)
            dy = draw(*np.shape(forward(x)), seed=3)
            t = target if target.dtype.kind == "i" else target.astype("f")
            got = loss.backward(dy.astype("f") if dy.ndim else float(dy), x.astype("f"), t, **options)
            self.assertEqual(got.dtype, np.float32)
            self.assertLess(error(got, backward(dy if dy.ndim else float(dy), x)), 1e-5)

    def test_when_no_sample_counts(self):
        for loss, dtype in itertools.product((F.cross_entropy, F.nll_loss), (np.float32, np.float64)):
            x, target = draw(3, 5, dtype=dtype), [-100] * 3
            self.assertTrue(math.isnan(loss(x, target)))  # the mean of nothing, as in PyTorch
            self.assertEqual(loss(x, target, reduction="sum"), 0)
            np.testing.assert_array_equal(loss(x, target, reduction="none"), np.zeros(3, dtype))
            for reduction, dy in (("mean", 1), ("sum", 1), ("none", np.ones(3, dtype))):
                np.testing.assert_array_equal(loss.backward(dy, x, target, reduction=reduction), np.zeros_like(x))


class Losses(unittest.TestCase):
    def test_both_types_give_their_own_type(self):
        x, shares = draw(2, 3), np.abs(draw(2, 3, seed=1))
        for dtype in (np.float32, np.float64):
            gradient = F.cross_entropy_backward(0.5, x.astype(dtype), shares.astype(dtype), reduction="sum")
            self.assertEqual(gradient.dtype, dtype)
        with self.assertRaisesRegex(TypeError, "target is of float64"):
            F.cross_entropy(x.astype(np.float32), shares)
        with self.assertRaisesRegex(fovea.ShapeError, "mse_loss: needs predictions .* got 2x3 and 2"):
            F.mse_loss(x, [0, 1])

    def test_values_may_be_integers(self):
        x, target = draw(2, 3), np.array([[0, 1, 1], [1, 0, 0]])
        for dtype in (np.float32, np.float64):
            for loss in (F.binary_cross_entropy_with_logits, F.mse_loss):
                want = loss(x.astype(dtype), target.astype(dtype))
                for each in (target, target > 0, target.tolist()):
                    self.assertEqual(loss(x.astype(dtype), each), want)

    def test_labels(self):
        x = draw(2, 3)
        for labels, wrong in (([0, 3], fovea.ArgumentError), ([0, -1], ValueError), ([0], fovea.ShapeError),
                              ([0.0, 1.0], fovea.ShapeError), ([0, 2**40], ValueError)):
            with self.subTest(labels=labels), self.assertRaises(wrong):
                F.softmax_cross_entropy(x, labels)


@needs_torch
class BesidePyTorch(unittest.TestCase):
    def test_losses(self):
        labels = np.array([0, 3, 2, 4, 4])
        for smoothing, reduction in itertools.product((0.0, 0.3), ("mean", "sum")):
            x = torch.tensor(draw(5, 6), requires_grad=True)
            want = torch.nn.functional.cross_entropy(x, torch.tensor(labels), label_smoothing=smoothing, reduction=reduction)
            want.backward(torch.tensor(0.7, dtype=torch.float64))
            keywords = {"label_smoothing": smoothing, "reduction": reduction}
            self.assertLess(error(F.softmax_cross_entropy(draw(5, 6), labels, **keywords), want.item()), 1e-12)
            self.assertLess(error(F.softmax_cross_entropy_backward(0.7, draw(5, 6), labels, **keywords), x.grad), 1e-12)
        want = torch.nn.functional.multi_margin_loss(torch.tensor(draw(5, 6)), torch.tensor(labels))
        self.assertLess(error(F.multiclass_hinge(draw(5, 6), labels), want.item() * 6), 1e-12)


if __name__ == "__main__":
    unittest.main()
