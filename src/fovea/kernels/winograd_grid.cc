#include "fovea/kernels/winograd_grid.h"

namespace fovea {

TileGrid GridOver(ConvMethod method, int64_t out_h, int64_t out_w, const TiledMap& map) {
  const int64_t side = method == ConvMethod::kWinograd4x4 ? 4 : 2, columns = (out_w + side - 1) / side;
  return {map.h, map.w, map.row0, map.col0, columns, columns * ((out_h + side - 1) / side), map.image};
}

const WinogradTable& TransformsFor(const KernelTable& table, ConvMethod method) {
  return method == ConvMethod::kWinograd4x4 ? table.winograd4 : table.winograd2;
}

}  // namespace fovea
