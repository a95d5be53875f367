#include <fmt/format.h>
#include <pybind11/stl.h>

#include "arrays.h"
#include "bindings.h"
#include "fovea/base/error.h"
#include "fovea/data/loader.h"
#include "fovea/data/split.h"
#include "fovea/train/training_loader.h"
#include "fovea/train/training_step.h"
#include "hyper.h"
#include "network.h"

namespace fovea::python {
namespace {

TrainConfig ConfigOf(const py::dict& keywords) { return ConfigFrom(HyperOf(keywords)); }

// A batch made of arrays: images (N,C,H,W), preprocessed.
Batch BatchOf(const py::object& images, const py::object& labels, const std::vector<int64_t>& samples) {
  const auto x = ReadOnly<float>(images, "images");
  const auto y = ReadOnly<int32_t>(labels, "labels").values();
  if (x.shape().rank() != 4 || static_cast<int64_t>(y.size()) != x.extent(0) || samples.size() != y.size()) {
    throw ShapeError(
        fmt::format("a batch needs images (N,C,H,W) with a label and a number for each; got {}, "
                    "{} labels and {} numbers",
                    x.shape().ToString(), y.size(), samples.size()));
  }
  return {Cast<float>(x), {y.begin(), y.end()}, samples, {}, 1};
}

// A network in training: the update rule's tensors and the count of steps.
class Training {
 public:
  Training(std::shared_ptr<HeldNetwork> held, const TrainConfig& config, int64_t steps_per_epoch)
      : held_(std::move(held)), config_(config) {
    const auto lock = held_->Lock();
    if (steps_per_epoch < 1) throw ArgumentError("an epoch has at least one step");
    if (held_->network().nodes().empty()) throw ArgumentError("the network has no layers");
    if (held_->network().OutputShape(1).rank() != 2)
      throw ShapeError(fmt::format("training needs scores (N,K), the network gives {}",
                                   held_->network().OutputShape(1).ToString()));
    graph_changes_ = held_->graph_changes();
    schedule_ = ScheduleFor(config_, held_->network(), steps_per_epoch);
    steps_ = steps_per_epoch * config_.epochs;
    step_ = std::make_unique<TrainingStep>(config_, steps_per_epoch, held_->model().network, nullptr);
  }

  struct Result {
    double loss, rate;
    int64_t correct, step;
  };
  Result Run(const Batch& batch, uint32_t epoch) {
    const auto lock = held_->Lock();
    if (graph_changes_ != held_->graph_changes())
      throw ArgumentError("the network has got layers since this training began; begin another");
    const Shape image = held_->network().InputShape(batch.images.extent(0));
    if (batch.images.shape() != image) {
      throw ShapeError(fmt::format("the network takes images {}, got {}", image.ToString(),
                                   batch.images.shape().ToString()));
    }
    const CallRandom random{{static_cast<uint64_t>(config_.seed), Purpose::kDropout, epoch}, batch.samples};
    const double rate = RateAt(schedule_, done_, steps_);
    const StepResult result = step_->Run(batch, random, done_ + 1);
    if (!result.wrong.empty()) {
      throw DivergedError(fmt::format("{}. Lower lr (now {}) or look at the data",
                                      step_->Diverged(batch, random, done_ + 1, result.wrong),
                                      schedule_.rate));
    }
    done_++;
    return {result.loss, rate, result.correct, done_};
  }

  // The network with the moving average of its weights; the same without one.
  std::shared_ptr<HeldNetwork> Averaged() {
    const auto lock = held_->Lock();
    const Model& model = held_->model();
    return std::make_shared<HeldNetwork>(Model{.network = step_->updater().Averaged(),
                                               .preprocessing = model.preprocessing,
                                               .classes = model.classes,
                                               .conventions = model.conventions,
                                               .heads = model.heads});
  }

 private:
  const std::shared_ptr<HeldNetwork> held_;
  const TrainConfig config_;
  Schedule schedule_;
  int64_t steps_ = 0, done_ = 0, graph_changes_ = 0;
  std::unique_ptr<TrainingStep> step_;
};

// Images of bytes in memory, as a data set with a training split alone.
class ArrayImages final : public Dataset {
 public:
  // Labels are below the number of classes.
  ArrayImages(const py::object& images, const py::object& labels, std::size_t classes)
      : images_array_(images),
        labels_array_(labels),
        images_(ReadOnly<uint8_t>(images, "images")),
        labels_(ReadOnly<int32_t>(labels, "labels").values()),
        classes_(classes) {
    if (images_.shape().rank() != 4 || static_cast<int64_t>(labels_.size()) != images_.extent(0)) {
      throw ShapeError(fmt::format("images must be (N,C,H,W) with a label for each, got {} and {} labels",
                                   images_.shape().ToString(), labels_.size()));
    }
    for (const int32_t label : labels_) {
      if (label < 0 || static_cast<std::size_t>(label) >= classes)
        throw ArgumentError(fmt::format("label {} is not one of {} classes", label, classes));
    }
  }

