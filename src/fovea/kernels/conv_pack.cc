#include "fovea/kernels/conv_pack.h"

#include <algorithm>
#include <cstring>

namespace fovea {
namespace {

// Copies `count` blocks that stand `stride` blocks apart.
void CopyBlocks(const float* from, int64_t stride, int64_t count, float* to) {
  if (stride == 1) {
    std::memcpy(to, from, static_cast<std::size_t>(count) * 64);
    return;
  }
  for (int64_t i = 0; i < count; i++) std::memcpy(to + i * 16, from + i * stride * 16, 64);
}

void Zero(float* to, int64_t floats) { std::memset(to, 0, static_cast<std::size_t>(floats) * sizeof(float)); }

}  // namespace

PackedBand::PackedBand(const ConvPass& pass, int64_t output_rows)
    : rows((output_rows - 1) * pass.sh + pass.rows.Span() + 1),
      columns(((pass.out_w - 1) * pass.sw + pass.cols.Span()) / pass.sw + 1),
      phases(pass.sw),
      row0(pass.rows.First()),
      column0(pass.cols.First()) {}

int64_t PackedBand::TapOffset(int64_t row_offset, int64_t column_offset) const {
  const int64_t row = row_offset - row0, column = column_offset - column0;
  return row * RowFloats() + (column % phases * columns + column / phases) * 16;
}

void PackPlane(const ConvPass& pass, const PackedBand& band, int64_t first_row, int64_t output_rows,
               const float* plane, int64_t h, int64_t w, float* packed) {
  const int64_t row0 = first_row * pass.sh + pass.rows.First(), col0 = pass.cols.First();
  const int64_t rows = (output_rows - 1) * pass.sh + pass.rows.Span() + 1;
  for (int64_t u = 0; u < rows; u++) {
    const int64_t y = row0 + u;
    for (int64_t phase = 0; phase < band.phases; phase++) {
      float* to = packed + u * band.RowFloats() + phase * band.columns * 16;
      if (y < 0 || y >= h) {
        Zero(to, band.columns * 16);
        continue;
      }
      // Column i of this phase is source column col0 + phase + i*phases.
      const int64_t start = col0 + phase, step = band.phases;
      const int64_t before = std::clamp<int64_t>(start < 0 ? (-start + step - 1) / step : 0, 0, band.columns);
      const int64_t inside = start >= w ? 0 : (w - start + step - 1) / step;
      const int64_t end = std::clamp(inside, before, band.columns);
      Zero(to, before * 16);
      CopyBlocks(plane + (y * w + start + before * step) * 16, step, end - before, to + before * 16);
      Zero(to + end * 16, (band.columns - end) * 16);
    }
  }
}

void PackImage(const ConvPlan& plan, const PackedBand& band, int64_t chunk, int64_t first_row,
               int64_t output_rows, const float* image, float* packed) {
  const ConvGeometry& g = plan.geometry();
  const ConvPass& pass = plan.forward();
  const int64_t row0 = first_row * pass.sh + pass.rows.First();
  const int64_t rows = (output_rows - 1) * pass.sh + pass.rows.Span() + 1;
  const int64_t begin = chunk * 16, lanes = plan.RealLanes(chunk);
  for (int64_t u = 0; u < rows; u++) {
    const int64_t y = row0 + u;
    float* slot = packed + u * band.RowFloats();
    if (y < 0 || y >= g.h) {
      Zero(slot, band.RowFloats());
      continue;
    }
    const float* row = image + y * g.w * g.c;
    for (int64_t j = 0; j < band.columns; j++, slot += 16) {
      const int64_t x0 = j * g.sw - g.pl;
      if (g.dw == 1 && x0 >= 0 && x0 + g.kw <= g.w) {  // the window's row lies in one piece
        std::copy_n(row + x0 * g.c + begin, lanes, slot);
        continue;
      }
      for (int64_t i = 0; i < lanes; i++) {
        const int64_t x = x0 + (begin + i) / g.c * g.dw;
        slot[i] = x >= 0 && x < g.w ? row[x * g.c + (begin + i) % g.c] : 0.0f;
      }
    }
  }
}

}  // namespace fovea
