// Shared by the passes of Winograd's convolution: tiles, frequencies, and how their arrays lie.
#pragma once

#include "fovea/kernels/conv_plan.h"

namespace fovea {

// Where a map [h][w][16] of every image stands relative to the tiles.
struct TiledMap {
  int64_t h, w;
  int64_t row0, col0;  // of the first tile
  int64_t image;       // floats from one image to the next
};

// The grid of the tiles that cover out_h x out_w outputs, over a map that they read or write.
TileGrid GridOver(ConvMethod method, int64_t out_h, int64_t out_w, const TiledMap& map);

constexpr int64_t Frequencies(ConvMethod method) { return method == ConvMethod::kWinograd4x4 ? 36 : 16; }
const WinogradTable& TransformsFor(const KernelTable& table, ConvMethod method);

// Floats of one frequency of [blocks][count][16]: a line more than the data, so that the frequencies do not fall into
// the same sets of the cache.
constexpr int64_t FrequencyFloats(int64_t blocks, int64_t count) { return blocks * count * 16 + 16; }

}  // namespace fovea
