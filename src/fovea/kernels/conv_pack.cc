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
  ForEachRun(pass, band, first_row, output_rows, h, w, [&](const PackedRun& run) {
    if (run.from < 0) return Zero(packed + run.to * 16, run.count * 16);
    CopyBlocks(plane + (run.y * w + run.from) * 16, run.step, run.count, packed + run.to * 16);
  });
}

void PadImage(const ConvPlan& plan, int64_t first_row, int64_t output_rows, const float* image,
              float* padded) {
  const ConvGeometry& g = plan.geometry();
  const ConvPass& pass = plan.forward();
  const int64_t row = PaddedRow(g), row0 = first_row * pass.sh + pass.rows.First();
  const int64_t rows = (output_rows - 1) * pass.sh + pass.rows.Span() + 1;
  for (int64_t y = row0; y < row0 + rows; y++, padded += row) {
    if (y < 0 || y >= g.h) {
      Zero(padded, row);
      continue;
    }
    Zero(padded, g.pl * g.c);
    std::copy_n(image + y * g.w * g.c, g.w * g.c, padded + g.pl * g.c);
    Zero(padded + (g.pl + g.w) * g.c, g.pr * g.c);
  }
}

std::vector<LaneRun> LaneRuns(const ConvPlan& plan, int64_t slot) {
  const ConvGeometry& g = plan.geometry();
  const int64_t begin = slot * 16, end = begin + plan.RealLanes(slot);
  if (g.dw == 1) return {{0, end - begin, begin}};
  std::vector<LaneRun> runs;
  for (int64_t i = begin; i < end;) {
    const int64_t next = std::min(end, (i / g.c + 1) * g.c);
    runs.push_back({i - begin, next - i, i / g.c * g.dw * g.c + i % g.c});
    i = next;
  }
  return runs;
}

void PackImageRow(const ConvPlan& plan, int64_t columns, int64_t chunk, int64_t y, const float* image,
                  float* slots) {
  const ConvGeometry& g = plan.geometry();
  const int64_t begin = chunk * 16, lanes = plan.RealLanes(chunk);
  const float* row = image + y * g.w * g.c;
  for (int64_t j = 0; j < columns; j++, slots += 16) {
    const int64_t x0 = j * g.sw - g.pl;
    if (g.dw == 1 && x0 >= 0 && x0 + g.kw <= g.w) {  // the window's row lies in one piece
      std::copy_n(row + x0 * g.c + begin, lanes, slots);
      continue;
    }
    for (int64_t i = 0; i < lanes; i++) {
      const int64_t x = x0 + (begin + i) / g.c * g.dw;
      slots[i] = x >= 0 && x < g.w ? row[x * g.c + (begin + i) % g.c] : 0.0f;
    }
  }
}

}  // namespace fovea
