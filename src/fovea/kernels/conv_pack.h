// Packing on load: a band of source rows into a task's scratch, with its halo of zeros, columns
// de-interleaved by the stride, so that the micro-kernel always finds neighbouring outputs one block apart.
//
//   packed [row][column phase][column][16]
#pragma once

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

// Source rows for outputs `first_row` on, `output_rows` of them, from one plane [h][w][16].
void PackPlane(const ConvPass& pass, const PackedBand& band, int64_t first_row, int64_t output_rows,
               const float* plane, int64_t h, int64_t w, float* packed);

// The same from an image [h][w][c]: slot `chunk` of each output column holds floats 16*chunk.. of its
// window's row.
void PackImage(const ConvPlan& plan, const PackedBand& band, int64_t chunk, int64_t first_row,
               int64_t output_rows, const float* image, float* packed);

}  // namespace fovea
