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
    for options in grid(weight=[None, WEIGHTS], label_smoothing=[0.0, 0.3], reduction=["mean", "sum", "none"], ignore_index=[None, 4, -1]):
        options = {k: v for k, v in options.items() if v is not None}
        target = np.where(LABELS == 2, -1, LABELS) if options.get("ignore_index") == -1 else LABELS
        yield Case("cross_entropy", {"x": (5, 5), "target": target}, options, weighted(F.cross_entropy))
        if not options.pop("label_smoothing"):
            yield Case("nll_loss", {"x": (5, 5), "target": target}, options, weighted(F.nll_loss))
    for reduction in ("sum", "none"):  # every label with the weight 0
        yield Case("cross_entropy", {"x": (5, 5), "target": LABELS}, {"weight": [0, 2.0, 0, 0, 0], "reduction": reduction, "label_smoothing": 0.3},
                   weighted(F.cross_entropy))
    for options in grid(weight=[None, WEIGHTS], label_smoothing=[0.0, 0.3], reduction=["mean", "sum", "none"]):
        options = {k: v for k, v in options.items() if v is not None}
        yield Case("cross_entropy", {"x": (4, 5), "target": shares(4, 5)}, options, weighted(F.cross_entropy))
    yield Case("softmax_cross_entropy", {"x": (5, 7), "target": LABELS}, {}, F.cross_entropy)
    for margin, reduction in ((1.0, "mean"), (0.25, "mean"), (2.0, "sum"), (0.5, "none")):
        yield Case("multi_margin_loss", {"x": (5, 6), "target": LABELS}, {"margin": margin, "reduction": reduction})
        yield Case("multiclass_hinge", {"x": (5, 6), "target": LABELS}, {"margin": margin, "reduction": reduction},
                   lambda x, target, **k: x.shape[1] * F.multi_margin_loss(x, target, **k))
    for shape in ((4, 5), (2, 3, 2, 2)):
        values, shared = draw(*shape, seed=8) + 1 / 256, np.abs(draw(*shape, seed=9)) / 4
        for function, options in (("mse_loss", {}), ("l1_loss", {}), ("huber_loss", {"delta": 0.75}), ("huber_loss", {}),
                                  ("smooth_l1_loss", {"beta": 0.5}), ("smooth_l1_loss", {})):
            for reduction in ("mean", "sum", "none"):
                yield Case(function, {"x": shape, "target": values}, {"reduction": reduction, **options}, getattr(F, function))
        channels = [[[w]] for w in WEIGHTS[:shape[1]]]
        for options in grid(reduction=["mean", "sum", "none"], pos_weight=[None, [2.5], WEIGHTS[:shape[-1]], channels],
                            weight=[None, WEIGHTS[:shape[-1]], channels]):
            if len(shape) == 2 and channels in (options["weight"], options["pos_weight"]):
                continue
            options = {k: v for k, v in options.items() if v is not None}
            yield Case("binary_cross_entropy_with_logits", {"x": shape, "target": shared}, options, weighted(F.binary_cross_entropy_with_logits))
