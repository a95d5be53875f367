// What the sources of this folder offer to the rest of the kernels: one table of functions per instruction
// set.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "fovea/kernels/isa/bf16.h"
#include "fovea/kernels/isa/binary.h"
#include "fovea/kernels/isa/channel_norm.h"
#include "fovea/kernels/isa/depthwise.h"
#include "fovea/kernels/isa/mix.h"
#include "fovea/kernels/isa/plane.h"
#include "fovea/kernels/isa/pointwise.h"
#include "fovea/kernels/isa/response.h"
#include "fovea/kernels/isa/row.h"
#include "fovea/kernels/isa/update.h"
#include "fovea/kernels/isa/winograd.h"

namespace fovea {

// One element of the list that a tile sums over: k products from a + Tap::a and b + Tap::b on.
struct Tap {
  ptrdiff_t a, b;
  int64_t k;
};

// acc[r][x][j*16 + lane] starts at c, at the bias or at 0; then for every tap in order, for q < k in order:
//   acc[r][x][j*16 + lane] += a[tap.a + r*a_r + x*AM + q*AK] * b[tap.b + q*16 + j*b_n + lane]   (one fused
//   step)
// and c[r*c_r + x*c_m + j*c_n + lane] = acc. Pixel tiles have AM = 16, AK = 1 (x counts pixels, q channels), tiles of an
// image AM = a_m, outer tiles AM = 1, AK = a_k (x counts channels, q pixels). One sequential chain per output: no bit depends
// on the tile's shape.
struct TileArgs {
  const float *a, *b;
  const Tap* taps;
  int64_t count;
  ptrdiff_t a_r, a_m, a_k, b_n;
  float* c;
  ptrdiff_t c_r, c_m, c_n;
  const float* bias;   // 16 floats for each j, or null
  bool add;            // start from c
  int64_t repeat = 1;  // so many tiles of one row, side by side
};
using TileFn = void (*)(const TileArgs& args);

constexpr int kMaxTileRows = 4, kMaxTilePixels = 14, kMaxTileBlocks = 2;

// What works on maps of T, float or Bfloat16.
template <class T>
struct MapTable {
  PlaneTable<T> plane;
  DepthwiseTable<T> depthwise;
  PointwiseTable<T> pointwise;
  BinaryTable<T> binary;
  ChannelNormTable<T> channel_norm;
  MixFn<T> mix;
};

struct KernelTable {
  const char* name;
  int max_pixels[kMaxTileBlocks + 1];  // the most r*x of a tile of that many blocks; 0: no such tile
  TileFn pixel[kMaxTileRows + 1][kMaxTilePixels + 1][kMaxTileBlocks + 1];  // rows 1, 2, 4
  TileFn image[kMaxTilePixels + 1][kMaxTileBlocks + 1];
  TileFn outer[kMaxTilePixels + 1][kMaxTileBlocks + 1];
  RowTable row;
  ResponseTable response;
  MapTable<float> single;
  MapTable<Bfloat16> half;
  UpdateTable update;
  Bf16Table bf16;
  WinogradTable winograd2, winograd4;                         // F(2x2, 3x3), F(4x4, 3x3)
  WinogradTable winograd_strided, winograd_strided_backward;  // stride 2: forward, backward-data

  // [16][16] words of 4 bytes, in place.
  void (*transpose)(void* block);

  // For tests: c[i] = fma(a[i], b[i], c[i]); count a multiple of 16.
  void (*fma)(const float* a, const float* b, float* c, int64_t count);
  // For the peak probe: rounds * 64 * 16 fused multiply-adds; returns a value that depends on all of them.
  float (*peak)(int64_t rounds);
  // For the bandwidth probe: `to`, past the caches; count a multiple of 16, `to` aligned to 64 bytes.
  void (*copy)(const float* from, int64_t count, float* to);

  template <class T>
  const MapTable<T>& maps() const {
    if constexpr (sizeof(T) == sizeof(float)) {
      return single;
    } else {
      return half;
    }
  }
};

}  // namespace fovea
