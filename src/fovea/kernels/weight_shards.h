// Weight gradients of a convolution on their way from the micro-shards of a batch to the parameter: one part for every
// shard, or for every `joined` neighbours that were added up already (a power of two, so that a part is a whole branch of
// the tree), [part][K/16][blocks][kh][kw][16c][16k]. The parts go up the rest of the tree.
#pragma once

#include "fovea/base/micro_shard.h"
#include "fovea/base/parallel.h"
#include "fovea/kernels/conv_plan.h"

namespace fovea {

// Fewer tasks than this for each thread leave threads idle at the end.
constexpr int64_t kTasksPerThread = 2;

class WeightShards {
 public:
  // The first Floats() of `scratch` are taken.
  WeightShards(const KernelTable& table, const ConvPlan& plan, int64_t n, float* scratch, int64_t joined = 1);
  static int64_t Floats(const ConvPlan& plan, int64_t n, int64_t joined = 1) {
    return PartsOf(n, joined) * plan.GradientFloats() + ShardsOf(n) * plan.OutBlocks() * 16;
  }

  int64_t shards() const { return shards_; }
  // First and last + 1 image of a shard.
  int64_t First(int64_t shard) const { return shard * kMicroShard; }
  int64_t End(int64_t shard) const { return n_ < (shard + 1) * kMicroShard ? n_ : (shard + 1) * kMicroShard; }

  // The sums of output block kb (of all groups) and source block cb; the next output block's are KbFloats() on.
  float* Part(int64_t part, int64_t kb, int64_t cb) const {
    return parts_ + part * plan_.GradientFloats() + kb * KbFloats() + cb * BlockFloats();
  }
  int64_t BlockFloats() const { return plan_.Taps() * 256; }
  int64_t KbFloats() const { return plan_.SourceBlocks() * BlockFloats(); }

  // The bias gradients of all shards.
  template <class T>
  void SumBiases(ThreadPool& pool, const T* dy) const;
  // That of output block kb over a shard.
  template <class T>
  void SumBias(int64_t shard, int64_t kb, const T* dy) const;

  // Adds the shards up and accumulates them into the plain gradients; db may be null.
  void AddTo(ThreadPool& pool, float* dw, float* db) const;

 private:
  static int64_t PartsOf(int64_t n, int64_t joined) { return (ShardsOf(n) + joined - 1) / joined; }
  float* Turned(int64_t kb, int64_t cb, float* tree) const;
  void AddBlock(int64_t kb, float* dw, float* db) const;

  const KernelTable& table_;
  const ConvPlan& plan_;
  const int64_t n_, shards_, part_count_;
  float *parts_, *bias_parts_;
};

}  // namespace fovea
