"""Fovea trains and runs convolutional networks on the CPU.

functional   layers, losses, update rules, learning rates as functions on numpy arrays
Network      build, load, save, forward, gradients, parameters as views, fit
Classifier   fit, predict, predict_proba, score
notes        the algorithms of the notes, to be compared with the layers
train        a whole run, as the tool makes it

docs/python.md in the sources has examples.
"""

from . import functional, notes
from ._fovea import layer_types, set_numerics, set_threads, version as __version__
from .callbacks import Callback, Progress
from .classifier import Classifier
from .errors import ArgumentError, DivergedError, Error, FormatError, IoError, NotFittedError, ShapeError
from .network import Network, architectures
from .runs import train

__all__ = ["ArgumentError", "Callback", "Classifier", "DivergedError", "Error", "FormatError", "IoError", "Network",
           "NotFittedError", "Progress", "ShapeError", "architectures", "functional", "layer_types", "notes",
           "set_numerics", "set_threads", "train"]
