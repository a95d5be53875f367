#include <fmt/format.h>

#include <mutex>

#include "applied_cache.h"
#include "arrays.h"
#include "bindings.h"
#include "fovea/base/error.h"
#include "fovea/engine/loss_run.h"
#include "fovea/layers/multiclass_hinge.h"
#include "fovea/layers/softmax_cross_entropy.h"
#include "hyper.h"
#include "shared_pool.h"

namespace fovea::python {
namespace {

template <class L>
std::unique_ptr<Loss> Make(const HyperList& hyper) {
  return std::make_unique<L>(OptionsFrom<typename L::Options>(L::kType, hyper));
}

std::unique_ptr<Loss> MakeLoss(const std::string& type, const HyperList& hyper) {
  if (type == SoftmaxCrossEntropy::kType) return Make<SoftmaxCrossEntropy>(hyper);
  if (type == MulticlassHinge::kType) return Make<MulticlassHinge>(hyper);
  throw ArgumentError(fmt::format("there is no loss \"{}\"", type));
}

// The mean loss, and its gradient when `with_gradient`; else None.
py::tuple RunLossOn(const std::string& type, const py::dict& hyper, const py::object& x_array,
                    const py::object& label_array, bool with_gradient) {
  const auto loss = MakeLoss(type, HyperOf(hyper));
  const Labels labels = ReadOnly<int32_t>(label_array, "labels").values();
  const auto run = [&]<class S>(S) {
    const auto x = ReadOnly<S>(x_array, "x");
    NewArray<S> dx(x.shape());
    S value{};
    WithoutGlobalLock([&] {
      if constexpr (std::is_same_v<S, float>) {
        const auto lock = SharedPool::Lock();
        value = RunLoss(lock.pool(), *loss, x, labels, with_gradient ? dx.view : TensorView<S>());
      } else {
        value = loss->RunForward(x, labels);
        if (with_gradient) loss->RunBackward(x, labels, dx.view);
      }
    });
    return py::make_tuple(value, with_gradient ? py::object(dx.array) : py::none());
  };
  return IsDouble(x_array) ? run(double{}) : run(float{});
}

}  // namespace

void BindLosses(py::module_& m) {
  m.def("run_loss", &RunLossOn, py::arg("type"), py::arg("hyper"), py::arg("x"), py::arg("labels"),
        py::arg("with_gradient"));
  m.def("loss_types", [] {
    py::list types;
    types.append(std::string(SoftmaxCrossEntropy::kType));
    types.append(std::string(MulticlassHinge::kType));
    return types;
  });
}

}  // namespace fovea::python
