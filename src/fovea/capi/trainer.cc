#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "fovea/base/error.h"
#include "fovea/capi/guard.h"
#include "fovea/capi/model_handle.h"
#include "fovea/train/scores.h"
#include "fovea/train/settings.h"
#include "fovea/train/training_step.h"

namespace fovea {
namespace {

// The settings of a run that concern a single step.
struct StepSettings : Learning {
  double clip_norm = 0, label_smoothing = 0;
  std::string numerics = "fast", precision = "f32", memory = "normal";
  int64_t threads = 0, seed = 1;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    Learning::Fields(o, field);
    field("clip_norm", o.clip_norm, Between(0, 1e9));
    field("label_smoothing", o.label_smoothing, Between(0, 1));
    field("numerics", o.numerics, OneOf({"fast", "direct"}));
    field("precision", o.precision, OneOf({"f32", "bf16"}));
    field("memory", o.memory, OneOf({"normal", "low"}));
    field("threads", o.threads, Between(0, 1024));
    field("seed", o.seed, AtLeast(0));
  }
};

TrainConfig ConfigOf(const char* settings, int64_t max_batch) {
  HyperList list = ParseSettings("settings", settings == nullptr ? "" : settings);
  OptionsFrom<StepSettings>("settings", list);
  list.push_back({"batch", max_batch});
  list.push_back({"epochs", int64_t{1}});
  return ConfigFrom(list);
}

void RequireMaxBatch(int64_t max_batch) {
  if (max_batch < 1 || max_batch > 65536)
    throw ArgumentError(fmt::format("max_batch is {}; it must be from 1 to 65536", max_batch));
}

void Copy(const Tensor<float>& from, TensorView<float> to) {
  std::copy(from.values().begin(), from.values().end(), to.data());
}

// Of networks whose last layers alone are different, and these have neither parameters nor states.
void CopyWeights(const Network& from, Network& to) {
  for (std::size_t i = 0; i < from.parameters().size(); i++)
    Copy(from.parameters()[i].value, to.MutableParameter(static_cast<int>(i)));
  for (std::size_t i = 0; i < from.states().size(); i++)
    Copy(from.states()[i].value, to.MutableState(static_cast<int>(i)));
}

// The running statistics of a network, which a forward pass changes.
class Statistics {
 public:
  explicit Statistics(Network& network) : network_(network) {
    for (const NamedTensor& state : network.states()) values_.push_back(state.value);
  }
  void Restore() {
    for (std::size_t i = 0; i < values_.size(); i++)
      Copy(values_[i], network_.MutableState(static_cast<int>(i)));
  }

 private:
  Network& network_;
  std::vector<Tensor<float>> values_;
};

// The loss takes a softmax: a network that ends in one is trained as a copy without it.
std::unique_ptr<Network> CopyWithoutSoftmax(const Network& network) {
  if (!EndsInSoftmax(network)) return nullptr;
  auto scores = std::make_unique<Network>(network);
  EndAtScores(*scores);
  return scores;
}

}  // namespace
}  // namespace fovea

struct fovea_trainer {
  fovea_trainer(std::shared_ptr<fovea::Model> of, const fovea::TrainConfig& run, int64_t of_steps)
      : model(std::move(of)),
        config(run),
        steps(of_steps),
        copy(fovea::CopyWithoutSoftmax(model->network)),
        training(run, steps, Trained(), nullptr) {}

  fovea::Network& Trained() { return copy ? *copy : model->network; }

  // A step that fails is not counted.
  float Step(const fovea::Batch& batch) {
    if (taken == steps)
      throw fovea::ArgumentError(fmt::format("all {} steps are taken; make a trainer for more", steps));
    if (copy) fovea::CopyWeights(model->network, *copy);
    fovea::Statistics statistics(Trained());
    try {
      const float loss = TakeStep(batch);
      if (copy) fovea::CopyWeights(*copy, model->network);
      return loss;
    } catch (...) {
      statistics.Restore();
      throw;
    }
  }

  float TakeStep(const fovea::Batch& batch) {
    const fovea::CallRandom random{{static_cast<uint64_t>(config.seed), fovea::Purpose::kDropout},
                                   batch.samples};
    const fovea::StepResult result = training.Run(batch, random, taken + 1);
    if (!result.wrong.empty())
      throw fovea::DivergedError(training.Diverged(batch, random, taken + 1, result.wrong));
    taken++;
    seen += static_cast<int64_t>(batch.samples.size());
    return static_cast<float>(result.loss);
  }

  std::shared_ptr<fovea::Model> model;
  fovea::TrainConfig config;
  int64_t steps;
  std::unique_ptr<fovea::Network> copy;
  fovea::TrainingStep training;
  int64_t taken = 0, seen = 0;  // steps, images
};

using fovea::Guarded;
using fovea::RequirePointer;

fovea_status fovea_trainer_create(fovea_model* model, int64_t max_batch, int64_t steps, const char* settings,
                                  fovea_trainer** trainer) {
  return Guarded([=] {
    RequirePointer(model, "model");
    RequirePointer(trainer, "trainer");
    if (steps < 1) throw fovea::ArgumentError(fmt::format("steps is {}; it must be at least 1", steps));
    fovea::RequireMaxBatch(max_batch);
    fovea::RefuseDetector("the model", *model->shared);
    fovea::RequireScores(model->shared->network);
    *trainer = new fovea_trainer(model->shared, fovea::ConfigOf(settings, max_batch), steps);
  });
}

fovea_status fovea_trainer_step(fovea_trainer* trainer, int64_t batch, const float* x, size_t x_count,
                                const int32_t* labels, size_t label_count, float* loss) {
  return Guarded([=] {
    RequirePointer(trainer, "trainer");
    RequirePointer(x, "x");
    RequirePointer(labels, "labels");
    const fovea::Network& network = trainer->model->network;
    fovea::RequireBatch(batch, trainer->config.batch);
    fovea::RequireCount("x", x_count, batch, network.InputShape(1).Size());
    fovea::RequireCount("labels", label_count, batch, 1);
    fovea::Batch images;
    images.images = fovea::Tensor<float>(network.InputShape(batch));
    images.labels.assign(labels, labels + batch);
    images.samples.resize(label_count);
    std::copy_n(x, x_count, images.images.data());
    std::iota(images.samples.begin(), images.samples.end(), trainer->seen);
    const float mean = trainer->Step(images);
    if (loss != nullptr) *loss = mean;
  });
}

void fovea_trainer_free(fovea_trainer* trainer) { delete trainer; }
