#include "bindings.h"
#include "fovea/base/error.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/version.h"

namespace fovea::python {
namespace {

// The exceptions are Python classes (fovea/errors.py), so that they also are the built-in ones that a caller would expect.
void Raise(const char* name, const std::exception& error) {
  PyErr_SetString(py::module_::import("fovea.errors").attr(name).ptr(), error.what());
}

void Translate(std::exception_ptr thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const ShapeError& error) {
    Raise("ShapeError", error);
  } catch (const ArgumentError& error) {
    Raise("ArgumentError", error);
  } catch (const FormatError& error) {
    Raise("FormatError", error);
  } catch (const IoError& error) {
    Raise("IoError", error);
  } catch (const DivergedError& error) {
    Raise("DivergedError", error);
  } catch (const Error& error) {
    Raise("Error", error);
  }
}

}  // namespace
}  // namespace fovea::python

PYBIND11_MODULE(_fovea, m) {
  using namespace fovea::python;
  py::register_local_exception_translator(&Translate);
  m.attr("version") = FOVEA_VERSION;
  m.attr("instruction_set") = fovea::Kernels().name;
  BindLayers(m);
  BindLosses(m);
  BindOptimizers(m);
  BindNetwork(m);
  BindTraining(m);
  BindTrain(m);
  BindNotes(m);
}
