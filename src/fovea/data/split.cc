#include "fovea/data/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fovea/base/error.h"
#include "fovea/base/random.h"

namespace fovea {

TrainSplit SplitTraining(const Dataset& data, double fraction, uint64_t seed) {
  if (!(fraction >= 0 && fraction <= 1)) {
    throw ArgumentError(
        fmt::format("the share held back for validation is {}; it must be from 0 to 1", fraction));
  }
  std::vector<std::vector<int64_t>> by_class(data.Classes().size());
  for (int64_t i = 0; i < data.Size(Split::kTrain); i++) {
    by_class[static_cast<std::size_t>(data.Label(Split::kTrain, i))].push_back(i);
  }
  TrainSplit split;
  for (std::size_t c = 0; c < by_class.size(); c++) {
    auto& images = by_class[c];
    RandomStream random({seed, Purpose::kSplit}, c);
    for (std::size_t i = images.size(); i > 1; i--)
      std::swap(images[i - 1], images[random.Below(static_cast<uint32_t>(i))]);
    const auto held =
        static_cast<std::ptrdiff_t>(std::floor(fraction * static_cast<double>(images.size()) + 0.5));
    split.validation.insert(split.validation.end(), images.begin(), images.begin() + held);
    split.train.insert(split.train.end(), images.begin() + held, images.end());
  }
  std::sort(split.train.begin(), split.train.end());
  std::sort(split.validation.begin(), split.validation.end());
  return split;
}

}  // namespace fovea