  std::string Name() const override { return "arrays"; }
  const std::vector<std::string>& Classes() const override { return classes_; }
  Shape ImageShape() const override { return Shape(images_.shape().extents().subspan(1)); }
  int64_t Size(Split split) const override { return split == Split::kTrain ? images_.extent(0) : 0; }
  int32_t Label(Split, int64_t index) const override { return labels_[static_cast<std::size_t>(index)]; }
  int32_t Read(Split, int64_t index, uint8_t* pixels) const override {
    const int64_t size = ImageShape().Size();
    std::copy_n(images_.data() + index * size, size, pixels);
    return Label(Split::kTrain, index);
  }

 private:
  const py::object images_array_, labels_array_;  // the owners of what the views show
  const TensorView<const uint8_t> images_;
  const Labels labels_;
  const std::vector<std::string> classes_;
};

void CheckIndices(const ArrayImages& images, const std::vector<int64_t>& indices) {
  const int64_t count = images.Size(Split::kTrain);
  for (const int64_t i : indices) {
    if (i < 0 || i >= count)
      throw ArgumentError(fmt::format("there is no image {}, only 0 to {}", i, count - 1));
  }
}

// The batches of one epoch of images of bytes, shuffled, augmented and preprocessed on threads of their own.
class EpochLoader {
 public:
  EpochLoader(std::shared_ptr<ArrayImages> data, const py::dict& keywords, std::vector<double> mean,
              std::vector<double> deviation, std::vector<int64_t> indices, int64_t epoch)
      : data_(std::move(data)), preprocessing_{std::move(mean), std::move(deviation)} {
    const TrainConfig config = ConfigOf(keywords);
    const auto channels = static_cast<std::size_t>(data_->ImageShape()[0]);
    if (preprocessing_.mean.size() != channels || preprocessing_.deviation.size() != channels)
      throw ArgumentError(fmt::format("mean and deviation need {} numbers, one a channel", channels));
    CheckIndices(*data_, indices);
    loader_ = std::make_unique<Loader>(*data_, preprocessing_, std::move(indices),
                                       TrainingLoader(config, preprocessing_, ThreadsOf(config)), epoch);
  }

  std::unique_ptr<Batch> Next() {
    auto batch = std::make_unique<Batch>();
    return loader_->Next(*batch) ? std::move(batch) : nullptr;
  }

 private:
  static int ThreadsOf(const TrainConfig& config) {
    return config.threads > 0 ? static_cast<int>(config.threads) : HardwareThreads();
  }

  const std::shared_ptr<ArrayImages> data_;
  const Preprocessing preprocessing_;
  std::unique_ptr<Loader> loader_;
};

py::tuple Measure(const ArrayImages& images, const std::vector<int64_t>& indices) {
  CheckIndices(images, indices);
  const ChannelStatistics statistics = WithoutGlobalLock([&] { return MeasureChannels(images, indices); });
  return py::make_tuple(statistics.mean, statistics.deviation);
}

}  // namespace

void BindTraining(py::module_& m) {
  py::class_<Batch>(m, "Batch")
      .def(py::init(&BatchOf), py::arg("images"), py::arg("labels"), py::arg("samples"))
      .def("__len__", [](const Batch& batch) { return batch.labels.size(); })
      .def_property_readonly("images", [](const Batch& batch) { return CopyOf(batch.images.view()); })
      .def_property_readonly("labels", [](const Batch& batch) { return batch.labels; })
      .def_property_readonly("samples", [](const Batch& batch) { return batch.samples; });
  py::class_<Training>(m, "Training")
      .def(py::init([](std::shared_ptr<HeldNetwork> held, const py::dict& keywords, int64_t steps_per_epoch) {
             const TrainConfig config = ConfigOf(keywords);
             return WithoutGlobalLock(
                 [&] { return std::make_unique<Training>(std::move(held), config, steps_per_epoch); });
           }),
           py::arg("network").none(false), py::arg("keywords"), py::arg("steps_per_epoch"))
      .def("step",
           [](Training& training, const Batch& batch, uint32_t epoch) {
             const Training::Result r = WithoutGlobalLock([&] { return training.Run(batch, epoch); });
             return py::make_tuple(r.step, r.loss, r.correct, r.rate);
           })
      .def("averaged", &Training::Averaged, py::call_guard<GlobalLockReleased>());
  py::class_<ArrayImages, std::shared_ptr<ArrayImages>>(m, "ArrayImages")
      .def(py::init<py::object, py::object, std::size_t>(), py::arg("images"), py::arg("labels"),
           py::arg("classes"))
      .def("measure", &Measure, py::arg("indices"))
      .def("split", [](const ArrayImages& images, double fraction, uint64_t seed) {
        const TrainSplit split = SplitTraining(images, fraction, seed);
        return py::make_tuple(split.train, split.validation);
      });
  py::class_<EpochLoader>(m, "EpochLoader")
      .def(py::init<std::shared_ptr<ArrayImages>, py::dict, std::vector<double>, std::vector<double>,
                    std::vector<int64_t>, int64_t>(),
           py::arg("images").none(false), py::arg("keywords"), py::arg("mean"), py::arg("deviation"),
           py::arg("indices"), py::arg("epoch"))
      .def("next", &EpochLoader::Next, py::call_guard<GlobalLockReleased>());
  m.def("epoch_order", &EpochOrder, py::arg("indices"), py::arg("seed"), py::arg("epoch"));
  m.def("batch_sizes", &BatchSizes, py::arg("count"), py::arg("batch"));
  m.def("check_config", [](const py::dict& keywords) { ConfigOf(keywords); });
}

}  // namespace fovea::python
