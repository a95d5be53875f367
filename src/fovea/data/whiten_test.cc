#include "fovea/data/whiten.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "fovea/base/error.h"
#include "fovea/base/random.h"

namespace fovea {
namespace {

// Images whose neighbouring pixels and channels resemble each other.
class Correlated : public Dataset {
 public:
  std::string Name() const override { return "correlated"; }
  const std::vector<std::string>& Classes() const override { return classes_; }
  Shape ImageShape() const override { return {2, 9, 11}; }
  int64_t Size(Split) const override { return 150; }
  int32_t Read(Split, int64_t index, uint8_t* pixels) const override {
    RandomStream random({.seed = 11}, static_cast<uint64_t>(index));
    double last = 0;
    for (int64_t i = 0; i < 99; i++) {
      last = 0.8 * last + random.Normal();
      pixels[i] = static_cast<uint8_t>(std::clamp(120 + 30 * last, 0.0, 255.0));
      pixels[99 + i] = static_cast<uint8_t>(std::clamp(90 + 25 * last + 10 * random.Normal(), 0.0, 255.0));
    }
    return 0;
  }

 private:
  const std::vector<std::string> classes_ = {"all"};
};

const Preprocessing kPreprocessing{{0.45, 0.35}, {0.2, 0.18}};

std::vector<int64_t> AllImages() {
  std::vector<int64_t> indices(150);
  std::iota(indices.begin(), indices.end(), int64_t{0});
  return indices;
}

// The filters' outputs over all patches, by brute force in double.
std::vector<std::vector<double>> Outputs(const Tensor<float>& w) {
  const Correlated data;
  std::vector<std::vector<double>> outputs(static_cast<std::size_t>(w.extent(0)));
  std::vector<uint8_t> pixels(198);
  for (int64_t image = 0; image < 150; image++) {
    data.Read(Split::kTrain, image, pixels.data());
    for (int64_t k = 0; k < w.extent(0); k++) {
      for (int64_t p = 0; p + w.extent(2) <= 9; p++) {
        for (int64_t q = 0; q + w.extent(3) <= 11; q++) {
          double sum = 0;
          for (int64_t c = 0; c < 2; c++)
            for (int64_t r = 0; r < w.extent(2); r++)
              for (int64_t s = 0; s < w.extent(3); s++) {
                const auto channel = static_cast<std::size_t>(c);
                const double v = pixels[static_cast<std::size_t>(c * 99 + (p + r) * 11 + q + s)] / 255.0;
                sum += static_cast<double>(w(k, c, r, s)) *
                       ((v - kPreprocessing.mean[channel]) / kPreprocessing.deviation[channel]);
              }
          outputs[static_cast<std::size_t>(k)].push_back(sum);
        }
      }
    }
  }
  return outputs;
}

double MeanProduct(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0) / static_cast<double>(a.size());
}

TEST(Whiten, OutputsAreUncorrelatedWithVarianceOne) {
  const Tensor<float> w = WhiteningFilters(Correlated(), AllImages(), kPreprocessing, {12, 2, 2, 3});
  const auto outputs = Outputs(w);
  for (std::size_t i = 0; i < 12; i++) {
    // l / (l + 5e-4): the variances of these images are at least 0.02. Filters are rounded to float.
    EXPECT_NEAR(MeanProduct(outputs[i], outputs[i]), 1, 0.025) << i;
    for (std::size_t j = 0; j < i; j++)
      EXPECT_NEAR(MeanProduct(outputs[i], outputs[j]), 0, 1e-5) << i << " " << j;
  }
}

TEST(Whiten, FallingVariancesThenTheNegatives) {
  const Tensor<float> all = WhiteningFilters(Correlated(), AllImages(), kPreprocessing, {16, 2, 2, 2});
  const auto size = [&](int64_t k) {
    double sum = 0;
    for (int64_t i = 0; i < 8; i++)
      sum += static_cast<double>(all[k * 8 + i]) * static_cast<double>(all[k * 8 + i]);
    return sum;
  };
  for (int64_t k = 1; k < 8; k++) EXPECT_GE(size(k), size(k - 1));
  for (int64_t i = 0; i < 64; i++) EXPECT_EQ(all[64 + i], -all[i]);
  const Tensor<float> few = WhiteningFilters(Correlated(), AllImages(), kPreprocessing, {3, 2, 2, 2});
  for (int64_t i = 0; i < few.size(); i++) EXPECT_EQ(few[i], all[i]);
}

TEST(Whiten, AnyNumberOfThreadsGivesTheSameBits) {
  const auto with = [](int threads) {
    const Tensor<float> w =
        WhiteningFilters(Correlated(), AllImages(), kPreprocessing, {16, 2, 2, 2}, threads);
    return std::vector<float>(w.values().begin(), w.values().end());
  };
  EXPECT_EQ(with(1), with(3));
}

TEST(Whiten, RefusesWhatCannotBe) {
  const auto whiten = [](const Shape& filters, const std::vector<int64_t>& indices) {
    return [=] { WhiteningFilters(Correlated(), indices, kPreprocessing, filters); };
  };
  EXPECT_THAT(whiten({17, 2, 2, 2}, AllImages()),
              testing::ThrowsMessage<ArgumentError>(testing::HasSubstr("at most 16 filters")));
  EXPECT_THROW(whiten({4, 3, 2, 2}, AllImages())(), ArgumentError);
  EXPECT_THROW(whiten({4, 2, 10, 2}, AllImages())(), ArgumentError);
  EXPECT_THROW(whiten({4, 2, 2, 2}, {})(), ArgumentError);
}

}  // namespace
}  // namespace fovea
