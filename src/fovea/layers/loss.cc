#include "fovea/layers/loss.h"

#include <fmt/format.h>

#include "fovea/base/error.h"

namespace fovea {

void CheckScores(std::string_view type, const Shape& x, Labels labels) {
  if (x.rank() != 2 || x[0] < 1 || x[0] != static_cast<int64_t>(labels.size())) {
    throw ShapeError(fmt::format("{}: needs scores (N, K) and N labels, got {} and {} labels", type,
                                 x.ToString(), labels.size()));
  }
  for (std::size_t n = 0; n < labels.size(); n++) {
    if (labels[n] < 0 || labels[n] >= x[1]) {
      throw ArgumentError(
          fmt::format("{}: label {} of sample {} is outside the {} classes", type, labels[n], n, x[1]));
    }
  }
}

}  // namespace fovea
