"""Learning rates as functions of the step: NAME(step, steps, lr, ...), step from 0 to steps - 1. All but one_cycle_lr rise
linearly from near 0 over the first `warmup` of the steps; t is the share of the other steps that is done."""

import typing

from .. import _fovea
from .refusals import integer, integers, named, number


def _rate(schedule, step, steps, lr, warmup, steps_per_epoch=1, **keywords):
    with named(schedule + "_lr", "schedule", {"step_every": "step_size"}):
        if "milestones" in keywords:
            keywords["milestones"] = ",".join(str(m) for m in integers("milestones", keywords["milestones"]))
        step, steps = integer("step", step, 0, 2**63 - 1), integer("steps", steps, 1, 2**63 - 1)
        steps_per_epoch = integer("steps_per_epoch", steps_per_epoch, 1, 2**63 - 1)
        return _fovea.learning_rate({"schedule": schedule, "warmup": warmup, **keywords}, number("lr", lr), step, steps, steps_per_epoch)


def constant_lr(step: int, steps: int, lr: float, warmup: float = 0.0) -> float:
    """lr."""
    return _rate("constant", step, steps, lr, warmup)


def cosine_lr(step: int, steps: int, lr: float, warmup: float = 0.0) -> float:
    """lr * (1 + cos(pi*t)) / 2."""
    return _rate("cosine", step, steps, lr, warmup)


def one_cycle_lr(step: int, steps: int, lr: float, warmup: float = 0.25) -> float:
    """Linear from lr/25 to lr over the warm-up, then by a cosine down to lr/1e4."""
    return _rate("one_cycle", step, steps, lr, warmup)


def polynomial_lr(step: int, steps: int, lr: float, power: float = 1.0, warmup: float = 0.0) -> float:
    """lr * (1 - t)^power."""
    return _rate("polynomial", step, steps, lr, warmup, power=power)


def step_lr(step: int, steps: int, lr: float, step_size: int, gamma: float = 0.1, warmup: float = 0.0,
            steps_per_epoch: int = 1) -> float:
    """lr * gamma^k, k the number of times that step_size epochs have passed."""
    return _rate("step", step, steps, lr, warmup, steps_per_epoch, step_every=step_size, gamma=gamma)


def multi_step_lr(step: int, steps: int, lr: float, milestones: typing.Sequence[int], gamma: float = 0.1,
                  warmup: float = 0.0, steps_per_epoch: int = 1) -> float:
    """lr * gamma^k, k the number of milestones (epochs, ascending) that have passed."""
    return _rate("multi_step", step, steps, lr, warmup, steps_per_epoch, milestones=milestones, gamma=gamma)


FUNCTIONS = (constant_lr, cosine_lr, one_cycle_lr, polynomial_lr, step_lr, multi_step_lr)
