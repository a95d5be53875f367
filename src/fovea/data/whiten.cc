#include "fovea/data/whiten.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "fovea/base/eigen.h"
#include "fovea/base/error.h"
#include "fovea/base/parallel.h"

namespace fovea {
namespace {

constexpr std::size_t kImages = 5000;
constexpr double kLeast = 5e-4;  // added to every variance

// The pixels of an image that stand at one place of all patches: a plane of p*q bytes, `width` apart from row to row.
struct Place {
  int64_t channel, offset;
};

// Sums over the patches of the bytes at every place, and of the products of every two.
struct PatchSums {
  explicit PatchSums(std::size_t size) : one(size), two(size * size) {}
  std::vector<uint64_t> one, two;

  void Add(const PatchSums& other) {
    for (std::size_t i = 0; i < one.size(); i++) one[i] += other.one[i];
    for (std::size_t i = 0; i < two.size(); i++) two[i] += other.two[i];
  }
};

class Patches {
 public:
  Patches(const Shape& image, const Shape& filters)
      : width_(image[2]), p_(image[1] - filters[2] + 1), q_(image[2] - filters[3] + 1) {
    for (int64_t c = 0; c < filters[1]; c++)
      for (int64_t r = 0; r < filters[2]; r++)
        for (int64_t s = 0; s < filters[3]; s++) places_.push_back({c, (c * image[1] + r) * width_ + s});
  }

  std::size_t size() const { return places_.size(); }
  int64_t Count() const { return p_ * q_; }  // of an image
  int64_t Channel(std::size_t place) const { return places_[place].channel; }

  void AddImage(const uint8_t* pixels, PatchSums& sums) const {
    for (std::size_t i = 0; i < size(); i++) {
      const uint8_t* a = pixels + places_[i].offset;
      for (int64_t row = 0; row < p_; row++) sums.one[i] += RowSum(a + row * width_);
      for (std::size_t j = 0; j <= i; j++) {
        const uint8_t* b = pixels + places_[j].offset;
        for (int64_t row = 0; row < p_; row++)
          sums.two[i * size() + j] += RowProduct(a + row * width_, b + row * width_);
      }
    }
  }

 private:
  // 255^2 times the longest row that an image can have stays below 2^32.
  uint32_t RowSum(const uint8_t* a) const {
    uint32_t sum = 0;
    for (int64_t i = 0; i < q_; i++) sum += a[i];
    return sum;
  }
  uint32_t RowProduct(const uint8_t* a, const uint8_t* b) const {
    uint32_t sum = 0;
    for (int64_t i = 0; i < q_; i++) sum += uint32_t{a[i]} * b[i];
    return sum;
  }

  const int64_t width_, p_, q_;
  std::vector<Place> places_;
};

PatchSums SumPatches(const Dataset& data, const std::vector<int64_t>& indices, std::size_t images,
                     const Patches& patches, int threads) {
  constexpr std::size_t kChunk = 64;
  PatchSums total(patches.size());
  std::mutex mutex;
  ThreadPool pool(threads > 0 ? threads : HardwareThreads());
  pool.For(static_cast<int64_t>((images + kChunk - 1) / kChunk), [&](int64_t chunk, int) {
    PatchSums part(patches.size());
    std::vector<uint8_t> pixels(static_cast<std::size_t>(data.ImageShape().Size()));
    const auto first = static_cast<std::size_t>(chunk) * kChunk;
    for (std::size_t k = first; k < std::min(images, first + kChunk); k++) {
      data.Read(Split::kTrain, indices[k], pixels.data());
      patches.AddImage(pixels.data(), part);
    }
    const std::lock_guard lock(mutex);
    total.Add(part);
  });
  return total;
}

// The mean of p p^T for p = (byte/255 - mean) / deviation.
std::vector<double> SecondMoments(const PatchSums& sums, const Patches& patches, double count,
                                  const Preprocessing& preprocessing) {
  const std::size_t n = patches.size();
  std::vector<double> moments(n * n);
  const auto mean = [&](std::size_t i) {
    return preprocessing.mean[static_cast<std::size_t>(patches.Channel(i))];
  };
  const auto deviation = [&](std::size_t i) {
    return preprocessing.deviation[static_cast<std::size_t>(patches.Channel(i))];
  };
  const auto average = [&](std::size_t i) { return static_cast<double>(sums.one[i]) / (255 * count); };
  for (std::size_t i = 0; i < n; i++) {
    for (std::size_t j = 0; j <= i; j++) {
      const double product = static_cast<double>(sums.two[i * n + j]) / (255 * 255 * count);
      const double centred = product - mean(i) * average(j) - mean(j) * average(i) + mean(i) * mean(j);
      moments[i * n + j] = moments[j * n + i] = centred / (deviation(i) * deviation(j));
    }
  }
  return moments;
}

}  // namespace

Tensor<float> WhiteningFilters(const Dataset& data, const std::vector<int64_t>& indices,
                               const Preprocessing& preprocessing, const Shape& filters, int threads) {
  const Shape image = data.ImageShape();
  const std::size_t images = std::min(indices.size(), kImages);
  if (images == 0) throw ArgumentError("there are no images to whiten");
  if (filters[1] != image[0] || filters[2] > image[1] || filters[3] > image[2]) {
    throw ArgumentError(
        fmt::format("filters of {} do not fit images of {}", filters.ToString(), image.ToString()));
  }
  const Patches patches(image, filters);
  const auto n = static_cast<int64_t>(patches.size());
  if (filters[0] > 2 * n) {
    throw ArgumentError(
        fmt::format("patches of {}x{}x{} have {} directions, each with its negative: at most {} "
                    "filters whiten them, got {}",
                    filters[1], filters[2], filters[3], n, 2 * n, filters[0]));
  }
  const PatchSums sums = SumPatches(data, indices, images, patches, threads);
  const double count = static_cast<double>(images) * static_cast<double>(patches.Count());
  const SymmetricEigen eigen = EigenOf(SecondMoments(sums, patches, count, preprocessing), n);
  Tensor<float> whitening(filters);
  for (int64_t i = 0; i < whitening.size(); i++) {
    const auto direction = static_cast<std::size_t>(i / n % n), at = static_cast<std::size_t>(i % n);
    const double variance = std::max(eigen.values[direction], 0.0);
    const double v = eigen.vectors[direction * patches.size() + at] / std::sqrt(variance + kLeast);
    whitening[i] = static_cast<float>(i / n < n ? v : -v);
  }
  return whitening;
}

}  // namespace fovea
