// The geometry of a convolution and of its passes.
//
// Every pass is a correlation: an output row i, column j reads source rows i*sh + rows[r] and columns
// j*sw + cols[s]. Forward is one such pass; backward-data is one for each of the sh*sw phases of the input that
// share their taps.
#pragma once

#include <cstdint>
#include <vector>

namespace fovea {

struct ConvGeometry {
  int64_t c = 1, h = 1, w = 1, k = 1;  // input channels, input map, output channels
  int64_t kh = 1, kw = 1, sh = 1, sw = 1, dh = 1, dw = 1;
  int64_t pt = 0, pl = 0, pb = 0, pr = 0;
  int64_t groups = 1;
  bool image = false;  // the input is [N][H][W][C]

  int64_t OutH() const { return (h + pt + pb - dh * (kh - 1) - 1) / sh + 1; }
  int64_t OutW() const { return (w + pl + pr - dw * (kw - 1) - 1) / sw + 1; }
};

// Source offsets along one axis, and which kernel rows (columns) they belong to.
struct AxisTaps {
  std::vector<int64_t> offset, index;
  int64_t First() const;
  int64_t Span() const;  // last offset - first offset
};

struct ConvPass {
  AxisTaps rows, cols;
  int64_t out_h = 0, out_w = 0;                                          // of this pass
  int64_t sh = 1, sw = 1;                                                // source step of one output
  int64_t dst_row = 0, dst_col = 0, dst_row_step = 1, dst_col_step = 1;  // where the outputs go
};

// One pass that reads the source rows and columns of all of these, which have the same step.
ConvPass Covering(const std::vector<ConvPass>& passes);

// Of an image input the columns are one tap: packing joins them (conv_plan.h).
ConvPass ForwardPass(const ConvGeometry& g);
std::vector<ConvPass> BackwardPasses(const ConvGeometry& g);

}  // namespace fovea
