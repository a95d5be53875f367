// The module fovea._fovea, part by part. It is thin: names, defaults and documentation are in the Python sources beside it.
// Every part releases Python's global lock while it computes.
#pragma once

#include <pybind11/pybind11.h>

#include "global_lock.h"

namespace fovea::python {

namespace py = pybind11;

void BindLayers(py::module_& m);      // apply.cc: any layer, forward and backward
void BindLosses(py::module_& m);      // losses.cc
void BindOptimizers(py::module_& m);  // optim.cc: update rules and schedules
void BindNetwork(py::module_& m);     // network_bindings.cc
void BindTraining(py::module_& m);    // training.cc: steps on arrays
void BindTrain(py::module_& m);       // train.cc: whole runs, as the tool makes them
void BindNotes(py::module_& m);       // notes.cc

}  // namespace fovea::python
