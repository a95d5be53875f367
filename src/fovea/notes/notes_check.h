// For the tests of this room.
#pragma once

#include <gtest/gtest.h>

#include <cmath>

#include "fovea/base/random.h"
#include "fovea/tensor/tensor.h"

namespace fovea::notes {

// Sums of a few hundred products in double.
constexpr double kTolerance = 1e-12;

inline Tensor<double> Draw(const Shape& shape, uint64_t index) {
  Tensor<double> t(shape);
  RandomStream stream({17}, index);
  for (double& v : t.values()) v = stream.Normal();
  return t;
}

// The largest difference, relative to the largest value.
inline double Difference(TensorView<const double> a, TensorView<const double> b) {
  EXPECT_EQ(a.shape(), b.shape());
  double difference = 0, largest = 1e-300;
  for (int64_t i = 0; i < a.size(); i++) {
    difference = std::max(difference, std::abs(a[i] - b[i]));
    largest = std::max(largest, std::abs(b[i]));
  }
  return difference / largest;
}

}  // namespace fovea::notes
