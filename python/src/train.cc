#include "fovea/train/trainer.h"

#include <pybind11/stl.h>

#include "bindings.h"
#include "hyper.h"

namespace fovea::python {
namespace {

// Tells a Python object. True from it, the first exception, or Ctrl-C, stops the run, which is saved; an exception is raised when
// it has ended.
class PythonObserver final : public TrainObserver {
 public:
  PythonObserver(py::object listener, std::atomic<int>& stop) : listener_(std::move(listener)), stop_(stop) {}

  void OnStart(const RunStart& s) override {
    Tell("on_start", [&] {
      return py::dict(py::arg("parameters") = s.model.network.ParameterCount(),
                      py::arg("train_images") = s.train_images, py::arg("val_images") = s.val_images,
                      py::arg("steps") = s.steps, py::arg("first_step") = s.first_step,
                      py::arg("memory_bytes") = s.memory_bytes, py::arg("remarks") = s.remarks);
    });
  }
  void OnStep(const StepEvent& e) override {
    Tell("on_step", [&] {
      return py::dict(py::arg("epoch") = e.epoch, py::arg("step") = e.step, py::arg("steps") = e.steps,
                      py::arg("loss") = e.loss, py::arg("accuracy") = e.accuracy,
                      py::arg("images_per_second") = e.images_per_second);
    });
  }
  void OnEpoch(const EpochMetrics& m) override {
    Tell("on_epoch", [&] {
      py::dict facts(py::arg("epoch") = m.epoch, py::arg("step") = m.step, py::arg("seconds") = m.seconds,
                     py::arg("loss") = m.train_loss, py::arg("accuracy") = m.train_accuracy,
                     py::arg("lr") = m.lr, py::arg("images_per_second") = m.images_per_second);
      if (m.validated) facts["val_loss"] = m.val_loss, facts["val_accuracy"] = m.val_accuracy;
      return facts;
    });
  }

  // Raises what the listener raised.
  void Raise() {
    if (raised_) throw std::move(*raised_);
  }

 private:
  template <class Facts>
  void Tell(const char* method, const Facts& facts) {
    const GlobalLockTaken taken;
    if (raised_) return;
    try {
      if (listener_.attr(method)(facts()).is(py::bool_(true))) stop_ = 1;
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    } catch (py::error_already_set& error) {
      raised_ = std::make_unique<py::error_already_set>(error);
      stop_ = 1;
    }
  }

  const py::object listener_;
  std::atomic<int>& stop_;
  std::unique_ptr<py::error_already_set> raised_;
};

py::dict TrainRun(const py::dict& keywords, bool resume, const py::object& listener) {
  const TrainConfig config = ConfigFrom(HyperOf(keywords));
  std::atomic<int> stop{0};
  PythonObserver observer(listener, stop);
  const TrainOutcome outcome = WithoutGlobalLock([&] { return Train(config, resume, observer, stop); });
  observer.Raise();
  return py::dict(py::arg("stopped") = outcome.stopped, py::arg("step") = outcome.step,
                  py::arg("seconds") = outcome.seconds, py::arg("weights") = outcome.weights,
                  py::arg("correct") = outcome.test.correct, py::arg("total") = outcome.test.total,
                  py::arg("accuracy") = outcome.test.Accuracy(), py::arg("loss") = outcome.test.loss);
}

}  // namespace

void BindTrain(py::module_& m) {
  m.def("train", &TrainRun, py::arg("keywords"), py::arg("resume"), py::arg("listener"));
}

}  // namespace fovea::python
