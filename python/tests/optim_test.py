"""Update rules and learning rates beside their formulas and PyTorch."""

import itertools
import unittest

import numpy as np

import fovea
from fovea import functional as F
from support import draw, error, needs_torch, torch

# Ten steps of values near 1, in either type.
LIMITS = {np.float32: 2e-6, np.float64: 1e-13}


def gradient(step, dtype=np.float64):
    return draw(5, 7, seed=step, dtype=np.float32).astype(dtype)


def run(rule, dtype, **keywords):
    w, state = gradient(0, dtype), None
    for step in range(1, 11):
        w, state = rule(w, gradient(step, dtype), state, **keywords)
    return w


def orthogonalised(x, steps):
    x = x / np.linalg.norm(x)
    for _ in range(steps):
        a = x @ x.T
        x = 3.4445 * x + (2.0315 * a @ a - 4.7750 * a) @ x
    return x


class Formulas:
    """The rules as their docstrings write them: w and what they keep (a, b) after step t with the gradient g."""

    @staticmethod
    def sgd(w, g, a, b, t, lr, momentum=0.0, nesterov=False, weight_decay=0.0):
        d = g + weight_decay * w
        v = momentum * a + d
        return w - lr * (d + momentum * v if nesterov else v), v, b

    @staticmethod
    def adagrad(w, g, a, b, t, lr, lr_decay=0.0, eps=1e-10, weight_decay=0.0):
        d = g + weight_decay * w
        s = a + d**2
        return w - lr / (1 + (t - 1) * lr_decay) * d / (np.sqrt(s) + eps), s, b

    @staticmethod
    def adam(w, g, a, b, t, lr, betas, eps=1e-8, weight_decay=0.0, eps_uncorrected=False):
        d = g + weight_decay * w
        m, s = betas[0] * a + (1 - betas[0]) * d, betas[1] * b + (1 - betas[1]) * d**2
        if eps_uncorrected:
            return w - lr * np.sqrt(1 - betas[1]**t) / (1 - betas[0]**t) * m / (np.sqrt(s) + eps), m, s
        return w - lr * m / (1 - betas[0]**t) / (np.sqrt(s / (1 - betas[1]**t)) + eps), m, s

    @staticmethod
    def adamw(w, g, a, b, t, lr, betas, eps=1e-8, weight_decay=0.0, eps_uncorrected=False):
        return Formulas.adam((1 - lr * weight_decay) * w, g, a, b, t, lr, betas, eps, 0.0, eps_uncorrected)

    @staticmethod
    def rmsprop(w, g, a, b, t, lr, alpha=0.99, eps=1e-8, momentum=0.0, weight_decay=0.0):
        d = g + weight_decay * w
        s = alpha * a + (1 - alpha) * d**2
        v = momentum * b + d / (np.sqrt(s) + eps)
        return w - lr * v, s, v

    @staticmethod
    def muon(w, g, a, b, t, lr, momentum, nesterov, weight_decay=0.0, newton_schulz=5, renormalise=False):
        v = momentum * a + g
        scale = np.sqrt(len(w)) / np.linalg.norm(w) if renormalise else 1
        d = orthogonalised(g + momentum * v if nesterov else v, newton_schulz)
        return scale * (1 - lr * weight_decay) * w - lr * d, v, b


def cases():
    """(rule, PyTorch's class or None, keywords)."""
    theirs = torch.optim if torch else None
    for momentum, nesterov, decay in itertools.product((0.5, 0.9), (False, True), (0.0, 0.01)):
        yield F.sgd, theirs and theirs.SGD, dict(lr=0.1, momentum=momentum, nesterov=nesterov, weight_decay=decay)
    yield F.sgd, theirs and theirs.SGD, dict(lr=0.1)
    for betas, eps, decay in itertools.product(((0.9, 0.999), (0.5, 0.9)), (1e-8, 1e-2), (0.0, 0.1)):
        keywords = dict(lr=0.01, betas=betas, eps=eps, weight_decay=decay)
        yield F.adam, theirs and theirs.Adam, keywords
        yield F.adamw, theirs and theirs.AdamW, keywords
        yield F.adam, None, dict(eps_uncorrected=True, **keywords)
    for alpha, momentum, decay in itertools.product((0.9, 0.99), (0.0, 0.8), (0.0, 0.1)):
        yield F.rmsprop, theirs and theirs.RMSprop, dict(lr=0.01, alpha=alpha, momentum=momentum, weight_decay=decay)
    for decay, lr_decay in itertools.product((0.0, 0.01), (0.0, 0.1)):
        yield F.adagrad, theirs and theirs.Adagrad, dict(lr=0.05, lr_decay=lr_decay, weight_decay=decay)
    for nesterov, renormalise, decay in itertools.product((False, True), (False, True), (0.0, 0.1)):
        yield F.muon, None, dict(lr=0.05, momentum=0.8, nesterov=nesterov, renormalise=renormalise, weight_decay=decay, newton_schulz=2)


class BesideFormulas(unittest.TestCase):
    def test_rules(self):
        self.assertEqual({rule for rule, _, _ in cases()}, set(F.OPTIMIZERS))
        for rule, _, keywords in cases():
            formula = getattr(Formulas, rule.__name__)
            w, a, b = gradient(0), np.zeros((5, 7)), np.zeros((5, 7))
            for t in range(1, 11):
                w, a, b = formula(w, gradient(t), a, b, t, **keywords)
            for dtype, limit in LIMITS.items():
                with self.subTest(rule=rule.__name__, dtype=dtype.__name__, **{k: str(v) for k, v in keywords.items()}):
                    self.assertLess(error(run(rule, dtype, **keywords), w), limit)


