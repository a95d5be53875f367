// One step of training: the batch in pieces through the program, the loss, the update.
#pragma once

#include "fovea/data/loader.h"
#include "fovea/engine/program.h"
#include "fovea/layers/softmax_cross_entropy.h"
#include "fovea/train/config.h"
#include "fovea/train/gradient_tree.h"
#include "fovea/train/updater.h"

namespace fovea {

struct StepResult {
  double loss = 0;      // mean of the batch
  int64_t correct = 0;  // images whose label (the larger share of a mixed one) was predicted
  std::string wrong;    // what is not finite; empty when all is well
};

class TrainingStep {
 public:
  // `saved`: the updater's tensors of a checkpoint, or null for a new run.
  TrainingStep(const TrainConfig& config, int64_t steps_per_epoch, Network& network,
               const NamedTensors* saved, bool profile = false);

  // Step number `t`, from 1.
  StepResult Run(const Batch& batch, const CallRandom& random, int64_t t);

  // Of step number `t`, whose result said what is wrong: "step 7: the loss is not finite, first in layer conv3: output".
  std::string Diverged(const Batch& batch, const CallRandom& random, int64_t t, const std::string& wrong);

  const Updater& updater() const { return updater_; }
  int threads() { return program_.pool().threads(); }
  std::vector<StepInfo> Steps() const { return program_.Steps(); }
  // What a process that takes such steps holds beyond an idle one: the network, the program, the state of the optimizer, a batch.
  int64_t MemoryBytes() const;

 private:
  // Images [first, last) of the batch: their part of the loss, their gradients in the program.
  void RunPiece(const Batch& batch, const CallRandom& random, int64_t first, int64_t last,
                StepResult& result);
  float Loss(const Batch& batch, TensorView<const float> scores, int64_t first, TensorView<float> gradient);

  const int64_t batch_, pieces_, piece_;  // images, pieces, images of a piece
  const Network& network_;
  const SoftmaxCrossEntropy loss_;
  Program program_;
  GradientTree tree_;
  Updater updater_;
  std::vector<bool> frozen_;  // parameters, as the program knows them
};

}  // namespace fovea
