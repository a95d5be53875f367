// Which training images are held back for validation.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/data/dataset.h"

namespace fovea {

struct TrainSplit {
  std::vector<int64_t> train, validation;  // indices, ascending
};

// From every class the same share, round(fraction * its images), chosen by `seed` alone. `fraction` 0 holds
// back nothing. Throws ArgumentError for a fraction outside 0..1.
TrainSplit SplitTraining(const Dataset& data, double fraction, uint64_t seed);

}  // namespace fovea
