#include "fovea/data/mix.h"

#include <algorithm>
#include <cmath>

#include "fovea/base/math.h"
#include "fovea/data/loader.h"

namespace fovea {
namespace {

// Marsaglia & Tsang 2000, shape above 0.
double DrawGamma(double shape, RandomStream& random) {
  if (shape < 1) {
    const double u = 1 - random.Uniform();
    return DrawGamma(shape + 1, random) * Exp(Log(u) / shape);
  }
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = random.Normal(), root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root, u = 1 - random.Uniform();
    if (Log(u) < 0.5 * x * x + d - d * v + d * Log(v)) return d * v;
  }
}

void Mixup(float share, int64_t shift, Batch& batch) {
  const Tensor<float> own = batch.images;
  const int64_t n = own.extent(0), size = own.size() / n;
  for (int64_t i = 0; i < own.size(); i++) {
    const int64_t partner = (i / size + shift) % n * size + i % size;
    batch.images[i] = share * own[i] + (1 - share) * own[partner];
  }
  batch.share = share;
}

void CutMix(double share, int64_t shift, RandomStream& random, Batch& batch) {
  const Tensor<float> own = batch.images;
  const int64_t n = own.extent(0), h = own.extent(2), w = own.extent(3);
  const double ratio = std::sqrt(1 - share);
  const auto middle = [&](int64_t extent) {
    return static_cast<int64_t>(random.Below(static_cast<uint32_t>(extent)));
  };
  const auto half = [&](int64_t extent) {
    return static_cast<int64_t>(std::floor(ratio * static_cast<double>(extent) / 2));
  };
  const int64_t y = middle(h), x = middle(w), top = std::max<int64_t>(y - half(h), 0),
                bottom = std::min(y + half(h), h), left = std::max<int64_t>(x - half(w), 0),
                right = std::min(x + half(w), w);
  for (int64_t i = 0; i < n; i++) {
    for (int64_t c = 0; c < own.extent(1); c++) {
      for (int64_t row = top; row < bottom; row++) {
        std::copy_n(&own((i + shift) % n, c, row, 0) + left, right - left,
                    &batch.images(i, c, row, 0) + left);
      }
    }
  }
  batch.share = 1 - static_cast<float>((bottom - top) * (right - left)) /
                        static_cast<float>(h * w);  // what really shows
}

}  // namespace

double DrawBeta(double alpha, RandomStream& random) {
  const double a = DrawGamma(alpha, random), b = DrawGamma(alpha, random);
  return a + b > 0 ? a / (a + b) : 0.5;
}

void Mix(const Mixing& mixing, uint64_t seed, int64_t epoch, int64_t number, Batch& batch) {
  const auto n = static_cast<int64_t>(batch.labels.size());
  if (!mixing.Any() || n < 2) return;
  RandomStream random({seed, Purpose::kMix, static_cast<uint32_t>(epoch)}, static_cast<uint64_t>(number));
  const bool cut = mixing.mixup == 0 || (mixing.cutmix > 0 && random.Below(2) == 1);
  const int64_t shift = 1 + static_cast<int64_t>(random.Below(static_cast<uint32_t>(n - 1)));
  const double share = DrawBeta(cut ? mixing.cutmix : mixing.mixup, random);
  for (int64_t i = 0; i < n; i++) {
    batch.other_labels.push_back(batch.labels[static_cast<std::size_t>((i + shift) % n)]);
  }
  if (cut) {
    CutMix(share, shift, random, batch);
  } else {
    Mixup(static_cast<float>(share), shift, batch);
  }
}

}  // namespace fovea
