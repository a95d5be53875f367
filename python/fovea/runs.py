"""Whole runs as the tool makes them: data by name, a run folder with checkpoints, a report."""

from . import _fovea

_METHODS = ("on_start", "on_step", "on_epoch")


class _Listeners:
    """Several callbacks as one, which says True where one of them does."""

    def __init__(self, callbacks):
        if callbacks is None:
            callbacks = ()
        elif any(hasattr(callbacks, method) for method in _METHODS):
            callbacks = (callbacks,)
        self._callbacks = tuple(callbacks)
        for callback in self._callbacks:
            if not any(hasattr(callback, method) for method in _METHODS):
                raise TypeError(f"callbacks: {callback!r} has none of {', '.join(_METHODS)}")

    def _tell(self, method, facts):
        return any([getattr(callback, method)(facts) is True for callback in self._callbacks if hasattr(callback, method)])

    def on_start(self, facts):
        return self._tell("on_start", facts)

    def on_step(self, facts):
        return self._tell("on_step", facts)

    def on_epoch(self, facts):
        return self._tell("on_epoch", facts)


def train(data="glyphs", network="glyphnet", out="", *, callbacks=None, resume=False, **settings):
    """What `fovea train` does. Returns step, seconds, stopped, weights (the path of the model), and of the test images
    accuracy, loss, correct, total.

    data, network, out, settings  as the tool's flags: epochs, batch, lr, optimizer, crop, flip, ...
    callbacks                     an object, or a list of them, with any of on_start, on_step, on_epoch, each called with a dict of
                                  facts; the run stops, and is saved, when one returns True
    resume                        go on from the last checkpoint in `out`

    An exception in a callback, and KeyboardInterrupt, end the run after the step; it is saved, then the exception is raised.
    """
    return _fovea.train({"data": data, "network": network, "out": out, **settings}, resume, _Listeners(callbacks))
