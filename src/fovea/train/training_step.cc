#include "fovea/train/training_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fovea/engine/loss_run.h"
#include "fovea/train/evaluate.h"

namespace fovea {
namespace {

ProgramOptions ProgramFor(const TrainConfig& config, int64_t piece, bool profile) {
  // One more image than the batch: a last batch of one joins the one before.
  return {.mode = Mode::kTraining,
          .max_batch = piece + 1,
          .threads = static_cast<int>(config.threads),
          .arithmetic = ArithmeticOf(config),
          .memory = config.memory == "low" ? Memory::kLow : Memory::kNormal,
          .profile = profile};
}

// The code of the kernels, stacks, small objects: what lenet5's process takes beyond its arrays.
constexpr int64_t kProcessBytes = 5 << 19;

template <class T>
std::span<const T> Part(const std::vector<T>& all, int64_t first, int64_t count) {
  return std::span(all).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
}

}  // namespace

TrainingStep::TrainingStep(const TrainConfig& config, int64_t steps_per_epoch, Network& network,
                           const NamedTensors* saved, bool profile)
    : batch_(config.batch),
      pieces_(config.accumulate),
      piece_(PieceOf(config.batch, config.accumulate)),
      network_(network),
      loss_({.label_smoothing = config.label_smoothing}),
      program_(network, ProgramFor(config, piece_, profile)),
      tree_(program_, static_cast<int>(network.parameters().size())),
      updater_({RulesFor(config, network, steps_per_epoch), config.clip_norm, config.ema}, network, saved) {}

StepResult TrainingStep::Run(const Batch& batch, const CallRandom& random, int64_t t) {
  const auto images = static_cast<int64_t>(batch.labels.size());
  if (const auto frozen = updater_.FrozenAt(t); frozen != frozen_) program_.Freeze(frozen_ = frozen);
  StepResult result;
  if (images <= piece_ + 1) {
    RunPiece(batch, random, 0, images, result);
  } else {
    for (int64_t first = 0; first < images && result.wrong.empty(); first += piece_) {
      RunPiece(batch, random, first, std::min(images, first + piece_), result);
      tree_.Add();
    }
    tree_.Finish();
  }
  if (result.wrong.empty()) result.wrong = updater_.Step(program_, t);
  return result;
}

int64_t TrainingStep::MemoryBytes() const {
  return network_.HeldBytes() + program_.HeldBytes() + tree_.MostBytes(pieces_) + updater_.HeldBytes() +
         AlignedBytes<float>(network_.InputShape(batch_).Size()) + kProcessBytes;
}

std::string TrainingStep::Diverged(const Batch& batch, const CallRandom& random, int64_t t,
                                   const std::string& wrong) {
  const int64_t most = std::min(batch.images.extent(0), piece_ + 1);
  const TensorView<const float> images(batch.images.data(), batch.images.shape().WithBatch(most));
  const std::string where = program_.FindNonFinite(images, random);
  return fmt::format("step {}: {} is not finite{}{}", t, wrong, where.empty() ? "" : ", first in ", where);
}

void TrainingStep::RunPiece(const Batch& batch, const CallRandom& random, int64_t first, int64_t last,
                            StepResult& result) {
  const Shape shape = batch.images.shape().WithBatch(last - first);
  const int64_t image = batch.images.size() / batch.images.extent(0);
  const TensorView<const float> images(batch.images.data() + first * image, shape);
  const auto scores = program_.Forward(images, {random.key, Part(batch.samples, first, last - first)});
  Tensor<float> gradient(scores.shape());
  const float loss = Loss(batch, scores, first, gradient);
  result.loss += static_cast<double>(loss);
  if (!std::isfinite(loss)) {
    result.wrong = "the loss";
    return;
  }
  const bool other = batch.share < 0.5f && !batch.other_labels.empty();
  const auto labels = Part(other ? batch.other_labels : batch.labels, first, last - first);
  for (int64_t i = 0; i < last - first; i++) {
    result.correct += ArgMax(&scores(i, 0), scores.extent(1)) == labels[static_cast<std::size_t>(i)];
  }
  program_.ZeroGradients();
  program_.Backward(gradient);
}

// A mixed image has two labels: its loss is the mean of theirs, by their shares.
float TrainingStep::Loss(const Batch& batch, TensorView<const float> scores, int64_t first,
                         TensorView<float> gradient) {
  const auto images = static_cast<int64_t>(batch.labels.size());
  const auto run = [&](const std::vector<int32_t>& labels, TensorView<float> dx) {
    return RunLoss(program_.pool(), loss_, scores, Part(labels, first, scores.extent(0)), dx,
                   static_cast<double>(images));
  };
  const float loss = run(batch.labels, gradient);
  if (batch.other_labels.empty()) return loss;
  Tensor<float> other(scores.shape());
  const float other_loss = run(batch.other_labels, other), share = batch.share;
  for (int64_t i = 0; i < gradient.size(); i++) gradient[i] = share * gradient[i] + (1 - share) * other[i];
  return share * loss + (1 - share) * other_loss;
}

}  // namespace fovea
