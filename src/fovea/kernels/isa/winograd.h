// The transforms of Winograd's convolution, tile by tile. Members of the table of an instruction set.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "fovea/kernels/isa/plane.h"

namespace fovea {

// How the tiles of a batch lie on a map [h][w][16]: tile t is the t % per_image-th of image t / per_image, row after
// row; its first row and column are row0 + D*(its row), col0 + D*(its column), D the distance of tiles on this map: that of
// the M outputs of a tile, or of what these read. What lies outside the map is zero.
struct TileGrid {
  int64_t h, w;
  int64_t row0, col0;
  int64_t columns, per_image;  // tiles
  ptrdiff_t image;             // floats from one image's plane to the next one's
};

// Tiles first.. of a batch, `count` of them. Arrays of the frequencies stand `f` floats apart, tiles and channels
// 16 floats.
struct TileRun {
  int64_t first, count;
  ptrdiff_t f;
  bool add = false;     // the output is added to what is there
  bool stream = false;  // it goes past the caches
};

struct WinogradTable {
  // v = Bt d B, d the values of x that each tile reads, through the normalisation of channels c.. where there is one.
  void (*input)(const TileGrid& grid, const TileRun& run, const Normalisation* norm, int64_t c,
                const float* x, float* v);
  // y = At m A and the end: MxM values of each tile, those inside the map.
  void (*output)(const TileGrid& grid, const TileRun& run, const float* m, const Epilogue& end, float* y);
  // g = H dy Ht, from the MxM values of each tile of dy. Null at stride 2.
  void (*gradient)(const TileGrid& grid, const TileRun& run, const float* dy, float* g);
  // u = G w Gt of one block [3][3][16][16] of weights, its taps `tap` floats apart.
  void (*weights)(const float* w, ptrdiff_t tap, float* u, ptrdiff_t f);
  // dw = Ct d C of one block. Null at stride 2.
  void (*weight_gradient)(const float* d, ptrdiff_t f, float* dw);
};

}  // namespace fovea
