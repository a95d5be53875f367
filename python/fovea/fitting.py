"""The training loop on arrays: the steps are the engine's, what happens between them is here."""

import contextlib
import time

import numpy as np

from . import _fovea
from .arrays import labels as as_labels, to_numpy
from .callbacks import Listeners


def _float_batches(x, y, indices, settings, epoch):
    order = _fovea.epoch_order(indices, settings["seed"], epoch)
    first = 0
    for size in _fovea.batch_sizes(len(order), settings["batch"]):
        chosen = order[first:first + size]
        first += size
        yield _fovea.Batch(np.ascontiguousarray(x[chosen]), np.ascontiguousarray(y[chosen]), chosen)


def _byte_batches(images, preprocessing, indices, settings, epoch):
    loader = _fovea.EpochLoader(images, settings, *preprocessing, indices, epoch)
    while (batch := loader.next()) is not None:
        yield batch


_OF_RUNS = ("data", "network", "classes", "out", "max_steps", "val", "save_every", "on_bad", "size", "tta")
_CHANGES_IMAGES = ("crop", "flip", "cutout", "jitter", "mixup", "cutmix")


def _batches(network, x, y, classes, indices, settings):
    """epoch -> the batches of an epoch, and the images as the network takes them."""
    if x.dtype == np.uint8:
        images = _fovea.ArrayImages(np.ascontiguousarray(x), y, classes)
        mean, deviation = network.preprocessing
        return lambda epoch: _byte_batches(images, (list(mean), list(deviation)), indices, settings, epoch)
    refused = [name for name in _CHANGES_IMAGES if settings.get(name) not in (None, 0, False, "none")]
    if refused:
        raise ValueError(f"{refused[0]} changes images of bytes: x must be uint8, it is {x.dtype}")
    return lambda epoch: _float_batches(x, y, indices, settings, epoch)


def preprocess(network, x):
    """Bytes as the network takes them: (value/255 - mean)/deviation per channel, in float32; floats as they are."""
    if x.dtype != np.uint8:
        return np.asarray(x, np.float32)
    mean, deviation = network.preprocessing
    # A table for each channel gives the bits that training's loader gives.
    tables = ((np.arange(256) / 255 - m) / d for m, d in zip(mean, deviation))
    return np.stack([t.astype(np.float32)[x[:, c]] for c, t in enumerate(tables)], axis=1)


def scores(network, x, batch=100):
    """The network's scores of all images, in batches."""
    return np.concatenate([network.forward(preprocess(network, x[i:i + batch])) for i in range(0, len(x), batch)])


def evaluate(network, x, y, batch=100):
    """(mean softmax cross-entropy, accuracy)."""
    s = scores(network, x, batch).astype(np.float64)
    s -= s.max(axis=1, keepdims=True)
    losses = np.log(np.exp(s).sum(axis=1)) - s[np.arange(len(y)), y]
    return float(losses.mean()), float((s.argmax(axis=1) == y).mean())


def _checked(network, x, y):
    x, y = to_numpy(x, "x"), as_labels(y, "y")
    if x.dtype not in (np.uint8, np.float32):
        raise TypeError(f"x is of {x.dtype}; training takes uint8 (0 to 255) or float32 (preprocessed)")
    if x.shape[1:] != network.input_shape or y.shape != (len(x),) or len(x) == 0:
        raise ValueError(f"x must be (N,{','.join(map(str, network.input_shape))}) with a label for each, got {x.shape} "
                         f"and labels {y.shape}")
    return x, y


