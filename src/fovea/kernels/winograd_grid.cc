#include "fovea/kernels/winograd_grid.h"

#include <algorithm>
#include <span>

namespace fovea {
namespace {

constexpr WinogradProduct kPlain[] = {{0, 0, 0}, {1, 1, 1}, {2, 2, 2}, {3, 3, 3}, {4, 4, 4}, {5, 5, 5}};
// As in isa/winograd_strided.cc: taps 0 and 2 by F(4, 2), then tap 1.
constexpr WinogradProduct kStrided[] = {{0, 0, 0}, {1, 1, 1}, {2, 2, 2}, {3, 3, 3}, {4, 4, 4},
                                        {5, 5, 0}, {6, 5, 1}, {7, 5, 2}, {8, 5, 4}};
constexpr WinogradProduct kStridedBackward[] = {{0, 0, 0}, {1, 1, 1}, {2, 2, 2}, {3, 3, 3}, {4, 4, 4},
                                                {0, 5, 5}, {1, 5, 6}, {2, 5, 7}, {3, 5, 8}};

// Of `form`, whose products along an axis these are.
WinogradForm FormOf(WinogradForm form, std::span<const WinogradProduct> axis) {
  for (const WinogradProduct& row : axis) {
    for (const WinogradProduct& column : axis) {
      form.products.push_back({row.input * form.inputs + column.input,
                               row.weight * form.weights + column.weight,
                               row.output * form.outputs + column.output});
    }
  }
  std::ranges::stable_sort(form.products, {}, &WinogradProduct::output);
  return form;
}

}  // namespace

const WinogradForm& ForwardForm(ConvMethod method) {
  static const WinogradForm two = FormOf({2, 4, 4, 4, &KernelTable::winograd2, {}}, std::span(kPlain, 4));
  static const WinogradForm four = FormOf({4, 6, 6, 6, &KernelTable::winograd4, {}}, kPlain);
  static const WinogradForm strided = FormOf({4, 9, 6, 5, &KernelTable::winograd_strided, {}}, kStrided);
  if (method == ConvMethod::kWinogradStrided) return strided;
  return method == ConvMethod::kWinograd4x4 ? four : two;
}

const WinogradForm& BackwardForm(ConvMethod method) {
  static const WinogradForm strided =
      FormOf({8, 5, 6, 9, &KernelTable::winograd_strided_backward, {}}, kStridedBackward);
  return method == ConvMethod::kWinogradStrided ? strided : ForwardForm(method);
}

TileGrid GridOver(const WinogradForm& form, int64_t out_h, int64_t out_w, const TiledMap& map) {
  const int64_t side = form.tile;
  const int64_t columns = (out_w + side - 1) / side;
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

}  // namespace fovea
