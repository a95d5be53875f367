// Keywords of Python as hyper-parameters and back, and where random numbers come from.
#pragma once

#include <pybind11/pybind11.h>

#include <vector>

#include "fovea/layers/layer.h"

namespace fovea::python {

namespace py = pybind11;

// Throws TypeError for a value that is neither a bool, a number, a text nor a sequence of numbers or of texts.
HyperList HyperOf(const py::dict& keywords);
py::dict DictOf(const HyperList& hyper);

// The draws of a call: `samples` are the numbers of the images, none: 0, 1, 2, ...
struct Draws {
  uint64_t seed = 0;
  uint32_t epoch = 0;
  std::vector<int64_t> samples = {};

  // Throws ArgumentError unless there is a number for each of `n` images.
  CallRandom For(int64_t n) const;
};

}  // namespace fovea::python
