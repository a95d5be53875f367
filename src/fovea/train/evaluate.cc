#include "fovea/train/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "fovea/base/error.h"
#include "fovea/base/parallel.h"
#include "fovea/data/loader.h"
#include "fovea/data/photo/folder.h"
#include "fovea/engine/loss_run.h"
#include "fovea/layers/softmax.h"
#include "fovea/layers/softmax_cross_entropy.h"
#include "fovea/train/scorer.h"
#include "fovea/train/scores.h"

namespace fovea {
void CheckFit(const Model& model, const Dataset& data) {
  const Shape image = data.ImageShape(), input = model.network.InputShape(1);
  if (Shape(input.extents().subspan(1)) != image) {
    const bool fits_resized = dynamic_cast<const PhotoFolder*>(&data) != nullptr && input.rank() == 4 &&
                              input[1] == image[0] && input[2] == input[3];
    throw ShapeError(
        fmt::format("the network reads images of {}, {} holds {}{}",
                    Shape(input.extents().subspan(1)).ToString(), data.Name(), image.ToString(),
                    fits_resized ? fmt::format("; --size {} brings photos to it", input[2]) : ""));
  }
  RequireScores(model.network);
  const int64_t classes = model.network.OutputShape(1)[1];
  if (classes < static_cast<int64_t>(data.Classes().size())) {
    throw ShapeError(fmt::format("the network tells {} classes apart, {} has {}", classes, data.Name(),
                                 data.Classes().size()));
  }
}

int32_t ArgMax(const float* scores, int64_t classes) {
  return static_cast<int32_t>(std::max_element(scores, scores + classes) - scores);
}

namespace {

// How many classes come before `label`: higher scores, and equal ones of lower classes.
int64_t Rank(const float* scores, int64_t classes, int32_t label) {
  int64_t before = 0;
  for (int64_t k = 0; k < classes; k++)
    before += scores[k] > scores[label] || (scores[k] == scores[label] && k < label);
  return before;
}

}  // namespace

std::vector<int64_t> AllIndices(const Dataset& data, Split split) {
  std::vector<int64_t> indices(static_cast<std::size_t>(data.Size(split)));
  std::iota(indices.begin(), indices.end(), int64_t{0});
  return indices;
}

Evaluation Evaluate(Model& model, const Dataset& data, Split split, const std::vector<int64_t>& indices,
                    const EvaluationOptions& options) {
  CheckFit(model, data);
  // One more image than the batch: a last batch of one joins the one before.
  Program program(model.network, {.mode = Mode::kInference,
                                  .max_batch = options.batch + 1,
                                  .threads = options.threads,
                                  .arithmetic = options.arithmetic});
  const int64_t classes = model.network.OutputShape(1)[1];
  Evaluation result;
  result.confusion.assign(static_cast<std::size_t>(classes),
                          std::vector<int64_t>(static_cast<std::size_t>(classes)));
  LoaderOptions loading;
  loading.split = split, loading.batch = options.batch, loading.workers = program.pool().threads();
  Loader loader(data, model.preprocessing, indices, loading, 0);
  Scorer scorer(program, options.views);
  double loss = 0;
  std::vector<float> probabilities(static_cast<std::size_t>(classes));
  for (Batch images; loader.Next(images) && !(options.stopped && options.stopped());) {
    const auto scores = scorer.Scores(images.images);
    const auto n = static_cast<double>(images.labels.size());
    loss += n * static_cast<double>(RunLoss(program.pool(), SoftmaxCrossEntropy(), scores, images.labels));
    for (std::size_t i = 0; i < images.labels.size(); i++) {
      const float* row = &scores(static_cast<int64_t>(i), 0);
      const int32_t label = images.labels[i], prediction = ArgMax(row, classes);
      SoftmaxRow(row, classes, probabilities.data());
      result.correct += prediction == label;
      result.among_five += Rank(row, classes, label) < 5;
      result.confusion[static_cast<std::size_t>(label)][static_cast<std::size_t>(prediction)]++;
      result.samples.push_back({images.samples[i], label, prediction,
                                static_cast<double>(probabilities[static_cast<std::size_t>(prediction)])});
    }
    result.total += static_cast<int64_t>(images.labels.size());
  }
  result.loss = result.total == 0 ? 0 : loss / static_cast<double>(result.total);
  return result;
}

}  // namespace fovea
