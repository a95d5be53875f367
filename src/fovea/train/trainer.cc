#include "fovea/train/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <limits>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/data/loader.h"
#include "fovea/data/split.h"
#include "fovea/engine/loss_run.h"
#include "fovea/formats/model_file.h"
#include "fovea/layers/batch_norm.h"
#include "fovea/layers/softmax_cross_entropy.h"
#include "fovea/optim/schedule.h"
#include "fovea/optim/sgd.h"
#include "fovea/train/checkpoint.h"
#include "fovea/train/start_network.h"

namespace fovea {
namespace {

class Clock {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

Model StartModel(const TrainConfig& config, const Dataset& data, const TrainSplit& split) {
  const auto classes = config.classes > 0 ? config.classes : static_cast<int64_t>(data.Classes().size());
  Model model{StartNetwork(config.network, data.ImageShape(), classes, static_cast<uint64_t>(config.seed)),
              {},
              data.Classes()};
  const auto outputs = static_cast<std::size_t>(model.network.OutputShape(1)[1]);
  while (model.classes.size() < outputs)
    model.classes.push_back(fmt::format("class {}", model.classes.size()));
  const ChannelStatistics statistics = MeasureChannels(data, split.train);
  model.preprocessing = {statistics.mean, statistics.deviation};
  return model;
}

// The rate of the configuration, or one that suits the network: batch norm bears larger steps.
double RateFor(const TrainConfig& config, const Network& network) {
  if (config.lr > 0) return config.lr;
  const auto& nodes = network.nodes();
  const bool normed = std::any_of(nodes.begin(), nodes.end(), [](const Node& node) {
    return dynamic_cast<const BatchNorm*>(node.layer.get()) != nullptr;
  });
  return normed ? 0.1 : 0.02;
}

bool AllFinite(TensorView<const float> values) {
  return std::all_of(values.values().begin(), values.values().end(),
                     [](float v) { return std::isfinite(v); });
}

class Run {
 public:
  Run(const TrainConfig& config, bool resume, TrainObserver& observer, const std::atomic<int>& stop)
      : config_(config),
        observer_(observer),
        stop_(stop),
        folder_(config.out),
        data_(OpenDataset(config.data)),
        split_(SplitTraining(*data_, config.val, static_cast<uint64_t>(config.seed))),
        fresh_(!resume || !std::filesystem::exists(folder_.Last())),  // killed before its first checkpoint
        model_(fresh_ ? StartModel(config, *data_, split_)
                      : LoadCheckpoint(folder_.Last(), velocities_, at_)),
        loss_({config.label_smoothing}),
        schedule_{ParseSchedule(config.schedule), RateFor(config, model_.network), config.warmup},
        batches_(static_cast<int64_t>(BatchSizes(TrainImages(), config.batch).size())),
        steps_(batches_ * config.epochs),
        program_(model_.network, {.mode = Mode::kTraining,
                                  .max_batch = config.batch + 1,
                                  .threads = static_cast<int>(config.threads)}) {
    config_.lr = schedule_.rate;
    CheckFit(model_, *data_);
    if (batches_ == 0) throw ArgumentError("there are no training images");
    if (fresh_) {
      for (const auto& p : model_.network.parameters()) velocities_.emplace_back(p.value.shape());
    }
    if (resume) {
      seconds_before_ = folder_.TruncateMetrics(at_.step);
      folder_.WriteConfig(config_);
    } else {
      folder_.Begin(config_);
    }
    if (fresh_) Save();
  }

  TrainOutcome Execute() {
    observer_.OnStart({config_, model_, TrainImages(), static_cast<int64_t>(split_.validation.size()), steps_,
                       at_.step, program_.ArenaBytes() + program_.GradientBytes()});
    while (at_.epoch < config_.epochs && !Ended()) {
      if (!RunEpoch()) break;
    }
    if (stop_ != 0) return {.stopped = true, .step = at_.step, .seconds = Seconds()};
    Save();
    return Finish();
  }

 private:
  int64_t TrainImages() const { return static_cast<int64_t>(split_.train.size()); }
  double Seconds() const { return seconds_before_ + clock_.Seconds(); }
  bool Ended() const { return stop_ != 0 || (config_.max_steps > 0 && at_.step >= config_.max_steps); }
  void Save() { SaveCheckpoint(folder_.Last(), model_, velocities_, at_); }

  // False when the run was stopped within the epoch; it is saved then.
  bool RunEpoch() {
    const LoaderOptions options{.split = Split::kTrain,
                                .batch = config_.batch,
                                .shuffle = true,
                                .augmentation = {config_.crop, config_.flip},
                                .seed = static_cast<uint64_t>(config_.seed)};
    Loader loader(*data_, model_.preprocessing, split_.train, options, at_.epoch, at_.batch);
    const Clock epoch_clock;
    int64_t images = 0;
    for (Batch batch; at_.batch < batches_;) {
      if (Ended()) {
        Save();
        return false;
      }
      if (!loader.Next(batch)) break;
      Step(batch);
      images += static_cast<int64_t>(batch.labels.size());
      rate_of_images_ = static_cast<double>(images) / epoch_clock.Seconds();
      observer_.OnStep({at_.epoch + 1, at_.step, steps_, MeanLoss(), MeanAccuracy(), rate_of_images_});
      if (config_.save_every > 0 && at_.step % config_.save_every == 0) Save();
    }
    return EndEpoch();
  }

  double MeanLoss() const { return at_.loss_sum / static_cast<double>(std::max<int64_t>(at_.images, 1)); }
  double MeanAccuracy() const {
    return static_cast<double>(at_.correct) / static_cast<double>(std::max<int64_t>(at_.images, 1));
  }

