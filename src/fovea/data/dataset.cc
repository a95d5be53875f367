#include "fovea/data/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fovea/base/error.h"
#include "fovea/base/suggest.h"
#include "fovea/data/cifar10.h"
#include "fovea/data/glyphs.h"

namespace fovea {

std::unique_ptr<Dataset> OpenDataset(const std::string& spec) {
  const auto colon = spec.find(':');
  const std::string kind = spec.substr(0, colon),
                    path = colon == std::string::npos ? "" : spec.substr(colon + 1);
  if (kind == "glyphs") return std::make_unique<Glyphs>();
  if (kind == "cifar10") {
    if (path.empty()) throw ArgumentError("cifar10 needs the folder of its .bin files: --data cifar10:PATH");
    return std::make_unique<Cifar10>(path);
  }
  throw ArgumentError(
      fmt::format("there is no data set \"{}\"{}", kind, DidYouMean(kind, {"glyphs", "cifar10"})));
}

ChannelStatistics MeasureChannels(const Dataset& data, const std::vector<int64_t>& indices) {
  const Shape shape = data.ImageShape();
  const auto channels = static_cast<std::size_t>(shape[0]),
             plane = static_cast<std::size_t>(shape[1] * shape[2]);
  std::vector<uint64_t> sum(channels), square(channels);
  std::vector<uint8_t> pixels(channels * plane);
  for (int64_t index : indices) {
    data.Read(Split::kTrain, index, pixels.data());
    for (std::size_t i = 0; i < pixels.size(); i++) {
      sum[i / plane] += pixels[i];
      square[i / plane] += uint64_t{pixels[i]} * pixels[i];
    }
  }
  const double count = static_cast<double>(std::max<std::size_t>(indices.size() * plane, 1));
  ChannelStatistics statistics;
  for (std::size_t c = 0; c < channels; c++) {
    const double mean = static_cast<double>(sum[c]) / count;
    const double variance =
        static_cast<double>(square[c]) / count - mean * mean;  // exact integers: no cancellation
    statistics.mean.push_back(mean / 255);
    statistics.deviation.push_back(std::max(std::sqrt(std::max(variance, 0.0)) / 255, 1e-3));
  }
  return statistics;
}

}  // namespace fovea
