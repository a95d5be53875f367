#include "fovea/train/predictor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fovea/base/error.h"
#include "fovea/base/parallel.h"
#include "fovea/data/photo/decode.h"
#include "fovea/data/photo/resize.h"
#include "fovea/layers/softmax.h"

namespace fovea {
namespace {

std::vector<ClassProbability> Top(const float* scores, int64_t classes, int64_t count) {
  std::vector<float> probabilities(static_cast<std::size_t>(classes));
  SoftmaxRow(scores, classes, probabilities.data());
  std::vector<int32_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return scores[a] > scores[b]; });
  std::vector<ClassProbability> top;
  for (int64_t i = 0; i < std::min(count, classes); i++) {
    const int32_t label = order[static_cast<std::size_t>(i)];
    top.push_back({label, static_cast<double>(probabilities[static_cast<std::size_t>(label)])});
  }
  return top;
}

}  // namespace

Predictor::Predictor(Model& model, int64_t batch, int threads, const Arithmetic& arithmetic,
                     std::vector<View> views)
    : model_(model),
      image_(model.network.InputShape(1).extents().subspan(1)),
      table_(model.preprocessing),
      batch_(batch),
      program_(model.network,
               {.mode = Mode::kInference, .max_batch = batch, .threads = threads, .arithmetic = arithmetic}),
      scorer_(program_, std::move(views)) {
  if (image_.rank() != 3 || (image_[0] != 1 && image_[0] != 3)) {
    throw ShapeError(
        fmt::format("photos have 3 channels, or 1 when grey; the network reads {}", image_.ToString()));
  }
}

void Predictor::Load(const std::string& path, float* input) const {
  const int64_t height = image_[1], width = image_[2], plane = height * width;
  std::vector<uint8_t> pixels(static_cast<std::size_t>(3 * plane));
  CoverCrop(DecodePhoto(path, std::max(height, width)), width, height, pixels.data());
  if (image_[0] == 1) {
    for (std::size_t i = 0, n = static_cast<std::size_t>(plane); i < n; i++) {
      // ITU-R BT.601 in integers: rounded, and a grey pixel stays as it is.
      pixels[i] = static_cast<uint8_t>(
          (299 * pixels[i] + 587 * pixels[n + i] + 114 * pixels[2 * n + i] + 500) / 1000);
    }
  }
  table_.Apply(image_, pixels.data(), input);
}

std::vector<PhotoPrediction> Predictor::Run(const std::vector<std::string>& paths, int64_t count) {
  std::vector<PhotoPrediction> predictions(paths.size());
  for (std::size_t first = 0; first < paths.size(); first += static_cast<std::size_t>(batch_)) {
    const auto n = static_cast<int64_t>(std::min(paths.size() - first, static_cast<std::size_t>(batch_)));
    Tensor<float> images(model_.network.InputShape(n));
    program_.pool().For(n, [&](int64_t i, int) {
      PhotoPrediction& prediction = predictions[first + static_cast<std::size_t>(i)];
      prediction.path = paths[first + static_cast<std::size_t>(i)];
      try {
        Load(prediction.path, &images(i, 0, 0, 0));
      } catch (const Error& error) {
        prediction.error = error.what();
      }
    });
    const auto scores = scorer_.Scores(images);
    for (int64_t i = 0; i < n; i++) {
      PhotoPrediction& prediction = predictions[first + static_cast<std::size_t>(i)];
      if (!prediction.error.empty()) continue;
      const float* row = &scores(i, 0);
      if (std::all_of(row, row + scores.extent(1), [](float v) { return std::isfinite(v); })) {
        prediction.top = Top(row, scores.extent(1), count);
      } else {
        prediction.error = prediction.path + ": the network's scores are not finite";
      }
    }
  }
  return predictions;
}

}  // namespace fovea
