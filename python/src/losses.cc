#include <pybind11/stl.h>

#include "arrays.h"
#include "bindings.h"
#include "fovea/engine/loss_run.h"
#include "fovea/layers/registry.h"
#include "hyper.h"
#include "shared_pool.h"

namespace fovea::python {
namespace {

// Class numbers as int32, or a tensor of the type of the predictions.
template <class S>
Targets<S> TargetsOf(const py::object& array) {
  if (py::isinstance<py::array_t<int32_t>>(array)) return Labels(ReadOnly<int32_t>(array, "target").values());
  return ReadOnly<S>(array, "target");
}

// How many terms a mean is over: with reduction="sum" it is multiplied by that.
template <class S>
double Terms(const Loss& loss, const Shape& x, const Targets<S>& targets) {
  const double weight = loss.Weight(x, targets);
  return loss.Takes() == TargetKind::kValues ? weight * static_cast<double>(x.Size() / x[0]) : weight;
}

// The mean loss, its gradient when `with_gradient`, else None, and how many terms the mean is over.
py::tuple RunLossOn(const std::string& type, const py::dict& hyper, const py::object& x_array,
                    const py::object& target_array, bool with_gradient) {
  const auto loss = MakeLoss(type, HyperOf(hyper));
  const auto run = [&]<class S>(S) {
    const auto x = ReadOnly<S>(x_array, "x");
    const Targets<S> targets = TargetsOf<S>(target_array);
    NewArray<S> dx(x.shape());
    S value{};
    WithoutGlobalLock([&] {
      if constexpr (std::is_same_v<S, float>) {
        const auto lock = SharedPool::Lock();
        value = RunLoss(lock.pool(), *loss, x, targets, with_gradient ? dx.view : TensorView<S>());
      } else {
        value = loss->RunForward(x, targets);
        if (with_gradient) loss->RunBackward(x, targets, dx.view);
      }
    });
    return py::make_tuple(value, with_gradient ? py::object(dx.array) : py::none(),
                          Terms(*loss, x.shape(), targets));
  };
  return IsDouble(x_array) ? run(double{}) : run(float{});
}

// The loss of every sample, or of every element where those have targets, by the reference. Class weights need shares of classes as
// targets: a loss of one class number is divided by its weight.
py::array RunLossOnEach(const std::string& type, const py::dict& hyper, const py::object& x_array,
                        const py::object& target_array) {
  const auto loss = MakeLoss(type, HyperOf(hyper));
  const auto run = [&]<class S>(S) -> py::array {
    const auto x = ReadOnly<S>(x_array, "x");
    const Targets<S> targets = TargetsOf<S>(target_array);
    loss->Check(x.shape(), targets);
    NewArray<S> each(loss->Takes() == TargetKind::kValues ? x.shape() : Shape({x.extent(0)}));
    const int64_t count = x.size() / each.view.size();
    const Shape one({1, count});
    const auto target = [&](int64_t i) -> Targets<S> {
      if (targets.labelled()) return targets.labels().subspan(static_cast<std::size_t>(i), 1);
      return TensorView<const S>(&targets.values()[i * count], one);
    };
    WithoutGlobalLock([&] {
      for (int64_t i = 0; i < each.view.size(); i++)
        each.view[i] = loss->RunForward(TensorView<const S>(&x[i * count], one), target(i));
    });
    return each.array;
  };
  return IsDouble(x_array) ? run(double{}) : run(float{});
}

std::string LossTakes(const std::string& type) {
  const TargetKind kind = MakeLoss(type, {})->Takes();
  return kind == TargetKind::kValues ? "values" : kind == TargetKind::kClasses ? "classes" : "labels";
}

}  // namespace

void BindLosses(py::module_& m) {
  m.def("run_loss", &RunLossOn, py::arg("type"), py::arg("hyper"), py::arg("x"), py::arg("target"),
        py::arg("with_gradient"));
  m.def("run_loss_each", &RunLossOnEach, py::arg("type"), py::arg("hyper"), py::arg("x"), py::arg("target"));
  m.def("loss_takes", &LossTakes);
  m.def("loss_types", &LossTypes);
}

}  // namespace fovea::python
