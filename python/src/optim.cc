#include <fmt/format.h>
#include <pybind11/stl.h>

#include "arrays.h"
#include "bindings.h"
#include "fovea/base/error.h"
#include "fovea/train/learning.h"
#include "hyper.h"
#include "shared_pool.h"

namespace fovea::python {
namespace {

Learning LearningOf(const std::string& where, const py::dict& keywords) {
  return OptionsFrom<Learning>(where, HyperOf(keywords));
}

// The tensors that a rule keeps of a parameter, each of its shape.
template <class T>
std::vector<T*> KeptOf(const OptimizerOptions& options, const py::list& kept, const Shape& shape) {
  const auto names = KeptTensors(options);
  if (kept.size() != names.size())
    throw ArgumentError(fmt::format("{} keeps {} tensors, got {}", options.kind, names.size(), kept.size()));
  std::vector<T*> pointers;
  for (std::size_t i = 0; i < names.size(); i++) {
    const auto view = Writable<T>(kept[i], names[i]);
    if (view.shape() != shape) {
      throw ShapeError(fmt::format("{} must be {} as the parameter, got {}", names[i], shape.ToString(),
                                   view.shape().ToString()));
    }
    pointers.push_back(view.data());
  }
  return pointers;
}

void Apply(const OptimizerOptions& options, const Update& update) {
  OptimizerStep(SharedPool::Lock().pool(), options, update);
}
void Apply(const OptimizerOptions& options, const UpdateOf<double>& update) {
  ReferenceStep(options, update);
}

template <class T>
void StepOf(const py::dict& keywords, int64_t t, const py::object& gradient, const py::list& kept,
            const py::object& parameter) {
  const Learning learning = LearningOf("optimizer", keywords);
  const OptimizerOptions options = OptimizerOf(learning);
  const auto p = Writable<T>(parameter, "the parameter"), g = Writable<T>(gradient, "the gradient");
  if (t < 1) throw ArgumentError(fmt::format("step {} of an optimizer; they count from 1", t));
  if (g.shape() != p.shape()) {
    throw ShapeError(fmt::format("the gradient must be {} as the parameter, got {}", p.shape().ToString(),
                                 g.shape().ToString()));
  }
  const UpdateOf<T> update{.rate = learning.lr,
                           .t = t,
                           .rows = p.shape().rank() > 1 ? p.extent(0) : 0,
                           .count = p.size(),
                           .gradient = g.data(),
                           .kept = KeptOf<T>(options, kept, p.shape()),
                           .parameter = p.data()};
  WithoutGlobalLock([&] { Apply(options, update); });
}

// One step in place: by the engine in float32, by the reference in float64. `kept` are the rule's tensors in the order of
// optimizer_state.
void Step(const py::dict& keywords, int64_t t, const py::object& gradient, const py::list& kept,
          const py::object& parameter) {
  (IsDouble(parameter) ? StepOf<double> : StepOf<float>)(keywords, t, gradient, kept, parameter);
}

double Rate(const py::dict& keywords, double rate, int64_t step, int64_t steps, int64_t steps_per_epoch) {
  if (steps < 1 || step < 0 || steps_per_epoch < 1) {
    throw ArgumentError(
        fmt::format("step {} of {} with {} an epoch: there must be at least one step, "
                    "counted from 0",
                    step, steps, steps_per_epoch));
  }
  return RateAt(ScheduleOf(LearningOf("schedule", keywords), rate, steps_per_epoch), step, steps);
}

}  // namespace

void BindOptimizers(py::module_& m) {
  m.def("optimizer_step", &Step, py::arg("keywords"), py::arg("t"), py::arg("gradient"), py::arg("kept"),
        py::arg("parameter"));
  m.def("optimizer_state", [](const std::string& kind) { return KeptTensors({.kind = kind}); });
  m.def("optimizer_names", &OptimizerNames);
  m.def("learning_rate", &Rate, py::arg("keywords"), py::arg("rate"), py::arg("step"), py::arg("steps"),
        py::arg("steps_per_epoch"));
  m.def("schedule_names", &ScheduleNames);
}

}  // namespace fovea::python
