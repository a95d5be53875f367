#include "fovea/kernels/linear.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "fovea/base/checked.h"
#include "fovea/base/micro_shard.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/kernels/shard_tree.h"

namespace fovea {
namespace {

constexpr int64_t kRun = 16;  // pixels of a piece: its blocks stay in the first-level cache

// 16 channels of up to kRun neighbouring pixels: in a plain row of weights, runs of `pixels` at first + lane*plane.
struct Piece {
  int64_t lanes, first, plane, pixels, block;  // block: of the first pixel
};

class Pieces {
 public:
  explicit Pieces(const LinearGeometry& g)
      : channels_(g.c), plane_(g.h * g.w), runs_((plane_ + kRun - 1) / kRun) {}
  int64_t Count() const { return (channels_ + 15) / 16 * runs_; }
  Piece operator[](int64_t i) const {
    const int64_t channel = i / runs_ * 16, pixel = i % runs_ * kRun;
    return {std::min<int64_t>(16, channels_ - channel), channel * plane_ + pixel, plane_,
            std::min(kRun, plane_ - pixel), channel / 16 * plane_ + pixel};
  }

 private:
  int64_t channels_, plane_, runs_;
};

using Tile = float[256];

// A piece's weights in output block kb, for every pixel [16k][16c], zero where there is none.
void GatherTiles(const LinearGeometry& g, const Piece& piece, int64_t kb, const float* w, Tile* tiles) {
  const int64_t features = g.c * g.h * g.w;
  for (int64_t k = 0; k < 16; k++) {
    Tile square{};  // [lane][pixel]
    for (int64_t lane = 0; kb * 16 + k < g.k && lane < piece.lanes; lane++) {
      std::copy_n(w + (kb * 16 + k) * features + piece.first + lane * piece.plane, piece.pixels,
                  square + lane * 16);
    }
    Kernels().transpose(square);
    for (int64_t p = 0; p < piece.pixels; p++) std::copy_n(square + p * 16, 16, tiles[p] + k * 16);
  }
}

// dw += the gradients of a piece in output block kb, which stand as [pixel][16c][16k], `step` floats from pixel to pixel.
void AddTiles(const LinearGeometry& g, const Piece& piece, int64_t kb, float* sums, int64_t step, float* dw) {
  const int64_t features = g.c * g.h * g.w;
  for (int64_t p = 0; p < piece.pixels; p++) Kernels().transpose(sums + p * step);
  for (int64_t k = 0; k < std::min<int64_t>(16, g.k - kb * 16); k++) {
    Tile square{};  // [pixel][lane]
    for (int64_t p = 0; p < piece.pixels; p++) std::copy_n(sums + p * step + k * 16, 16, square + p * 16);
    Kernels().transpose(square);
    for (int64_t lane = 0; lane < piece.lanes; lane++) {
      float* to = dw + (kb * 16 + k) * features + piece.first + lane * piece.plane;
      for (int64_t p = 0; p < piece.pixels; p++) to[p] += square[lane * 16 + p];
    }
  }
}

// Calls put(block, kb, [16k][16c]) for all tiles of the weights.
template <class Put>
void ForEachTile(ThreadPool& pool, const LinearGeometry& g, const float* w, const Put& put) {
  const Pieces pieces(g);
  pool.For(pieces.Count(), [&](int64_t task, int) {
    const Piece piece = pieces[task];
    Tile tiles[kRun];
    for (int64_t kb = 0; kb < g.OutBlocks(); kb++) {
      GatherTiles(g, piece, kb, w, tiles);
      for (int64_t p = 0; p < piece.pixels; p++) put(piece.block + p, kb, tiles[p]);
    }
  });
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

// The gradient of one block of inputs against one or two output blocks: a chain over the images of each
// shard.
void ShardProducts(const KernelTable& table, int64_t n, const float* a, const float* b, int64_t blocks,
                   int64_t lanes, float* parts) {
  const int64_t piece = EvenPiece(lanes, table.max_pixels[blocks]);
  for (int64_t shard = 0; shard < ShardsOf(n); shard++) {
    const Tap tap{shard * kMicroShard * 16, shard * kMicroShard * 16,
                  std::min(kMicroShard, n - shard * kMicroShard)};
    TileArgs args{};
    args.taps = &tap, args.count = 1;
    args.a_k = 16, args.b = b, args.b_n = n * 16;
    args.c_m = 16, args.c_n = 256;
    for (int64_t lane = 0; lane < lanes; lane += piece) {
      args.a = a + lane, args.c = parts + shard * 512 + lane * 16;
      table.outer[std::min(piece, lanes - lane)][blocks](args);
    }
  }
}

}  // namespace

void LinearPackWeights(ThreadPool& pool, const LinearGeometry& g, const float* w, float* packed) {
  ForEachTile(pool, g, w, [&](int64_t block, int64_t kb, const float* tile) {
    float* to = packed + (kb * g.InBlocks() + block) * 256;
    std::copy_n(tile, 256, to);
    Kernels().transpose(to);
  });
}

void LinearTurnWeights(ThreadPool& pool, const LinearGeometry& g, const float* w, float* turned) {
  ForEachTile(pool, g, w, [&](int64_t block, int64_t kb, const float* tile) {
    std::copy_n(tile, 256, turned + (block * g.OutBlocks() + kb) * 256);
  });
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
  const int64_t shards = ShardsOf(n);
  const Pieces pieces(g);
  pool.For(pieces.Count(), [&](int64_t task, int worker) {
    float* part = parts + worker * shards * 512;
    const Piece piece = pieces[task];
    for (int64_t kb = 0; kb < g.OutBlocks();) {
      const int64_t blocks = g.OutBlocks() - kb >= 2 && table.max_pixels[2] > 0 ? 2 : 1;
      float sums[kRun * 512];  // [pixel][block][lane][k]
      for (int64_t p = 0; p < piece.pixels; p++) {
        ShardProducts(table, n, gathered_x + (piece.block + p) * n * 16, gathered_dy + kb * n * 16, blocks,
                      piece.lanes, part);
        for (int64_t j = 0; j < blocks; j++) {
          AddUpTree<256>(part + j * 256, 512, shards, sums + p * 512 + j * 256);
        }
      }
      for (int64_t j = 0; j < blocks; j++) AddTiles(g, piece, kb + j, sums + j * 256, 512, dw);
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
  return max_n * (g.InBlocks() + g.OutBlocks()) * 16 + threads * ShardsOf(max_n) * 512;
}

}  // namespace fovea
