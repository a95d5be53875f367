#include "fovea/kernels/linear.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "fovea/kernels/conv_plan.h"
#include "fovea/kernels/shard_tree.h"

namespace fovea {
namespace {

// Calls visit(index in the plain row, block, lane) for every feature.
template <class Visit>
void ForEachFeature(const LinearGeometry& g, const Visit& visit) {
  const int64_t plane = g.h * g.w;
  for (int64_t i = 0; i < g.c * plane; i++) {
    const int64_t channel = i / plane;
    visit(i, channel / 16 * plane + i % plane, channel % 16);
  }
}

// [N][blocks][16] -> [blocks][N][16].
void GatherImages(ThreadPool& pool, int64_t n, int64_t blocks, const float* x, float* gathered) {
  constexpr int64_t kBlocksOfTask = 16;
  pool.For((blocks + kBlocksOfTask - 1) / kBlocksOfTask, [&](int64_t task, int) {
    const int64_t end = std::min(blocks, (task + 1) * kBlocksOfTask);
    for (int64_t image = 0; image < n; image++) {
      for (int64_t b = task * kBlocksOfTask; b < end; b++) {
        std::memcpy(gathered + (b * n + image) * 16, x + (image * blocks + b) * 16, 64);
      }
    }
  });
}

// y[n][ob][16] = sum over source blocks of gathered [sb][n][16] times weights [ob][sb][16][16].
void Product(ThreadPool& pool, const KernelTable& table, int64_t n, int64_t src_blocks, int64_t dst_blocks,
             const float* gathered, const float* weights, const float* bias, float* y) {
  std::vector<Tap> taps;
  for (int64_t b = 0; b < src_blocks; b++) taps.push_back({b * n * 16, b * 256, 16});
  const int64_t width = table.max_pixels[2] > 0 ? 2 : 1, columns = (dst_blocks + width - 1) / width;
  const int64_t images = EvenPiece(n, table.max_pixels[width]), rows = (n + images - 1) / images;
  pool.For(columns * rows, [&](int64_t task, int) {
    const int64_t ob = task / rows * width, blocks = std::min(width, dst_blocks - ob);
    const int64_t image = task % rows * images, count = std::min(images, n - image);
    TileArgs args{};
    args.a = gathered + image * 16, args.b = weights + ob * src_blocks * 256;
    args.taps = taps.data(), args.count = src_blocks;
    args.b_n = src_blocks * 256;
    args.c = y + (image * dst_blocks + ob) * 16, args.c_m = dst_blocks * 16, args.c_n = 16;
    args.bias = bias ? bias + ob * 16 : nullptr;
    table.pixel[1][count][blocks](args);
  });
}

int64_t Shards(int64_t n) { return (n + kMicroShard - 1) / kMicroShard; }

// The gradient of one block of inputs against one or two output blocks: a chain over the images of each
// shard.
void ShardProducts(const KernelTable& table, int64_t n, const float* a, const float* b, int64_t blocks,
                   int64_t lanes, float* parts) {
  const int64_t piece = EvenPiece(lanes, table.max_pixels[blocks]);
  for (int64_t shard = 0; shard < Shards(n); shard++) {
    const Tap tap{shard * kMicroShard * 16, shard * kMicroShard * 16,
                  std::min(kMicroShard, n - shard * kMicroShard)};
    TileArgs args{};
    args.taps = &tap, args.count = 1;
    args.b = b, args.b_n = n * 16;
    args.c_m = 16, args.c_n = 256;
    for (int64_t lane = 0; lane < lanes; lane += piece) {
      args.a = a + lane, args.c = parts + shard * 512 + lane * 16;
      table.outer[std::min(piece, lanes - lane)][blocks](args);
    }
  }
}

}  // namespace

void LinearPackWeights(const LinearGeometry& g, const float* w, float* packed) {
  std::fill_n(packed, g.PackedFloats(), 0.0f);
  const int64_t features = g.c * g.h * g.w;
  for (int64_t k = 0; k < g.k; k++) {
    ForEachFeature(g, [&](int64_t i, int64_t block, int64_t lane) {
      packed[(k / 16 * g.InBlocks() + block) * 256 + lane * 16 + k % 16] = w[k * features + i];
    });
  }
}

void LinearTurnWeights(const LinearGeometry& g, const float* w, float* turned) {
  std::fill_n(turned, g.PackedFloats(), 0.0f);
  const int64_t features = g.c * g.h * g.w;
  for (int64_t k = 0; k < g.k; k++) {
    ForEachFeature(g, [&](int64_t i, int64_t block, int64_t lane) {
      turned[(block * g.OutBlocks() + k / 16) * 256 + k % 16 * 16 + lane] = w[k * features + i];
    });
  }
}

void LinearForward(ThreadPool& pool, const KernelTable& table, const LinearGeometry& g, int64_t n,
                   const float* x, const float* packed, const float* bias, float* y, float* scratch) {
  GatherImages(pool, n, g.InBlocks(), x, scratch);
  Product(pool, table, n, g.InBlocks(), g.OutBlocks(), scratch, packed, bias, y);
}

void LinearBackwardData(ThreadPool& pool, const KernelTable& table, const LinearGeometry& g, int64_t n,
                        const float* dy, const float* turned, float* dx, float* scratch) {
  GatherImages(pool, n, g.OutBlocks(), dy, scratch);
  Product(pool, table, n, g.OutBlocks(), g.InBlocks(), scratch, turned, nullptr, dx);
}

void LinearWeightGradient(ThreadPool& pool, const KernelTable& table, const LinearGeometry& g, int64_t n,
                          const float* x, const float* dy, float* dw, float* db, float* scratch) {
  float* gathered_x = scratch;
  float* gathered_dy = gathered_x + n * g.InBlocks() * 16;
  float* parts = gathered_dy + n * g.OutBlocks() * 16;
  GatherImages(pool, n, g.InBlocks(), x, gathered_x);
  GatherImages(pool, n, g.OutBlocks(), dy, gathered_dy);
  const int64_t plane = g.h * g.w, features = g.c * plane, shards = Shards(n);
  pool.For(g.InBlocks(), [&](int64_t block, int worker) {
    float* part = parts + worker * shards * 512;
    const int64_t channel = block / plane * 16, lanes = std::min<int64_t>(16, g.c - channel);
    for (int64_t kb = 0; kb < g.OutBlocks();) {
      const int64_t blocks = g.OutBlocks() - kb >= 2 && table.max_pixels[2] > 0 ? 2 : 1;
      ShardProducts(table, n, gathered_x + block * n * 16, gathered_dy + kb * n * 16, blocks, lanes, part);
      float sum[512];
      for (int64_t j = 0; j < blocks; j++) AddUpTree<256>(part + j * 256, 512, shards, sum + j * 256);
      for (int64_t k = kb * 16; k < std::min(g.k, (kb + blocks) * 16); k++) {
        const float* column = sum + (k / 16 - kb) * 256 + k % 16;
        for (int64_t lane = 0; lane < lanes; lane++) {
          dw[k * features + (channel + lane) * plane + block % plane] += column[lane * 16];
        }
      }
      kb += blocks;
    }
  });
  if (db == nullptr) return;
  pool.For(g.OutBlocks(), [&](int64_t kb, int worker) {
    float* part = parts + worker * shards * 512;
    float sum[16];
    for (int64_t shard = 0; shard < shards; shard++) {
      std::fill_n(sum, 16, 0.0f);
      for (int64_t i = shard * kMicroShard; i < std::min(n, (shard + 1) * kMicroShard); i++) {
        for (int64_t lane = 0; lane < 16; lane++) sum[lane] += gathered_dy[(kb * n + i) * 16 + lane];
      }
      std::copy_n(sum, 16, part + shard * 16);
    }
    AddUpTree<16>(part, 16, shards, sum);
    for (int64_t k = kb * 16; k < std::min(g.k, kb * 16 + 16); k++) db[k] += sum[k - kb * 16];
  });
}

int64_t LinearScratch(const LinearGeometry& g, int64_t max_n, int threads) {
  return max_n * (g.InBlocks() + g.OutBlocks()) * 16 + threads * Shards(max_n) * 512;
}

}  // namespace fovea
