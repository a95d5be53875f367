#include "arrays.h"

#include <fmt/format.h>

#include "fovea/base/error.h"

namespace fovea::python {
namespace {

std::string NameOf(const py::dtype& type) { return py::str(type.attr("name")); }

template <class T>
py::array Checked(const py::handle& object, const std::string& name) {
  if (!py::isinstance<py::array_t<T, py::array::c_style>>(object) ||
      (py::reinterpret_borrow<py::array>(object).flags() & py::detail::npy_api::NPY_ARRAY_ALIGNED_) == 0) {
    throw py::type_error(fmt::format("{} must be a row-major numpy array of {}, got {}", name,
                                     NameOf(py::dtype::of<T>()),
                                     std::string(py::str(py::type::handle_of(object)))));
  }
  auto array = py::reinterpret_borrow<py::array>(object);
  if (array.size() == 0)
    throw ShapeError(fmt::format("{} is empty: its shape is {}", name, ShapeOf(array).ToString()));
  return array;
}

}  // namespace

Shape ShapeOf(const py::array& a) {
  const std::vector<int64_t> extents(a.shape(), a.shape() + a.ndim());
  return Shape(extents);
}

std::vector<py::ssize_t> Extents(const Shape& shape) {
  return {shape.extents().begin(), shape.extents().end()};
}

template <class T>
TensorView<const T> ReadOnly(const py::handle& object, const std::string& name) {
  const py::array array = Checked<T>(object, name);
  return {static_cast<const T*>(array.data()), ShapeOf(array)};
}

template <class T>
TensorView<T> Writable(const py::handle& object, const std::string& name) {
  py::array array = Checked<T>(object, name);
  if (!array.writeable()) throw py::type_error(name + " must be writable");
  return {static_cast<T*>(array.mutable_data()), ShapeOf(array)};
}

template <class T>
std::vector<TensorView<const T>> ReadOnlyList(const py::list& arrays, const std::string& name) {
  std::vector<TensorView<const T>> views;
  for (const py::handle& array : arrays)
    views.push_back(ReadOnly<T>(array, fmt::format("{} {}", name, views.size())));
  return views;
}

bool IsDouble(const py::handle& array) { return py::isinstance<py::array_t<double>>(array); }

template TensorView<const float> ReadOnly(const py::handle&, const std::string&);
template TensorView<const double> ReadOnly(const py::handle&, const std::string&);
template TensorView<const int32_t> ReadOnly(const py::handle&, const std::string&);
template TensorView<const int64_t> ReadOnly(const py::handle&, const std::string&);
template TensorView<const uint8_t> ReadOnly(const py::handle&, const std::string&);
template TensorView<float> Writable(const py::handle&, const std::string&);
template TensorView<double> Writable(const py::handle&, const std::string&);
template std::vector<TensorView<const float>> ReadOnlyList(const py::list&, const std::string&);
template std::vector<TensorView<const double>> ReadOnlyList(const py::list&, const std::string&);

}  // namespace fovea::python
