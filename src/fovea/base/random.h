// Counter-based random numbers (Philox 4x32-10): a value is a pure function of (seed, purpose, epoch, index),
// so there is no generator state to save, and no order, thread, storage or process on which it depends.
// Source: Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
#pragma once

#include <array>
#include <cstdint>

#pragma GCC visibility push(default)
namespace fovea {

// What a number is drawn for. The values are part of the file format: a resumed run must draw the same
// numbers.
enum class Purpose : uint32_t {
  kInitialise = 1,
  kShuffle = 2,
  kAugment = 3,
  kDropout = 4,
  kSplit = 5,
  kGlyphs = 6,
  kGradientCheck = 7,
  kTest = 8,
  kMix = 9,
  kFlip = 10,
  kExample = 11,
};

// Names one family of streams.
struct RandomKey {
  uint64_t seed = 0;
  Purpose purpose = Purpose::kTest;
  uint32_t epoch = 0;
};

// Four words of Philox for one counter.
std::array<uint32_t, 4> Philox(uint64_t seed, std::array<uint32_t, 4> counter);

// The numbers of one index (a sample, a parameter, a logical NCHW position), drawn one after the other. Two
// streams with different keys or indices are independent. `index` < 2^48.
class RandomStream {
 public:
  RandomStream(RandomKey key, uint64_t index) : key_(key), index_(index) {}

  uint32_t Next();
  // In [0, 1), a multiple of 2^-24: exact in float.
  double Uniform();
  double Uniform(double low, double high) { return low + (high - low) * Uniform(); }
  // In [0, count), unbiased; count >= 1.
  uint32_t Below(uint32_t count);
  // Standard normal (Box-Muller, with Fovea's own log, sin and cos).
  double Normal();

 private:
  RandomKey key_;
  uint64_t index_;
  uint32_t block_ = 0;
  int used_ = 4;
  std::array<uint32_t, 4> words_{};
  bool has_spare_ = false;
  double spare_ = 0;
};

}  // namespace fovea
#pragma GCC visibility pop