  void Step(const Batch& batch) {
    const CallRandom random{
        {static_cast<uint64_t>(config_.seed), Purpose::kDropout, static_cast<uint32_t>(at_.epoch)},
        batch.samples};
    const auto scores = program_.Forward(batch.images, random);
    Tensor<float> gradient(scores.shape());
    const float loss = RunLoss(program_.pool(), loss_, scores, batch.labels, gradient);
    if (!std::isfinite(loss)) Diverge(batch, random, "the loss");
    CountBatch(scores, batch, loss);
    program_.ZeroGradients();
    program_.Backward(gradient);
    rate_ = RateAt(schedule_, at_.step, steps_);
    const auto parameters = model_.network.parameters();
    for (std::size_t i = 0; i < parameters.size(); i++) {
      const auto g = program_.gradient(static_cast<int>(i));
      if (!AllFinite(g)) Diverge(batch, random, "the gradient of " + parameters[i].name);
    }
    for (std::size_t i = 0; i < parameters.size(); i++) {
      const auto g = program_.gradient(static_cast<int>(i));
      SgdStep(program_.pool(), {config_.momentum, config_.nesterov, config_.weight_decay}, rate_,
              parameters[i].spec.role == Role::kWeight, g.size(), g.data(), velocities_[i].data(),
              model_.network.MutableParameter(static_cast<int>(i)).data());
      if (!AllFinite(parameters[i].value)) Diverge(batch, random, "parameter " + parameters[i].name);
    }
    at_.step++;
    at_.batch++;
  }

  void CountBatch(TensorView<const float> scores, const Batch& batch, float loss) {
    const auto n = static_cast<int64_t>(batch.labels.size());
    at_.loss_sum += static_cast<double>(loss) * static_cast<double>(n);
    at_.images += n;
    for (int64_t i = 0; i < n; i++) {
      at_.correct += ArgMax(&scores(i, 0), scores.extent(1)) == batch.labels[static_cast<std::size_t>(i)];
    }
  }

  // The row tells a report of the run what happened; a resumed run drops it.
  [[noreturn]] void Diverge(const Batch& batch, const CallRandom& random, const std::string& what) {
    folder_.AppendMetrics({.epoch = at_.epoch + 1,
                           .step = at_.step + 1,
                           .seconds = Seconds(),
                           .train_loss = std::numeric_limits<double>::quiet_NaN(),
                           .train_accuracy = MeanAccuracy(),
                           .lr = rate_,
                           .images_per_second = rate_of_images_});
    const std::string where = program_.FindNonFinite(batch.images, random);
    throw DivergedError(
        fmt::format("step {}: {} is not finite{}{}; the last checkpoint is kept. Lower --lr (now {}) or "
                    "look at the data",
                    at_.step + 1, what, where.empty() ? "" : ", first in ", where, config_.lr));
  }

  bool EndEpoch() {
    EpochMetrics m{.epoch = at_.epoch + 1,
                   .step = at_.step,
                   .train_loss = MeanLoss(),
                   .train_accuracy = MeanAccuracy(),
                   .lr = rate_,
                   .images_per_second = rate_of_images_};
    bool better = false;
    if (!split_.validation.empty()) {
      const Evaluation val = Evaluate(model_, *data_, Split::kTrain, split_.validation, config_.batch,
                                      static_cast<int>(config_.threads));
      m.validated = true, m.val_loss = val.loss, m.val_accuracy = val.Accuracy();
      better = val.Accuracy() > at_.best_accuracy;
      at_.best_accuracy = std::max(at_.best_accuracy, val.Accuracy());
    }
    m.seconds = Seconds();
    at_.epoch++, at_.batch = 0, at_.loss_sum = 0, at_.correct = 0, at_.images = 0;
    if (better) SaveModel(folder_.Best(), model_);
    folder_.AppendMetrics(m);
    Save();
    observer_.OnEpoch(m);
    return true;
  }

  // The test images are read here, once, after the last step.
  TrainOutcome Finish() {
    TrainOutcome outcome{.stopped = false, .step = at_.step};
    outcome.weights = at_.best_accuracy >= 0 ? "best" : "last";
    if (outcome.weights == "best") {
      model_ = LoadModel(folder_.Best());
    } else {
      SaveModel(folder_.Best(), model_);
    }
    outcome.test = Evaluate(model_, *data_, Split::kTest, AllIndices(*data_, Split::kTest), config_.batch,
                            static_cast<int>(config_.threads), [this] { return stop_ != 0; });
    outcome.stopped = stop_ != 0;
    if (!outcome.stopped) folder_.WriteResult(model_, *data_, outcome.test, outcome.weights);
    outcome.seconds = Seconds();
    return outcome;
  }

  TrainConfig config_;
  TrainObserver& observer_;
  const std::atomic<int>& stop_;
  const RunFolder folder_;
  const std::unique_ptr<Dataset> data_;
  const TrainSplit split_;
  std::vector<Tensor<float>> velocities_;
  Position at_;
  const bool fresh_;
  Model model_;
  const SoftmaxCrossEntropy loss_;
  const Schedule schedule_;
  const int64_t batches_, steps_;
  Program program_;
  const Clock clock_;
  double seconds_before_ = 0, rate_ = 0, rate_of_images_ = 0;
};

}  // namespace

TrainOutcome Train(const TrainConfig& config, bool resume, TrainObserver& observer,
                   const std::atomic<int>& stop) {
  return Run(config, resume, observer, stop).Execute();
}

}  // namespace fovea
