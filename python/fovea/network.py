"""Networks: build, load, save, run, gradients, parameters, training."""

import collections.abc
import operator
import os
import types

import numpy as np

from . import _fovea, functional
from .arrays import floats, single
from .fitting import fit as _fit


class Tensors(collections.abc.Mapping):
    """Named tensors of a network as writable float32 arrays that share its memory.

    A view keeps the network alive. What is written to it counts from the next forward pass on; while a view lives, each pass
    looks through the weights for changes, so do not keep views longer than needed where speed matters.
    """

    def __init__(self, names, view):
        self._names, self._view = names, view

    def __getitem__(self, name):
        names = self._names()
        if name not in names:
            raise KeyError(name)
        return self._view(names.index(name))

    def __setitem__(self, name, value):
        view, value = self[name], np.asarray(value)
        if value.shape != view.shape:
            raise ValueError(f"{name} must be {view.shape}, got {value.shape}")
        view[...] = value

    def __iter__(self):
        return iter(self._names())

    def __len__(self):
        return len(self._names())

    def __repr__(self):
        return "{" + ", ".join(f"{name}: {'x'.join(map(str, view.shape))}" for name, view in self.items()) + "}"


class Network:
    """A named graph of layers over one input, with its parameters.

        net = Network((1, 12, 12))
        net.add("conv1", "conv2d", filters=16, kernel=3, padding=1)     # follows the last layer
        net.add("relu1", "relu")
        net.add("join", "add", inputs=["conv1", "relu1"])               # or named layers; "input" is the input
        net.initialise(seed=1)

    float32 arrays run compiled programs, float64 arrays the reference. Computing releases Python's global lock.
    """

    def __init__(self, input):
        """input: (C,H,W), or (C) for features; without the batch."""
        self._held = input if isinstance(input, _fovea.Network) else _fovea.Network(_extents(input))

    @classmethod
    def build(cls, architecture, input=(3, 32, 32), classes=10, seed=1):
        """A built-in architecture ("resnet20", "resnet20:stem=imagenet"; see `architectures`), a darknet .cfg or a .json graph, which say
        their input and classes themselves; initialised from the seed."""
        return cls(_fovea.Network.build(architecture, _extents(input), classes, seed))

    @classmethod
    def load(cls, path, input=(), output="", *, cfg="", epsilon=""):
        """The model of a file, .safetensors, .onnx or .weights (with its .cfg beside it), or the best weights of a run folder.

        input: (C,H,W), where an ONNX file leaves it open. output: the output, or inner value, that the network ends at, of an
        ONNX file with several. cfg: what describes a .weights, where it is not NAME.cfg beside it. epsilon: of darknet's batch
        norms, "inside" the root (the default), or "outside" as in pjreddie's code for the CPU."""
        return cls(_fovea.Network.load(os.fspath(path), _extents(input), output, os.fspath(cfg), epsilon))

    @classmethod
    def from_json(cls, text):
        """The graph that `to_json` gave, with weights of 0."""
        return cls(_fovea.Network.from_json(text))

    def to_json(self):
        return self._held.to_json()

    def save(self, path):
        """In the format that the name ends as: .safetensors, with graph, weights, preprocessing, class names and answers for
        `fovea verify`; .onnx, with the same; .weights, numbers alone. Any other name is a .safetensors too. Written atomically."""
        self._held.save(os.fspath(path))

    def load_weights(self, source, names=""):
        """Sets every parameter and running statistic; returns the network.

        source: a .safetensors or .npz file, or arrays by name, such as the state dict of a PyTorch module. names: what the source
        calls them: "" as this network does, "torch" for a built-in architecture, or a file of lines "name = other name". Raises
        FormatError that lists what is missing, left over or of another shape; the network is then as it was."""
        names = os.fspath(names)
        if isinstance(source, collections.abc.Mapping):
            arrays = {str(name): single(value, name) for name, value in source.items()}
            self._held.set_weights(arrays, names)
        else:
            self._held.load_weights(os.fspath(source), names)
        return self

    def save_weights(self, path, names=""):
        """Parameters and running statistics alone, to .safetensors or .npz. names: as in load_weights."""
        self._held.save_weights(os.fspath(path), os.fspath(names))

    def add(self, name, type, inputs=(), **hyper):
        """Appends a layer of a type that `fovea.layer_types()` lists; returns the network."""
        inputs = [inputs] if isinstance(inputs, str) else list(inputs)
        self._held.add(name, type, hyper, inputs)
        return self

    def end_at_scores(self):
        """Takes away the softmax over the classes that ends the network, if one does, as in files of Keras and Caffe: losses take
        scores. Returns the network."""
        self._held.end_at_scores()
        return self

    def initialise(self, seed=1):
        """Sets every parameter by its initialiser, from the seed alone; returns the network."""
        self._held.initialise(seed)
        return self

    @property
    def input_shape(self):
        return self._held.input_shape()

    @property
    def parameters(self):
        """Parameters by name ("conv1.weight"), see `Tensors`."""
        return Tensors(self._held.parameter_names, self._held.parameter)

    @property
    def states(self):
        """Running statistics by name ("bn1.running_mean")."""
        return Tensors(self._held.state_names, self._held.state)

    @property
    def classes(self):
        """Names of the classes, saved with the model."""
        return self._held.classes()

    @classes.setter
    def classes(self, names):
        self._held.set_classes([str(name) for name in names])

    @property
    def preprocessing(self):
        """(mean, deviation), one number a channel: the tool reads a pixel as (value/255 - mean)/deviation. Saved with the
        model; forward takes images that have been preprocessed."""
        mean, deviation = self._held.preprocessing()
        return np.array(mean), np.array(deviation)

    @preprocessing.setter
    def preprocessing(self, pair):
        mean, deviation = pair
        self._held.set_preprocessing([float(m) for m in mean], [float(d) for d in deviation])

    @property
    def layers(self):
        """For every layer: name, type, hyper, inputs, shape (of its output), parameters, multiply_adds (of one image)."""
        return [types.SimpleNamespace(**row) for row in self._held.layers()]

    def forward(self, x, training=False, *, seed=0, epoch=0, samples=()):
        """The output for a batch x (N,...). Training mode updates running statistics and draws dropout from (seed, epoch,
        samples), and lets `backward` follow."""
        return self._held.forward(floats(x, "x"), training, seed, epoch, [int(s) for s in samples])

    __call__ = forward

    def backward(self, dy):
        """Once after each forward(x, training=True), with the same weights: dx and {name: gradient} of all parameters, of <dy, y>.

        dy has the type of x. Raises ArgumentError where one of these does not hold; forward passes not in training may lie between.
        """
        return self._held.backward(floats(dy, "dy"))

    def gradients(self, x, labels, loss=functional.softmax_cross_entropy, *, seed=0, epoch=0, samples=(), **options):
        """The loss of a batch and {name: gradient}; `loss` is a loss of fovea.functional, `options` are its keywords."""
        scores = self.forward(x, training=True, seed=seed, epoch=epoch, samples=samples)
        value = loss(scores, labels, **options)
        return value, self.backward(loss.backward(1, scores, labels, **options))[1]

    def fit(self, x, y, **settings):
        """Trains on arrays; see fovea.fitting.fit. Returns the list of its epochs' metrics."""
        return _fit(self, x, y, **settings)

    def copy(self):
        """A network of its own with equal layers, weights and running statistics."""
        return Network(self._held.copy())

    __copy__ = copy

    def __deepcopy__(self, memo):
        return self.copy()

    def __reduce__(self):
        return _from_bytes, (self._held.to_bytes(),)

    def summary(self):
        """A table of the layers."""
        lines = [f"{'layer':<26} {'type':<16} {'output':>16} {'parameters':>12} {'multiply-adds':>14}"]
        layers = self.layers
        for layer in layers:
            shape = "x".join(map(str, layer.shape))
            lines.append(f"{layer.name:<26} {layer.type:<16} {shape:>16} {layer.parameters:>12} {layer.multiply_adds:>14}")
        lines.append(f"{sum(l.parameters for l in layers)} parameters, "
                     f"{sum(l.multiply_adds for l in layers) / 1e6:.2f} M multiply-adds an image")
        return "\n".join(lines)

    def __repr__(self):
        layers = self.layers
        return (f"Network({'x'.join(map(str, self.input_shape))}, {len(layers)} layers, "
                f"{sum(l.parameters for l in layers)} parameters)")


def _extents(input):
    try:
        return [operator.index(extent) for extent in input]
    except TypeError as error:
        raise TypeError(f"input is {input!r}; it must be whole numbers, (C,H,W) or (C,)") from error


def _from_bytes(model):
    return Network(_fovea.Network.from_bytes(model))


def architectures():
    """Names for Network.build."""
    return _fovea.network_names()
