#include "fovea/kernels/weight_shards.h"

#include <algorithm>
#include <vector>

#include "fovea/kernels/shard_tree.h"

namespace fovea {

WeightShards::WeightShards(const KernelTable& table, const ConvPlan& plan, int64_t n, float* scratch,
                           int64_t joined)
    : table_(table),
      plan_(plan),
      n_(n),
      shards_(ShardsOf(n)),
      part_count_(PartsOf(n, joined)),
      parts_(scratch),
      bias_parts_(scratch + part_count_ * plan.GradientFloats()) {}

template <class T>
void WeightShards::SumBias(int64_t shard, int64_t kb, const T* dy) const {
  const int64_t pixels = plan_.out_h() * plan_.out_w();
  float* sum = bias_parts_ + (shard * plan_.OutBlocks() + kb) * 16;
  std::fill_n(sum, 16, 0.0f);
  for (int64_t image = First(shard); image < End(shard); image++) {
    table_.maps<T>().plane.sum(dy + (image * plan_.OutBlocks() + kb) * pixels * 16, pixels, sum);
  }
}

template <class T>
void WeightShards::SumBiases(ThreadPool& pool, const T* dy) const {
  pool.For(shards_ * plan_.OutBlocks(),
           [&](int64_t task, int) { SumBias(task / plan_.OutBlocks(), task % plan_.OutBlocks(), dy); });
}

template void WeightShards::SumBias(int64_t, int64_t, const float*) const;
template void WeightShards::SumBiases(ThreadPool&, const float*) const;
template void WeightShards::SumBiases(ThreadPool&, const Bfloat16*) const;

void WeightShards::AddTo(ThreadPool& pool, float* dw, float* db) const {
  pool.For(plan_.OutBlocks(), [&](int64_t kb, int) { AddBlock(kb, dw, db); });
}

// The sums of a pair of blocks over all shards, [kh][kw][16k][16c]: in `tree`, or where a lone shard has them.
float* WeightShards::Turned(int64_t kb, int64_t cb, float* tree) const {
  float* sums = part_count_ == 1 ? Part(0, kb, cb) : tree;
  for (int64_t t = 0; t < BlockFloats(); t += 256) {
    if (part_count_ > 1) AddUpTree<256>(Part(0, kb, cb) + t, plan_.GradientFloats(), part_count_, sums + t);
    table_.transpose(sums + t);
  }
  return sums;
}

void WeightShards::AddBlock(int64_t kb, float* dw, float* db) const {
  const ConvGeometry& g = plan_.geometry();
  const int64_t kernel = g.kh * g.kw, output = g.c / g.groups * kernel, taps = plan_.Taps();
  const int64_t last = std::min(g.k, kb * 16 + 16);
  std::vector<float> tree(part_count_ == 1 ? 0 : static_cast<std::size_t>(BlockFloats()));
  for (int64_t cb = 0; cb < plan_.SourceBlocks(); cb++) {
    const float* sums = Turned(kb, cb, tree.data());
    const int64_t lanes = plan_.RealLanes(cb);
    for (int64_t k = kb * 16; k < last; k++, sums += 16) {
      float* to = dw + k * output;
      if (kernel == 1) {
        for (int64_t lane = 0; lane < lanes; lane++) to[cb * 16 + lane] += sums[lane];
        continue;
      }
      for (int64_t lane = 0; lane < lanes; lane++) {
        const int64_t index = cb * 16 + lane;
        float* first = to + (g.image ? index % g.c * kernel + index / g.c : index * kernel);
        for (int64_t t = 0; t < taps; t++) first[t * (g.image ? g.kw : 1)] += sums[t * 256 + lane];
      }
    }
  }
  if (db == nullptr) return;
  float sum[16];
  AddUpTree<16>(bias_parts_ + kb * 16, plan_.OutBlocks() * 16, shards_, sum);
  for (int64_t k = kb * 16; k < last; k++) db[k] += sum[k - kb * 16];
}

}  // namespace fovea