def fit(network, x, y, *, epochs=5, batch=64, seed=1, validation=None, callbacks=(), **settings):
    """Trains a network with softmax cross-entropy.

    x, y        images (N,C,H,W), uint8 or preprocessed float32, and class numbers
    validation  (x, y) that is measured after each epoch
    callbacks   an object, or a list of them, with any of the methods of `Callback`; the run stops when one returns True
    settings    those of `fovea train` by name: lr, optimizer, schedule, weight_decay, clip_norm, ema, label_smoothing, groups,
                threads, ...; for images of bytes also crop, flip, cutout, jitter, mixup, cutmix

    Returns the metrics of each epoch. Equal arguments give equal bits. An exception, KeyboardInterrupt too, leaves the
    network as the last whole step left it. Raises DivergedError when a value is not finite.
    """
    x, y = _checked(network, x, y)
    listeners = Listeners(callbacks)
    if validation is not None:
        if not isinstance(validation, (tuple, list)) or len(validation) != 2:
            raise TypeError(f"validation must be a pair (x, y), got {type(validation).__name__}; Classifier takes a share")
        validation = _checked(network, *validation)
    settings = {**settings, "epochs": epochs, "batch": batch, "seed": seed}
    classes = network.layers[-1].shape[-1] if network.layers else 0
    for labels in (y, *([validation[1]] if validation else [])):
        if classes and labels.max() >= classes:
            raise ValueError(f"there is a label {labels.max()}, but the network tells {classes} classes apart, 0 to {classes - 1}")
    if network.layers and network.layers[-1].type == "softmax":
        raise ValueError("the network ends in a softmax, but the loss takes scores: call end_at_scores() on it first")
    useless = [name for name in settings if name in _OF_RUNS]
    if useless:
        raise ValueError(f"{useless[0]} is a setting of fovea.train alone: fit has arrays, and no run folder")
    steps_per_epoch = len(_fovea.batch_sizes(len(x), batch))
    training = _fovea.Training(network._held, settings, steps_per_epoch)
    batches = _batches(network, x, y, classes, list(range(len(x))), settings)
    return _Run(network, training, listeners, validation, settings).run(batches, len(x), steps_per_epoch)


class _Run:
    def __init__(self, network, training, listeners, validation, settings):
        self._network, self._training, self._listeners = network, training, listeners
        self._validation, self._settings, self._begin = validation, settings, time.monotonic()

    def run(self, batches, images, steps_per_epoch):
        epochs, history = self._settings["epochs"], []
        stopped = self._listeners.on_start({"images": images, "epochs": epochs, "steps": epochs * steps_per_epoch})
        try:
            for epoch in range(epochs):
                if stopped:
                    break
                facts, stopped = self._epoch(batches(epoch), epoch, epochs * steps_per_epoch)
                if facts and not stopped:
                    history.append(facts)
                    stopped = self._listeners.on_epoch(facts)
        except BaseException:
            with contextlib.suppress(Exception):  # what ended the run says more
                self._take_average()
            raise
        self._take_average()
        return history

    def _epoch(self, batches, epoch, steps):
        begin, seen, loss_sum, correct, facts = time.monotonic(), 0, 0.0, 0, {}
        for batch in batches:
            step, loss, right, rate = self._training.step(batch, epoch)
            seen, loss_sum, correct = seen + len(batch), loss_sum + loss * len(batch), correct + right
            facts = {"epoch": epoch + 1, "step": step, "loss": loss_sum / seen, "accuracy": correct / seen, "lr": rate,
                     "images_per_second": seen / max(time.monotonic() - begin, 1e-9)}
            if self._listeners.on_step({**facts, "steps": steps}):
                return facts, True
        facts["seconds"] = time.monotonic() - self._begin
        if self._validation:
            measured = type(self._network)(self._training.averaged()) if self._settings.get("ema") else self._network
            facts["val_loss"], facts["val_accuracy"] = evaluate(measured, *self._validation)
        return facts, False

    def _take_average(self):
        """With `ema` the run ends in the moving average of the weights."""
        if not self._settings.get("ema"):
            return
        average = type(self._network)(self._training.averaged())
        for name, value in average.parameters.items():
            self._network.parameters[name] = value
        for name, value in average.states.items():
            self._network.states[name] = value
