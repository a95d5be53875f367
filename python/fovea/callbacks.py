"""What hears of a run while it goes on."""

import sys
import time

_METHODS = ("on_start", "on_step", "on_epoch")


class Callback:
    """Tells what a run does; override what is wanted. Each method gets a dict. One that returns True stops the run."""

    def on_start(self, facts):
        """images, steps, epochs."""

    def on_step(self, facts):
        """epoch (from 1), step, steps, loss and accuracy of the epoch so far, lr, images_per_second."""

    def on_epoch(self, facts):
        """epoch, step, loss, accuracy, lr, seconds, images_per_second; with validation val_loss and val_accuracy."""


class Progress(Callback):
    """One line an epoch on `file`, and on a terminal one that changes with the steps."""

    def __init__(self, file=None):
        self._file, self._shown = file or sys.stdout, 0.0

    def _clear(self):
        return "\r\033[K" if self._file.isatty() else ""

    def on_start(self, facts):
        self._epochs = facts["epochs"]
        print(f"{facts['images']} training images, {facts['epochs']} epochs, {facts['steps']} steps", file=self._file)

    def on_step(self, facts):
        if not self._file.isatty() or time.monotonic() - self._shown < 0.1:
            return
        self._shown = time.monotonic()
        print(f"\r\033[Kepoch {facts['epoch']}/{self._epochs}  step {facts['step']}/{facts['steps']}  loss {facts['loss']:.4f}  "
              f"accuracy {100 * facts['accuracy']:.2f} %  {facts['images_per_second']:.0f} images/s", end="", file=self._file,
              flush=True)

    def on_epoch(self, facts):
        validation = (f"  validation loss {facts['val_loss']:.4f} accuracy {100 * facts['val_accuracy']:6.2f} %"
                      if "val_loss" in facts else "")
        print(f"{self._clear()}epoch {facts['epoch']:>3}/{self._epochs}  loss {facts['loss']:.4f} accuracy "
              f"{100 * facts['accuracy']:6.2f} %{validation}  {facts['images_per_second']:.0f} images/s  "
              f"{facts['seconds']:.1f} s", file=self._file, flush=True)


class Listeners:
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
