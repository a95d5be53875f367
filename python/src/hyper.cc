#include "hyper.h"

#include <fmt/format.h>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>

#include "fovea/base/error.h"

namespace fovea::python {
namespace {

bool IsScalarArray(const py::handle& value) {
  return py::isinstance<py::array>(value) && py::reinterpret_borrow<py::array>(value).ndim() == 0;
}

// numpy's integers say what they are by __index__.
bool IsInteger(const py::handle& value) {
  return !py::isinstance<py::array>(value) && !PyBool_Check(value.ptr()) && PyIndex_Check(value.ptr());
}

// numpy's complex numbers become real ones with no more than a warning.
bool IsComplex(const py::handle& value) {
  if (PyComplex_Check(value.ptr())) return true;
  const py::object type = py::getattr(value, "dtype", py::none());
  return py::getattr(type, "kind", py::none()).equal(py::str("c"));
}

bool IsRealSequence(const py::handle& value) {
  if (!py::isinstance<py::sequence>(value)) return false;
  const auto list = py::reinterpret_borrow<py::sequence>(value);
  return std::none_of(list.begin(), list.end(), IsComplex);
}

int64_t IntegerFrom(const std::string& name, const py::handle& value) {
  try {
    return py::int_(py::reinterpret_borrow<py::object>(value)).cast<int64_t>();
  } catch (const py::cast_error&) {
    throw ArgumentError(
        fmt::format("{} is {}; it must fit into 64 bits", name, std::string(py::repr(value))));
  }
}

HyperValue ValueOf(const std::string& name, const py::handle& value) {
  if (IsScalarArray(value)) return ValueOf(name, value.attr("item")());
  if (PyBool_Check(value.ptr())) return value.cast<bool>();
  if (IsInteger(value)) return IntegerFrom(name, value);
  if (py::isinstance<py::str>(value)) return value.cast<std::string>();
  if (PyFloat_Check(value.ptr())) return value.cast<double>();
  const bool bytes = PyBytes_Check(value.ptr()) || PyByteArray_Check(value.ptr());
  if (!bytes && IsRealSequence(value)) {
    const auto list = py::reinterpret_borrow<py::sequence>(value);
    std::vector<int64_t> integers;
    for (const py::handle& item : list) {
      if (!IsInteger(item)) break;
      integers.push_back(IntegerFrom(name, item));
    }
    if (integers.size() == list.size()) return integers;
    try {
      return value.cast<std::vector<double>>();
    } catch (const py::cast_error&) {
    }
    try {
      return value.cast<std::vector<std::string>>();
    } catch (const py::cast_error&) {  // the error below says more
    }
  }
  if (PyNumber_Check(value.ptr()) && !IsComplex(value) && !PySequence_Check(value.ptr()))
    return py::float_(py::reinterpret_borrow<py::object>(value)).cast<double>();
  throw py::type_error(fmt::format("{} is {}; it must be a number, a text, or a sequence of numbers", name,
                                   std::string(py::repr(value))));
}

}  // namespace

HyperList HyperOf(const py::dict& keywords) {
  HyperList list;
  for (const auto& [key, value] : keywords) {
    const auto name = key.cast<std::string>();
    list.push_back({name, ValueOf(name, value)});
  }
  return list;
}

py::dict DictOf(const HyperList& hyper) {
  py::dict dict;
  for (const Hyper& h : hyper) dict[py::str(h.name)] = py::cast(h.value);
  return dict;
}

CallRandom Draws::For(int64_t n) const {
  if (!samples.empty() && static_cast<int64_t>(samples.size()) != n) {
    throw ArgumentError(
        fmt::format("samples has {} numbers; there must be one for each of {} images", samples.size(), n));
  }
  return {{seed, Purpose::kDropout, epoch}, samples};
}

}  // namespace fovea::python
