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

// One step in place. `kept` are the rule's tensors in the order of optimizer_state.
void Step(const py::dict& keywords, int64_t t, const py::object& gradient, const py::list& kept,
          const py::object& parameter) {
  const Learning learning = LearningOf("optimizer", keywords);
  const OptimizerOptions options = OptimizerOf(learning);
  const auto p = Writable<float>(parameter, "the parameter"), g = Writable<float>(gradient, "the gradient");
  if (t < 1) throw ArgumentError(fmt::format("step {} of an optimizer; they count from 1", t));
  if (g.shape() != p.shape()) {
    throw ShapeError(fmt::format("the gradient must be {} as the parameter, got {}", p.shape().ToString(),
                                 g.shape().ToString()));
  }
  Update update{.rate = learning.lr,
                .t = t,
                .rows = p.shape().rank() > 1 ? p.extent(0) : 0,
                .count = p.size(),
                .gradient = g.data(),
                .kept = {},
                .parameter = p.data()};
  const auto names = KeptTensors(options);
  if (kept.size() != names.size())
    throw ArgumentError(fmt::format("{} keeps {} tensors, got {}", options.kind, names.size(), kept.size()));
  for (std::size_t i = 0; i < names.size(); i++) {
    const auto view = Writable<float>(kept[i], names[i]);
    if (view.shape() != p.shape()) {
      throw ShapeError(fmt::format("{} must be {} as the parameter, got {}", names[i], p.shape().ToString(),
                                   view.shape().ToString()));
    }
    update.kept.push_back(view.data());
  }
  WithoutGlobalLock([&] { OptimizerStep(SharedPool::Lock().pool(), options, update); });
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
