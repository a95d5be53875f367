#include "fovea/kernels/conv_plan.h"

#include <algorithm>

namespace fovea {
namespace {

AxisTaps ForwardTaps(int64_t kernel, int64_t dilation, int64_t pad) {
  AxisTaps taps;
  for (int64_t r = 0; r < kernel; r++) {
    taps.offset.push_back(r * dilation - pad);
    taps.index.push_back(r);
  }
  return taps;
}

// Input row i*stride + phase reads gradient row i + (phase + pad - r*dilation)/stride, for the r that divide.
AxisTaps BackwardTaps(int64_t kernel, int64_t dilation, int64_t pad, int64_t stride, int64_t phase) {
  AxisTaps taps;
  for (int64_t r = 0; r < kernel; r++) {
    const int64_t shifted = phase + pad - r * dilation;
    if (shifted % stride != 0) continue;
    taps.offset.push_back(shifted / stride);
    taps.index.push_back(r);
  }
  return taps;
}

int64_t PhaseExtent(int64_t extent, int64_t stride, int64_t phase) {
  return extent > phase ? (extent - phase + stride - 1) / stride : 0;
}

}  // namespace

int64_t AxisTaps::First() const {
  return offset.empty() ? 0 : *std::min_element(offset.begin(), offset.end());
}

int64_t AxisTaps::Span() const {
  return offset.empty() ? 0 : *std::max_element(offset.begin(), offset.end()) - First();
}

bool ConvPlan::Supports(const ConvGeometry& g) {
  if (g.image) return g.groups == 1 && g.c <= 4;
  return g.groups == 1 || (g.c / g.groups % 16 == 0 && g.k / g.groups % 16 == 0);
}

ConvPlan::ConvPlan(const ConvGeometry& g) : g_(g), image_(g.image) {
  forward_.rows = ForwardTaps(g.kh, g.dh, g.pt);
  forward_.cols = image_ ? AxisTaps{{0}, {0}} : ForwardTaps(g.kw, g.dw, g.pl);
  forward_.out_h = g.OutH(), forward_.out_w = g.OutW();
  forward_.sh = g.sh, forward_.sw = image_ ? 1 : g.sw;
  if (image_) return;
  for (int64_t a = 0; a < g.sh; a++) {
    for (int64_t b = 0; b < g.sw; b++) {
      ConvPass pass;
      pass.rows = BackwardTaps(g.kh, g.dh, g.pt, g.sh, a);
      pass.cols = BackwardTaps(g.kw, g.dw, g.pl, g.sw, b);
      pass.out_h = PhaseExtent(g.h, g.sh, a), pass.out_w = PhaseExtent(g.w, g.sw, b);
      pass.dst_row = a, pass.dst_col = b, pass.dst_row_step = g.sh, pass.dst_col_step = g.sw;
      if (pass.out_h > 0 && pass.out_w > 0) backward_.push_back(std::move(pass));
    }
  }
}

int64_t ConvPlan::RealLanes(int64_t cb) const {
  const int64_t lanes = image_ ? g_.kw * g_.c : g_.c / g_.groups;
  return std::min<int64_t>(16, lanes - cb * 16);
}

int64_t ConvPlan::PackedIndex(int64_t k, int64_t c, int64_t r, int64_t s) const {
  const int64_t lane = image_ ? s * g_.c + c : c, column = image_ ? 0 : s;
  const int64_t tap = ((k / 16 * SourceBlocks() + lane / 16) * g_.kh + r) * TapColumns() + column;
  return tap * 256 + lane % 16 * 16 + k % 16;
}

void ConvPlan::PackWeights(const float* w, float* packed) const {
  std::fill_n(packed, PackedFloats(), 0.0f);
  const int64_t cg = g_.c / g_.groups;
  for (int64_t k = 0; k < g_.k; k++) {
    for (int64_t c = 0; c < cg; c++) {
      for (int64_t r = 0; r < g_.kh; r++) {
        for (int64_t s = 0; s < g_.kw; s++) packed[PackedIndex(k, c, r, s)] = *w++;
      }
    }
  }
}

void ConvPlan::TurnWeights(const float* w, float* turned) const {
  std::fill_n(turned, TurnedFloats(), 0.0f);
  const int64_t cg = g_.c / g_.groups, kg = g_.k / g_.groups, kbs = OutBlocks() / g_.groups;
  for (int64_t k = 0; k < g_.k; k++) {
    const int64_t group = k / kg, kk = k % kg;
    for (int64_t c = 0; c < cg; c++) {
      const int64_t channel = group * cg + c;
      float* block =
          turned + (channel / 16 * kbs + kk / 16) * g_.kh * g_.kw * 256 + kk % 16 * 16 + channel % 16;
      for (int64_t t = 0; t < g_.kh * g_.kw; t++) block[t * 256] = *w++;
    }
  }
}

int64_t EvenPiece(int64_t extent, int64_t most) {
  const int64_t pieces = (extent + most - 1) / most;
  return (extent + pieces - 1) / pieces;
}

}  // namespace fovea
