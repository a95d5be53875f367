// Packing on load: a band of source rows into a task's scratch, with its halo of zeros, columns
// de-interleaved by the stride, so that the micro-kernel always finds neighbouring outputs one block apart.
//
//   packed [row][column phase][column][16]
#pragma once

#include <algorithm>

#include "fovea/kernels/conv_plan.h"

namespace fovea {

struct PackedBand {
  PackedBand(const ConvPass& pass, int64_t output_rows);

  int64_t rows, columns;  // source rows; columns of one phase
  int64_t phases;
  int64_t row0, column0;  // the first tap's offsets
  int64_t RowFloats() const { return phases * columns * 16; }
  int64_t Floats() const { return rows * RowFloats(); }
  // Of the tap with these offsets for output row 0, relative to the start of the band.
  int64_t TapOffset(int64_t row_offset, int64_t column_offset) const;
};

// The cuts of a packed row: `count` blocks from `to` on are source columns `from`, from + step, ..., or zeros where `from` is
// negative. Source row `y`.
struct PackedRun {
  int64_t y, to, count, from, step;
};

// Visits the runs of the source rows for outputs `first_row` on, `output_rows` of them; `to` counts blocks of the band. Rows and
// columns that no tap reads are left out.
template <class Visit>
void ForEachRun(const ConvPass& pass, const PackedBand& band, int64_t first_row, int64_t output_rows,
                int64_t h, int64_t w, const Visit& visit) {
  const int64_t row0 = first_row * pass.sh + pass.rows.First(), col0 = pass.cols.First();
  const int64_t rows = (output_rows - 1) * pass.sh + pass.rows.Span() + 1, step = band.phases;
  const auto read = [](const AxisTaps& taps, int64_t at, int64_t stride) {
    return std::any_of(taps.offset.begin(), taps.offset.end(),
                       [&](int64_t offset) { return (at - offset + taps.First()) % stride == 0; });
  };
  for (int64_t u = 0; u < rows; u++) {
    const int64_t y = row0 + u;
    if (!read(pass.rows, u, pass.sh)) continue;
    for (int64_t phase = 0; phase < band.phases; phase++) {
      if (!read(pass.cols, phase, band.phases)) continue;
      const int64_t to = (u * band.phases + phase) * band.columns;
      if (y < 0 || y >= h) {
        visit(PackedRun{y, to, band.columns, -1, 0});
        continue;
      }
      // Column i of this phase is source column start + i*step.
      const int64_t start = col0 + phase;
      const int64_t before = std::clamp<int64_t>(start < 0 ? (-start + step - 1) / step : 0, 0, band.columns);
      const int64_t inside = start >= w ? 0 : (w - start + step - 1) / step;
      const int64_t end = std::clamp(inside, before, band.columns);
      if (before > 0) visit(PackedRun{y, to, before, -1, 0});
      if (end > before) visit(PackedRun{y, to + before, end - before, start + before * step, step});
      if (end < band.columns) visit(PackedRun{y, to + end, band.columns - end, -1, 0});
    }
  }
}

// Source rows for outputs `first_row` on, `output_rows` of them, from one plane [h][w][16].
void PackPlane(const ConvPass& pass, const PackedBand& band, int64_t first_row, int64_t output_rows,
               const float* plane, int64_t h, int64_t w, float* packed);

// An image [h][w][c] with its padding, as it lies: [row][pl + w + pr][c]. Windows are read where they stand.
inline int64_t PaddedRow(const ConvGeometry& g) { return (g.pl + g.w + g.pr) * g.c; }
inline int64_t PaddedColumn(const ConvGeometry& g) {
  return g.sw * g.c;
}  // floats from one window to the next
// The rows that `output_rows` outputs from `first_row` on read.
void PadImage(const ConvPlan& plan, int64_t first_row, int64_t output_rows, const float* image,
              float* padded);

// Neighbouring lanes of a slot that are neighbours in a window's row too, where the first is float `offset`.
struct LaneRun {
  int64_t lane, count, offset;
};
std::vector<LaneRun> LaneRuns(const ConvPlan& plan, int64_t slot);

// A row of an image, y, with each output's window copied: floats 16*chunk.. of its row, 16 of them.
void PackImageRow(const ConvPlan& plan, int64_t columns, int64_t chunk, int64_t y, const float* image,
                  float* slots);

}  // namespace fovea
