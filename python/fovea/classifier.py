"""A classifier of images in scikit-learn's manner."""

import inspect

import numpy as np

from . import _fovea
from .arrays import to_numpy
from .callbacks import Listeners, Progress
from .errors import NotFittedError
from .fitting import scores
from .network import Network


class Classifier:
    """Learns the classes of images.

        classifier = Classifier("resnet20", epochs=10).fit(images, labels)
        classifier.predict(others), classifier.predict_proba(others), classifier.score(others, their_labels)

    Images are (N,C,H,W), (N,H,W,C) or (N,H,W), bytes (0 to 255) or floats; labels anything that can be hashed and sorted, or
    else only hashed. Equal arguments give equal bits. After KeyboardInterrupt in `fit` the classifier is as the last whole
    step left it, and can be used.

    network      an architecture (fovea.architectures()), or a Network to go on from, which is not changed
    channels     which axis of (N,a,b,c) has the channels: "first", "last", or "auto": the one that is 1 or 3
    validation   share of the images held back, from every class alike; measured after each epoch
    verbose      print progress
    settings     further ones of `fovea train`: schedule, weight_decay, crop, flip, mixup, ema, ...
    """

    _estimator_type = "classifier"  # for scikit-learn: its splits keep the shares of the classes

    def __init__(self, network="resnet20", epochs=10, batch=64, lr=0.0, optimizer="sgd", seed=1, threads=0, validation=0.0,
                 channels="auto", verbose=True, callbacks=(), settings=None):
        self.network, self.epochs, self.batch, self.lr, self.optimizer = network, epochs, batch, lr, optimizer
        self.seed, self.threads, self.validation, self.channels = seed, threads, validation, channels
        self.verbose, self.callbacks, self.settings = verbose, callbacks, settings

    @classmethod
    def _names(cls):
        return list(inspect.signature(cls.__init__).parameters)[1:]

    def get_params(self, deep=True):
        return {name: getattr(self, name) for name in self._names()}

    def set_params(self, **params):
        for name, value in params.items():
            if name not in self._names():
                raise ValueError(f"Classifier has no parameter {name}; it has {', '.join(self._names())}")
            setattr(self, name, value)
        return self

    def __repr__(self):
        defaults = inspect.signature(type(self).__init__).parameters
        changed = (f"{n}={v!r}" for n, v in self.get_params().items() if v is not defaults[n].default and v != defaults[n].default)
        return f"Classifier({', '.join(changed)})"

    def fit(self, x, y):
        """Learns from images and their labels, anew. Returns the classifier."""
        x, y = _images(x, self.channels), _labels(y)
        if len(x) != len(y) or not y:
            raise ValueError(f"there must be a label for each image, and one at least; got {len(x)} images, {len(y)} labels")
        classes = _classes_of(y)
        number = {label: i for i, label in enumerate(classes)}
        labels = np.array([number[label] for label in y], np.int32)
        network = self._start(x, len(classes))
        learn, held = self._split(x, labels, len(classes))
        outputs = network.layers[-1].shape[-1]
        network.classes = [str(label) for label in classes] + [f"class {i}" for i in range(len(classes), outputs)]
        if x.dtype == np.uint8 and not isinstance(self.network, Network):
            network.preprocessing = _measure(x, labels, len(classes), learn)
        # From here on there is something that can be asked, also when fit is interrupted.
        self.classes_, self.network_, self.image_shape_ = _as_array(classes), network, x.shape[1:]
        self.history_ = []
        callbacks = [_Recorder(self.history_), *([Progress()] if self.verbose else []), Listeners(self.callbacks)]
        network.fit(x[learn], labels[learn], epochs=self.epochs, batch=self.batch, lr=float(self.lr), optimizer=self.optimizer,
                    seed=self.seed, threads=self.threads, callbacks=callbacks,
                    validation=(x[held], labels[held]) if len(held) else None, **(self.settings or {}))
        return self

    def _start(self, x, classes):
        if not isinstance(self.network, Network):
            return Network.build(self.network, x.shape[1:], classes, self.seed)
        network = self.network.copy().end_at_scores()
        outputs = network.layers[-1].shape[-1]
        if network.input_shape != x.shape[1:] or outputs < classes:
            raise ValueError(f"the network takes images {network.input_shape} and tells {outputs} classes apart; there are "
                             f"images {x.shape[1:]} of {classes} classes")
        return network

    def _split(self, x, labels, classes):
        if not 0 <= self.validation < 1:
            raise ValueError(f"validation is {self.validation}; it must be at least 0 and below 1")
        if self.validation == 0:
            return np.arange(len(x)), np.arange(0)
        # The split looks at the labels alone.
        one_byte = _fovea.ArrayImages(np.zeros((len(x), 1, 1, 1), np.uint8), labels, classes)
        learn, held = one_byte.split(float(self.validation), self.seed)
        return np.array(learn, int), np.array(held, int)

    def _scores(self, x):
        if not hasattr(self, "network_"):
            raise NotFittedError("the classifier has learnt nothing yet; call fit first")
        x = _images(x, self.channels)
        if x.shape[1:] != self.image_shape_:
            raise ValueError(f"the classifier learnt from images {self.image_shape_}, these are {x.shape[1:]}")
        if len(x) == 0:
            return np.zeros((0, len(self.classes_)), np.float32)
        return scores(self.network_, x, self.batch)[:, :len(self.classes_)]

    def predict_proba(self, x):
        """(N, classes): the probability of each class, in the order of `classes_`."""
        s = self._scores(x).astype(np.float64)
        s = np.exp(s - s.max(axis=1, keepdims=True))
        return s / s.sum(axis=1, keepdims=True)

    def predict(self, x):
        """The most probable label of each image."""
        best = self._scores(x).argmax(axis=1)
        return self.classes_[best]

    def score(self, x, y):
        """The share of the images whose label is predicted."""
        predicted, y = self.predict(x), _labels(y)
        if len(predicted) != len(y) or not y:
            raise ValueError(f"there must be a label for each image, and one at least; got {len(predicted)} images, {len(y)} labels")
        return float(sum(p == t for p, t in zip(predicted, y)) / len(y))

    def save(self, path):
        """The network with preprocessing and the labels' names: for `fovea predict`, and Network.load."""
        if not hasattr(self, "network_"):
            raise NotFittedError("the classifier has learnt nothing yet; call fit first")
        self.network_.save(path)


