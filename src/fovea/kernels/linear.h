// The affine map of features with the micro-kernel: images take the place of pixels.
//
// The input is any blocked storage, [N][blocks][16] with blocks = ceil(C/16)*H*W: a flattened map is read as
// it lies, and the packed weights follow the order of its elements. Bits as in conv.h: one chain an output,
// shards up a tree.
#pragma once

#include "fovea/base/parallel.h"
#include "fovea/kernels/isa/table.h"

namespace fovea {

struct LinearGeometry {
  int64_t c = 1, h = 1, w = 1;  // of the (flattened) input map
  int64_t k = 1;

  int64_t InBlocks() const { return (c + 15) / 16 * h * w; }
  int64_t OutBlocks() const { return (k + 15) / 16; }
  int64_t PackedFloats() const { return InBlocks() * OutBlocks() * 256; }
};

// w (K, C*H*W) as [K/16][blocks][16c][16k], and turned as [blocks][K/16][16k][16c].
void LinearPackWeights(ThreadPool& pool, const LinearGeometry& g, const float* w, float* packed);
void LinearTurnWeights(ThreadPool& pool, const LinearGeometry& g, const float* w, float* turned);

// y [N][K/16][16] = x w^T + bias (OutBlocks()*16 floats, or null); assigned.
void LinearForward(ThreadPool& pool, const KernelTable& table, const LinearGeometry& g, int64_t n,
                   const float* x, const float* packed, const float* bias, float* y, float* scratch);
// dx = dy w; assigned.
void LinearBackwardData(ThreadPool& pool, const KernelTable& table, const LinearGeometry& g, int64_t n,
                        const float* dy, const float* turned, float* dx, float* scratch);
// dw (K, C*H*W) += dy^T x, db (K, or null) += sum of dy.
void LinearWeightGradient(ThreadPool& pool, const KernelTable& table, const LinearGeometry& g, int64_t n,
                          const float* x, const float* dy, float* dw, float* db, float* scratch);

// Floats of scratch for any of the three on up to max_n images.
int64_t LinearScratch(const LinearGeometry& g, int64_t max_n, int threads);

}  // namespace fovea
