"""Whole runs as the tool makes them: data by name, a run folder with checkpoints, a report."""

from . import _fovea
from .callbacks import Listeners


def train(data="glyphs", network="glyphnet", out="", *, callbacks=None, resume=False, **settings):
    """What `fovea train` does. Returns step, seconds, stopped, weights (the path of the model), and of the test images
    accuracy, loss, correct, total.

    data, network, out, settings  as the tool's flags: epochs, batch, lr, optimizer, crop, flip, ...
    callbacks                     an object, or a list of them, with any of on_start, on_step, on_epoch, each called with a dict of
                                  facts; the run stops, and is saved, when one returns True
    resume                        go on from the last checkpoint in `out`

    An exception in a callback, and KeyboardInterrupt, end the run after the step; it is saved, then the exception is raised.
    """
    return _fovea.train({"data": data, "network": network, "out": out, **settings}, resume, Listeners(callbacks))
