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

// The lines of the maps under a run of tiles, fetched a few at a time while something else is computed: a burst of
// prefetches would be dropped.
class MapAhead {
 public:
  MapAhead() = default;  // nothing
  // Planes of `blocks` blocks from `map` on; all lines within `calls` calls of Fetch.
  MapAhead(const TileGrid& grid, const float* map, int64_t blocks, int64_t first, int64_t count,
           int64_t calls);
  void Fetch();

 private:
  const float* image_ = nullptr;
  int64_t image_floats_ = 0, images_ = 0;                 // left
  int64_t plane_ = 0, blocks_ = 0, begin_ = 0, end_ = 0;  // pixels of a plane
  int64_t block_ = 0, at_ = 0, lines_ = 0;
};

constexpr int64_t Frequencies(ConvMethod method) { return method == ConvMethod::kWinograd4x4 ? 36 : 16; }
const WinogradTable& TransformsFor(const KernelTable& table, ConvMethod method);

// Floats of one frequency of [blocks][count][16]: a line more than the data, so that the frequencies do not fall into
// the same sets of the cache.
constexpr int64_t FrequencyFloats(int64_t blocks, int64_t count) { return blocks * count * 16 + 16; }

}  // namespace fovea