class _Recorder:
    def __init__(self, history):
        self._history = history

    def on_epoch(self, facts):
        self._history.append(facts)


def _labels(y):
    """One label an image, as a list: of a sequence, or of an array or a tensor with one axis."""
    if hasattr(y, "__array__") or hasattr(y, "__dlpack__"):
        y = np.asarray(y) if hasattr(y, "__array__") else to_numpy(y, "y")
        if y.ndim != 1:
            raise ValueError(f"y must be (N,), a label for each image, got {y.shape}")
    if y is None or isinstance(y, (str, bytes)):
        raise TypeError("y must be labels, one for each image")
    labels = list(y)
    if any(isinstance(label, (list, dict, set, np.ndarray)) for label in labels):
        raise ValueError("y must be one label for each image, got lists: give the numbers or names of the classes")
    if any(label != label for label in labels):
        raise ValueError("a label in y is NaN")
    return labels


def _classes_of(y):
    """Distinct labels, sorted where they can be; else in the order in which they come."""
    distinct = list(dict.fromkeys(y))
    try:
        return sorted(distinct)
    except TypeError:
        return distinct


def _as_array(classes):
    """Labels as an array whose elements are the labels: mixed ones and tuples stay objects."""
    types = {type(label) for label in classes}
    if len(types) == 1 and issubclass(types.pop(), (bool, int, float, str, np.generic)):
        return np.asarray(classes)
    array = np.empty(len(classes), object)
    for i, label in enumerate(classes):
        array[i] = label
    return array


def _images(x, channels):
    """(N,C,H,W), uint8 or float32."""
    x = to_numpy(x, "x")
    if x.dtype.kind == "f":
        x = x.astype(np.float32, copy=False)
    elif x.dtype != np.uint8:
        raise TypeError(f"x is of {x.dtype}; images are uint8 (0 to 255) or floats")
    if x.ndim == 3:
        return np.ascontiguousarray(x[:, None])
    if x.ndim != 4:
        raise ValueError(f"x must be (N,C,H,W), (N,H,W,C) or (N,H,W), got {x.shape}")
    if channels == "auto":
        first, last = x.shape[1] in (1, 3), x.shape[3] in (1, 3)
        if first == last:
            raise ValueError(f'which axis of x {x.shape} has the channels? Say channels="first" or channels="last"')
        channels = "first" if first else "last"
    if channels not in ("first", "last"):
        raise ValueError(f'channels is "{channels}"; it must be first, last or auto')
    return np.ascontiguousarray(x if channels == "first" else np.moveaxis(x, -1, 1))


def _measure(x, labels, classes, indices):
    """Mean and deviation of each channel, as the tool measures them."""
    mean, deviation = _fovea.ArrayImages(x, labels, classes).measure([int(i) for i in indices])
    return mean, deviation
