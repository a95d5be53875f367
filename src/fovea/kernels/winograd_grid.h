// Shared by the passes of Winograd's convolution: its forms, tiles, and how their arrays lie.
#pragma once

#include <vector>

#include "fovea/kernels/conv_plan.h"

namespace fovea {

// Where a map [h][w][16] of every image stands relative to the tiles.
struct TiledMap {
  int64_t h, w;
  int64_t row0, col0;  // of the first tile
  int64_t image;       // floats from one image to the next
};

// What is multiplied: m[output] += v[input] * u[weight].
struct WinogradProduct {
  int64_t input, weight, output;
};

// A form of Winograd's convolution. Both axes are alike: an array has the square of its values along an axis.
struct WinogradForm {
  int64_t tile;                      // outputs
  int64_t inputs, weights, outputs;  // values
  const WinogradTable KernelTable::*transforms;
  // Of both axes, those of an output together, in the order in which they are summed.
  std::vector<WinogradProduct> products;

  int64_t Inputs() const { return inputs * inputs; }
  int64_t Weights() const { return weights * weights; }
  int64_t Outputs() const { return outputs * outputs; }
};

// Of forward (and the weight gradient, where Winograd takes it) and of backward-data.
const WinogradForm& ForwardForm(ConvMethod method);
const WinogradForm& BackwardForm(ConvMethod method);

// The grid of the tiles that cover out_h x out_w outputs, over a map that they read or write.
TileGrid GridOver(const WinogradForm& form, int64_t out_h, int64_t out_w, const TiledMap& map);

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

// Floats of one frequency of [blocks][count][16]: a line more than the data, so that the frequencies do not fall into
// the same sets of the cache.
constexpr int64_t FrequencyFloats(int64_t blocks, int64_t count) { return blocks * count * 16 + 16; }

}  // namespace fovea
