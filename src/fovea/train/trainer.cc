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
#include "fovea/engine/verification.h"
#include "fovea/formats/model_file.h"
#include "fovea/train/checkpoint.h"
#include "fovea/train/parameter_rules.h"
#include "fovea/train/start_network.h"
#include "fovea/train/training_loader.h"
#include "fovea/train/training_step.h"

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

PhotoFolderOptions PhotosOf(const TrainConfig& config) {
  return {config.size, config.on_bad == "skip" ? OnBadPhoto::kSkip : OnBadPhoto::kFail};
}

class Run {
 public:
  Run(const TrainConfig& config, bool resume, TrainObserver& observer, const std::atomic<int>& stop)
      : config_(config),
        observer_(observer),
        stop_(stop),
        folder_(config.out),
        data_(OpenDataset(config.data, PhotosOf(config))),
        split_(SplitTraining(*data_, config.val, static_cast<uint64_t>(config.seed))),
        fresh_(!resume || !std::filesystem::exists(folder_.Last())),  // killed before its first checkpoint
        model_(fresh_ ? StartModel(config, *data_, split_) : TakeCheckpoint()),
        batches_(static_cast<int64_t>(BatchSizes(TrainImages(), config.batch).size())),
        steps_(batches_ * config.epochs),
        schedule_(ScheduleFor(config, model_.network, StepsPerEpoch())),
        training_(StartTraining()) {
    saved_.clear();
    config_.lr = schedule_.rate;
    if (config_.data.starts_with("folder:")) config_.size = data_->ImageShape()[1];
    CheckFit(model_, *data_);
    if (batches_ == 0) throw ArgumentError("there are no training images");
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
                       at_.step, training_.MemoryBytes(), data_->Remarks()});
    while (at_.epoch < config_.epochs && !Ended()) {
      if (!RunEpoch()) break;
    }
    if (stop_ != 0) return {.stopped = true, .step = at_.step, .seconds = Seconds()};
    Save();
    return Finish();
  }

 private:
  int64_t StepsPerEpoch() const { return std::max<int64_t>(batches_, 1); }
  int64_t TrainImages() const { return static_cast<int64_t>(split_.train.size()); }
  EvaluationOptions EvaluationSettings() const {
    return {.batch = config_.batch,
            .threads = static_cast<int>(config_.threads),
            .arithmetic = ArithmeticOf(config_)};
  }
  double Seconds() const { return seconds_before_ + clock_.Seconds(); }
  bool Ended() const { return stop_ != 0 || (config_.max_steps > 0 && at_.step >= config_.max_steps); }
  void Save() { SaveCheckpoint(folder_.Last(), model_, training_.updater().tensors(), at_); }

  Model TakeCheckpoint() {
    Checkpoint checkpoint = LoadCheckpoint(folder_.Last());
    saved_ = std::move(checkpoint.updater);
    at_ = checkpoint.position;
    return std::move(checkpoint.model);
  }

  TrainingStep StartTraining() try {
    return {config_, StepsPerEpoch(), model_.network, fresh_ ? nullptr : &saved_};
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{}: {}", folder_.Last(), error.what()));
  }

  // False when the run was stopped within the epoch; it is saved then.
  bool RunEpoch() {
    Loader loader(*data_, model_.preprocessing, split_.train,
                  TrainingLoader(config_, model_.preprocessing, training_.threads()), at_.epoch, at_.batch);
    const Clock epoch_clock;
    int64_t images = 0;
    double waited = 0;
    for (Batch batch; at_.batch < batches_;) {
      if (Ended()) {
        Save();
        return false;
      }
      const Clock wait_clock;
      if (!loader.Next(batch)) break;
      waited += wait_clock.Seconds();
      Step(batch);
      images += static_cast<int64_t>(batch.labels.size());
      rate_of_images_ = static_cast<double>(images) / epoch_clock.Seconds();
      observer_.OnStep({at_.epoch + 1, at_.step, steps_, MeanLoss(), MeanAccuracy(), rate_of_images_});
      if (config_.save_every > 0 && at_.step % config_.save_every == 0) Save();
    }
    return EndEpoch(waited / std::max(epoch_clock.Seconds(), 1e-9));
  }

  double MeanLoss() const { return at_.loss_sum / static_cast<double>(std::max<int64_t>(at_.images, 1)); }
  double MeanAccuracy() const {
    return static_cast<double>(at_.correct) / static_cast<double>(std::max<int64_t>(at_.images, 1));
  }

  void Step(const Batch& batch) {
    const CallRandom random{
        {static_cast<uint64_t>(config_.seed), Purpose::kDropout, static_cast<uint32_t>(at_.epoch)},
        batch.samples};
    rate_ = RateAt(schedule_, at_.step, steps_);
    const StepResult result = training_.Run(batch, random, at_.step + 1);
    if (!result.wrong.empty()) Diverge(batch, random, result.wrong);
    const auto images = static_cast<int64_t>(batch.labels.size());
    at_.loss_sum += result.loss * static_cast<double>(images);
    at_.images += images;
    at_.correct += result.correct;
    at_.step++;
    at_.batch++;
  }

  // What is validated, tested and kept as the best: with the moving average of the weights, when there is one.
  Model Averaged() const {
    return {training_.updater().Averaged(), model_.preprocessing, model_.classes, model_.conventions};
  }

  // The row tells a report of the run what happened; a resumed run drops it.
  [[noreturn]] void Diverge(const Batch& batch, const CallRandom& random, const std::string& what) {
    folder_.AppendMetrics({.epoch = at_.epoch + 1,
                           .step = at_.step + 1,
                           .seconds = Seconds(),
                           .train_loss = std::numeric_limits<double>::quiet_NaN(),
                           .train_accuracy = MeanAccuracy(),
                           .lr = rate_,
                           .images_per_second = rate_of_images_,
                           .data_wait = 0});
    throw DivergedError(
        fmt::format("{}; the last checkpoint is kept. Lower --lr (now {}) or look at the data",
                    training_.Diverged(batch, random, at_.step + 1, what), config_.lr));
  }

  bool EndEpoch(double data_wait) {
    EpochMetrics m{.epoch = at_.epoch + 1,
                   .step = at_.step,
                   .train_loss = MeanLoss(),
                   .train_accuracy = MeanAccuracy(),
                   .lr = rate_,
                   .images_per_second = rate_of_images_,
                   .data_wait = data_wait};
    if (!split_.validation.empty()) {
      Model averaged = Averaged();
      const Evaluation val =
          Evaluate(averaged, *data_, Split::kTrain, split_.validation, EvaluationSettings());
      m.validated = true, m.val_loss = val.loss, m.val_accuracy = val.Accuracy();
      const bool better = val.Accuracy() > at_.best_accuracy;
      at_.best_accuracy = std::max(at_.best_accuracy, val.Accuracy());
      if (better) SaveBest(averaged);
    }
    m.seconds = Seconds();
    at_.epoch++, at_.batch = 0, at_.loss_sum = 0, at_.correct = 0, at_.images = 0;
    folder_.AppendMetrics(m);
    Save();
    observer_.OnEpoch(m);
    return true;
  }

  void SaveBest(Model& model) const {
    model.examples = MakeExamples(model.network);
    SaveModel(folder_.Best(), model);
  }

  // The test images are read here, once, after the last step.
  TrainOutcome Finish() {
    TrainOutcome outcome{.stopped = false, .step = at_.step};
    outcome.weights = at_.best_accuracy >= 0 ? "best" : "last";
    if (outcome.weights == "best") {
      model_ = LoadModel(folder_.Best());
    } else {
      model_ = Averaged();
      SaveBest(model_);
    }
    EvaluationOptions options = EvaluationSettings();
    options.views = ViewsOf(config_.tta);
    options.stopped = [this] { return stop_ != 0; };
    outcome.test = Evaluate(model_, *data_, Split::kTest, AllIndices(*data_, Split::kTest), options);
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
  NamedTensors saved_;  // of the checkpoint, until the updater has taken them
  Position at_;
  const bool fresh_;
  Model model_;
  const int64_t batches_, steps_;
  const Schedule schedule_;
  TrainingStep training_;
  const Clock clock_;
  double seconds_before_ = 0, rate_ = 0, rate_of_images_ = 0;
};

}  // namespace

TrainOutcome Train(const TrainConfig& config, bool resume, TrainObserver& observer,
                   const std::atomic<int>& stop) {
  return Run(config, resume, observer, stop).Execute();
}

}  // namespace fovea
