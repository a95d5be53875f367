#include "fovea/kernels/winograd_grid.h"

namespace fovea {

TileGrid GridOver(ConvMethod method, int64_t out_h, int64_t out_w, const TiledMap& map) {
  const int64_t side = method == ConvMethod::kWinograd4x4 ? 4 : 2, columns = (out_w + side - 1) / side;
  return {map.h, map.w, map.row0, map.col0, columns, columns * ((out_h + side - 1) / side), map.image};
}

MapAhead::MapAhead(const TileGrid& grid, const float* map, int64_t blocks, int64_t first, int64_t count,
                   int64_t calls)
    : image_(map + first / grid.per_image * grid.image),
      image_floats_(grid.image),
      images_((first + count - 1) / grid.per_image - first / grid.per_image + 1),
      plane_(grid.h * grid.w),
      blocks_(blocks),
      end_(plane_) {
  if (images_ == 1) {
    const int64_t rows = grid.per_image / grid.columns, top = first % grid.per_image / grid.columns,
                  bottom = (first + count - 1) % grid.per_image / grid.columns + 1;
    begin_ = grid.h * top / rows * grid.w, end_ = (grid.h * bottom + rows - 1) / rows * grid.w;
  }
  at_ = begin_;
  lines_ = (images_ * blocks * (end_ - begin_) + calls - 1) / calls;
}

void MapAhead::Fetch() {
  for (int64_t i = 0; i < lines_ && images_ > 0; i++) {
    __builtin_prefetch(image_ + (block_ * plane_ + at_) * 16, 0, 2);
    if (++at_ < end_) continue;
    at_ = begin_;
    if (++block_ < blocks_) continue;
    block_ = 0, images_--, image_ += image_floats_;
  }
}

const WinogradTable& TransformsFor(const KernelTable& table, ConvMethod method) {
  return method == ConvMethod::kWinograd4x4 ? table.winograd4 : table.winograd2;
}

}  // namespace fovea
