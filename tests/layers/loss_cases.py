"""The losses."""
import numpy as np
import torch

from case import Case, draw, grid

F = torch.nn.functional
LABELS = np.array([0, 3, 2, 4, 4])
WEIGHTS = [0.5, 2.0, 1.25, 0.75, 3.0]


def shares(*shape):
    raw = np.abs(draw(*shape, seed=3))
    return raw / raw.sum(axis=1, keepdims=True)


def weighted(theirs):
    """PyTorch takes the weights as tensors."""
    def run(x, target, **keywords):
        for name in ("weight", "pos_weight"):
            if name in keywords:
                keywords[name] = torch.tensor(keywords[name], dtype=torch.float64)
        return theirs(x, target, **keywords)
    return run


def loss_cases():
    for options in grid(weight=[None, WEIGHTS], label_smoothing=[0.0, 0.3], reduction=["mean", "sum"]):
        options = {k: v for k, v in options.items() if v is not None}
        yield Case("cross_entropy", {"x": (5, 5), "target": LABELS}, options, weighted(F.cross_entropy))
    for options in grid(weight=[None, WEIGHTS], label_smoothing=[0.0, 0.3]):
        options = {k: v for k, v in options.items() if v is not None}
        yield Case("cross_entropy", {"x": (4, 5), "target": shares(4, 5)}, options, weighted(F.cross_entropy))
    yield Case("softmax_cross_entropy", {"x": (5, 7), "target": LABELS}, {}, F.cross_entropy)
    for options in ({}, {"weight": WEIGHTS}, {"weight": WEIGHTS, "reduction": "sum"}):
        yield Case("nll_loss", {"x": (5, 5), "target": LABELS}, options, weighted(F.nll_loss))
    for margin, reduction in ((1.0, "mean"), (0.25, "mean"), (2.0, "sum")):
        yield Case("multi_margin_loss", {"x": (5, 6), "target": LABELS}, {"margin": margin, "reduction": reduction})
        yield Case("multiclass_hinge", {"x": (5, 6), "target": LABELS}, {"margin": margin, "reduction": reduction},
                   lambda x, target, **k: x.shape[1] * F.multi_margin_loss(x, target, **k))
    for shape in ((4, 5), (2, 3, 2, 2)):
        values, shared = draw(*shape, seed=8) + 1 / 256, np.abs(draw(*shape, seed=9)) / 4
        for function, options in (("mse_loss", {}), ("l1_loss", {}), ("huber_loss", {"delta": 0.75}), ("huber_loss", {}),
                                  ("smooth_l1_loss", {"beta": 0.5}), ("smooth_l1_loss", {})):
            for reduction in ("mean", "sum"):
                yield Case(function, {"x": shape, "target": values}, {"reduction": reduction, **options}, getattr(F, function))
        for options in ({}, {"reduction": "sum"}, {"pos_weight": [2.5]}, {"pos_weight": WEIGHTS[:shape[-1]]}):
            if len(shape) > 2 and len(options.get("pos_weight", [0])) > 1:
                continue
            yield Case("binary_cross_entropy_with_logits", {"x": shape, "target": shared}, options, weighted(F.binary_cross_entropy_with_logits))
