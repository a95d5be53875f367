// How a convolution becomes passes of the micro-kernel: geometry, taps, packed weights. See conv.h for the
// passes.
//
// Activations are blocked, [N][ceil(C/16)][H][W][16] with zero lanes beyond C; an image input (C <= 4) is
// [N][H][W][C].
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/base/micro_shard.h"
#include "fovea/base/parallel.h"
#include "fovea/kernels/conv_pass.h"
#include "fovea/kernels/isa/table.h"

namespace fovea {

// Winograd's F(2x2, 3x3) and F(4x4, 3x3) need fewer multiplications and round differently; so does kWinogradStrided, made of
// F(4x4, 2x2) and its like, but for the weight gradient, which is direct. Of kBfloat16 both factors of every
// product are rounded to 8 bits; sums stay in single precision.
enum class ConvMethod { kDirect, kWinograd2x2, kWinograd4x4, kBfloat16, kWinogradStrided };

// The fastest method for a geometry that the kernels support, when at least so many images go through it at a time. By the
// geometry alone: no count of threads, instruction set or cache may change the bits.
ConvMethod FastMethod(const ConvGeometry& g, int64_t images);

class ConvPlan {
 public:
  // Whether the kernels serve this geometry: groups of whole blocks, no image layout with groups.
  static bool Supports(const ConvGeometry& g);
  // Whether Winograd serves it: 3x3, no dilation, one group, padding of at most 2, not an image; kWinogradStrided with stride 2,
  // its other methods with stride 1.
  static bool SupportsWinograd(const ConvGeometry& g);
  // Whether kBfloat16 serves it: one group.
  static bool SupportsBfloat16(const ConvGeometry& g);
  explicit ConvPlan(const ConvGeometry& g, ConvMethod method = ConvMethod::kDirect);

  // Whether forward and weight gradient can read their source through a normalisation: where both make a copy of it anyway.
  bool Normalises() const {
    return !image_ && method_ != ConvMethod::kDirect && method_ != ConvMethod::kWinogradStrided;
  }

  const ConvGeometry& geometry() const { return g_; }
  ConvMethod method() const { return method_; }
  int64_t out_h() const { return g_.OutH(); }
  int64_t out_w() const { return g_.OutW(); }
  int64_t InBlocks() const { return (g_.c + 15) / 16; }
  int64_t OutBlocks() const { return (g_.k + 15) / 16; }
  // Blocks that one output block sums over. For an image, 16-float slots of a window's row: ceil(kw*C/16).
  int64_t SourceBlocks() const { return image_ ? (g_.kw * g_.c + 15) / 16 : InBlocks() / g_.groups; }
  int64_t TapColumns() const { return image_ ? 1 : g_.kw; }
  int64_t Taps() const { return g_.kh * TapColumns(); }
  // Channels of source block cb that are real.
  int64_t RealLanes(int64_t cb) const;

  const ConvPass& forward() const { return forward_; }
  const std::vector<ConvPass>& backward() const { return backward_; }

  // Floats of a weight gradient in blocks, [K/16][blocks][kh][kw][16c][16k].
  int64_t GradientFloats() const { return OutBlocks() * SourceBlocks() * Taps() * 256; }
  // Floats of the packed weights, in the same order, and of their turned form [C/16][K/16][kh][kw][16k][16c]. For kBfloat16 tiles
  // of isa/bf16.h: [K/16][pairs of blocks][kh][kw], turned [C/16][pairs of K/16][kh][kw].
  int64_t PackedFloats() const { return OutBlocks() * Summed(SourceBlocks()) * Taps() * 256; }
  int64_t TurnedFloats() const { return InBlocks() * Summed(OutBlocks() / g_.groups) * Taps() * 256; }
  // Either form may be null. Tiles are those of the table's instruction set.
  void PackWeights(ThreadPool& pool, const KernelTable& table, const float* w, float* packed,
                   float* turned) const;

 private:
  // Blocks of floats that the weights over so many summed blocks take.
  int64_t Summed(int64_t blocks) const {
    return method_ == ConvMethod::kBfloat16 ? (blocks + 1) / 2 : blocks;
  }
  // [tap][16k][16c] of a block, zero where there is no weight; and the same as [tap][16c][16k].
  void GatherBlock(int64_t kb, int64_t cb, const float* w, float* block) const;
  void TransposeBlock(const KernelTable& table, const float* block, float* transposed) const;
  void PackTiles(ThreadPool& pool, const KernelTable& table, const float* w, float* packed,
                 float* turned) const;

  ConvGeometry g_;
  ConvMethod method_;
  bool image_;
  ConvPass forward_;
  std::vector<ConvPass> backward_;
};

}  // namespace fovea
