#include "fovea/base/random.h"

#include <cmath>

#include "fovea/base/math.h"

namespace fovea {
namespace {

constexpr uint32_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
constexpr double kTwoPi = 6.283185307179586476925;

}  // namespace

std::array<uint32_t, 4> Philox(uint64_t seed, std::array<uint32_t, 4> c) {
  auto k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < 10; round++) {
    const uint64_t p0 = uint64_t{kMultiplier0} * c[0], p1 = uint64_t{kMultiplier1} * c[2];
    c = {static_cast<uint32_t>(p1 >> 32) ^ c[1] ^ k0, static_cast<uint32_t>(p1),
         static_cast<uint32_t>(p0 >> 32) ^ c[3] ^ k1, static_cast<uint32_t>(p0)};
    k0 += kWeyl0, k1 += kWeyl1;
  }
  return c;
}

uint32_t RandomStream::Next() {
  if (used_ == 4) {
    // The purpose takes 8 bits and the block 8 + 24 of the counter beside a 48-bit index and a 32-bit epoch.
    const uint32_t purpose = static_cast<uint32_t>(key_.purpose) << 24;
    const auto high = static_cast<uint32_t>(index_ >> 32) & 0xFFFF;
    words_ = Philox(key_.seed, {static_cast<uint32_t>(index_), high | (block_ & 0xFFFF) << 16, key_.epoch,
                                purpose | block_ >> 16});
    block_++;
    used_ = 0;
  }
  return words_[static_cast<std::size_t>(used_++)];
}

double RandomStream::Uniform() { return (Next() >> 8) * 0x1p-24; }

uint32_t RandomStream::Below(uint32_t count) {
  // Lemire 2019: multiply, and reject the few words that would bias the result.
  uint64_t product = uint64_t{Next()} * count;
  const uint32_t floor = -count % count;
  while (static_cast<uint32_t>(product) < floor) product = uint64_t{Next()} * count;
  return static_cast<uint32_t>(product >> 32);
}

double RandomStream::Normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2 * Log(1 - Uniform()));
  const double angle = kTwoPi * Uniform();
  spare_ = radius * Sin(angle);
  has_spare_ = true;
  return radius * Cos(angle);
}

}  // namespace fovea
