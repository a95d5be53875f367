// Numpy arrays as tensors and back. Arrays come in without a copy when they are row-major, aligned and of the right
// type; anything else is refused here (the Python sources convert before). Nothing here may run without the global lock.
#pragma once

#include <pybind11/numpy.h>

#include <string>
#include <vector>

#include "fovea/tensor/tensor.h"

namespace fovea::python {

namespace py = pybind11;

Shape ShapeOf(const py::array& a);
std::vector<py::ssize_t> Extents(const Shape& shape);

// The whole of an array, which must outlive the view. Throw TypeError naming `name`; ShapeError for an empty array or more
// than six axes.
template <class T>
TensorView<const T> ReadOnly(const py::handle& array, const std::string& name);
template <class T>
TensorView<T> Writable(const py::handle& array, const std::string& name);
template <class T>
std::vector<TensorView<const T>> ReadOnlyList(const py::list& arrays, const std::string& name);

// A new array, and its view.
template <class T>
struct NewArray {
  explicit NewArray(const Shape& shape) : array(Extents(shape)), view(array.mutable_data(), shape) {}
  py::array_t<T> array;
  TensorView<T> view;
};

template <class T>
py::array_t<T> CopyOf(TensorView<const T> x) {
  NewArray<T> copy(x.shape());
  std::copy(x.values().begin(), x.values().end(), copy.view.data());
  return copy.array;
}

bool IsDouble(const py::handle& array);

}  // namespace fovea::python