@needs_torch
class BesidePyTorch(unittest.TestCase):
    def test_rules(self):
        for rule, optimizer, keywords in cases():
            if optimizer is None:
                continue
            w = torch.tensor(gradient(0), requires_grad=True)
            theirs = optimizer([w], **keywords)
            for step in range(1, 11):
                w.grad = torch.tensor(gradient(step))
                theirs.step()
            for dtype, limit in LIMITS.items():
                with self.subTest(rule=rule.__name__, dtype=dtype.__name__, **{k: str(v) for k, v in keywords.items()}):
                    self.assertLess(error(run(rule, dtype, **keywords), w.detach().numpy()), limit)

    def test_schedules(self):
        w = torch.zeros(1, requires_grad=True)

        def rates(make, steps):
            optimizer = torch.optim.SGD([w], lr=0.5)
            schedule, rates = make(optimizer), []
            for _ in range(steps):
                rates.append(optimizer.param_groups[0]["lr"])
                optimizer.step()
                schedule.step()
            return rates

        s = torch.optim.lr_scheduler
        for ours, theirs in ((lambda i: F.cosine_lr(i, 20, 0.5), lambda o: s.CosineAnnealingLR(o, 20)),
                             (lambda i: F.polynomial_lr(i, 20, 0.5), lambda o: s.LinearLR(o, 1, 0, 20)),
                             (lambda i: F.step_lr(i, 20, 0.5, 6, gamma=0.3), lambda o: s.StepLR(o, 6, 0.3)),
                             (lambda i: F.multi_step_lr(i, 20, 0.5, [3, 11]), lambda o: s.MultiStepLR(o, [3, 11])),
                             (lambda i: F.constant_lr(i, 20, 0.5), lambda o: s.ConstantLR(o, 1.0))):
            self.assertLess(error([ours(i) for i in range(20)], rates(theirs, 20)), 1e-12)


class Rules(unittest.TestCase):
    def test_adams_epsilon_before_or_after_the_correction(self):
        # A first step with a gradient as small as eps: 3.1e-5 and 5.0e-4 at a rate of 1e-3.
        w, dw = np.zeros(3, np.float32), np.full(3, 1e-8, np.float32)
        after, _ = F.adam(w, dw, lr=1e-3)
        before, _ = F.adam(w, dw, lr=1e-3, eps_uncorrected=True)
        self.assertAlmostEqual(after[0], -5.0e-4, delta=1e-6)
        self.assertAlmostEqual(before[0], -3.07e-5, delta=1e-7)

    def test_inputs_stay_and_state_goes_on(self):
        for rule in F.OPTIMIZERS:
            with self.subTest(rule=rule.__name__):
                keywords = {"lr": 0.1}
                w, dw = draw(4, 6, dtype=np.float32), draw(4, 6, seed=1, dtype=np.float32)
                before = w.copy(), dw.copy()
                once, state = rule(w, dw, **keywords)
                kept = {k: np.copy(v) for k, v in state.items()}
                twice, later = rule(once, dw, state, **keywords)
                np.testing.assert_array_equal(w, before[0])
                np.testing.assert_array_equal(dw, before[1])
                for name in state:
                    np.testing.assert_array_equal(state[name], kept[name])
                self.assertEqual((state["step"], later["step"]), (1, 2))
                self.assertFalse(np.array_equal(once, twice))

    def test_muon_steps_in_all_directions_alike(self):
        w = np.zeros((6, 20), np.float32)
        stepped, _ = F.muon(w, draw(6, 20, dtype=np.float32), lr=1.0)
        singular = np.linalg.svd(stepped, compute_uv=False)
        # What five Newton-Schulz steps leave (optim/orthogonalise.h).
        self.assertTrue((singular > 0.6).all() and (singular < 1.3).all(), singular)

    def test_what_is_wrong_is_named(self):
        w = draw(3, 4, dtype=np.float32)
        for call, wrong, named in ((lambda: F.sgd(w.astype(np.float64), w, lr=0.1), TypeError, "dw is of float32"),
                                   (lambda: F.sgd(w, w[:2], lr=0.1), ValueError, "dw must"),
                                   (lambda: F.adam(w, w, {"step": 1}), ValueError, "mean"),
                                   (lambda: F.adam(w, w, {"step": 1, "mean": w, "square": w[0]}), ValueError, "square"),
                                   (lambda: F.adam(w, w, betas=(1.5, 0.9)), ValueError, "betas"),
                                   (lambda: F.sgd(w, w, lr=-1), ValueError, "lr"),
                                   (lambda: F.cosine_lr(0, 0, 0.1), ValueError, "step")):
            with self.subTest(named=named), self.assertRaisesRegex(wrong, named):
                call()

    def test_one_cycle_rises_then_falls(self):
        rates = [F.one_cycle_lr(i, 100, 0.4) for i in range(101)]
        self.assertAlmostEqual(max(rates), 0.4)
        self.assertEqual(int(np.argmax(rates)), 25)
        self.assertAlmostEqual(rates[100], 0.4e-4)

    def test_no_rule_or_schedule_is_missing(self):
        self.assertEqual({f.__name__ for f in F.OPTIMIZERS}, set(fovea._fovea.optimizer_names()))
        self.assertEqual({f.__name__ for f in F.SCHEDULES}, {n + "_lr" for n in fovea._fovea.schedule_names()})


if __name__ == "__main__":
    unittest.main()
