"""Layers, losses, update rules and learning rates as functions on numpy arrays.

NAME(x, ...) and NAME_backward(dy, x, ...), which takes the same arguments and gives the gradients of <dy, y> in the order of
the arrays; numbers may stand beside arrays. float32 runs the engine's kernels (several inputs, and arrays of other than two or four axes: the layer's own
code), float64 the reference straight from the derivation. Names, keywords and conventions are those of torch.nn.functional
where the meaning is the same. Arrays that are not row-major are copied.
"""

from . import derived as _derived
from . import joins as _joins, losses as _losses, maps as _maps, normalisation as _normalisation, optimizers as _optimizers
from . import pointwise as _pointwise, schedules as _schedules, views as _views, windows as _windows
from .operation import pairs as _pairs

_described = (*_windows.FUNCTIONS, *_pointwise.FUNCTIONS, *_normalisation.FUNCTIONS, *_joins.FUNCTIONS, *_maps.FUNCTIONS,
              *_views.FUNCTIONS)
LAYERS = (*_described, *_derived.missing([f.__name__ for f in _described]))
LOSSES = _losses.FUNCTIONS
OPTIMIZERS = _optimizers.FUNCTIONS
SCHEDULES = _schedules.FUNCTIONS

globals().update(_pairs(*LAYERS, *LOSSES))
globals().update({f.__name__: f for f in (*OPTIMIZERS, *SCHEDULES)})

__all__ = sorted([*_pairs(*LAYERS, *LOSSES), *(f.__name__ for f in (*OPTIMIZERS, *SCHEDULES)),
                  "LAYERS", "LOSSES", "OPTIMIZERS", "SCHEDULES"])
