#include "fovea/kernels/conv_pass.h"

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

ConvPass Covering(const std::vector<ConvPass>& passes) {
  if (passes.empty()) return {};
  ConvPass all = passes.front();
  const auto append = [](AxisTaps& to, const AxisTaps& from) {
    to.offset.insert(to.offset.end(), from.offset.begin(), from.offset.end());
    to.index.insert(to.index.end(), from.index.begin(), from.index.end());
  };
  for (std::size_t i = 1; i < passes.size(); i++) {
    append(all.rows, passes[i].rows);
    append(all.cols, passes[i].cols);
    all.out_h = std::max(all.out_h, passes[i].out_h), all.out_w = std::max(all.out_w, passes[i].out_w);
  }
  return all;
}

ConvPass ForwardPass(const ConvGeometry& g) {
  ConvPass pass;
  pass.rows = ForwardTaps(g.kh, g.dh, g.pt);
  pass.cols = g.image ? AxisTaps{{0}, {0}} : ForwardTaps(g.kw, g.dw, g.pl);
  pass.out_h = g.OutH(), pass.out_w = g.OutW();
  pass.sh = g.sh, pass.sw = g.image ? 1 : g.sw;
  return pass;
}

std::vector<ConvPass> BackwardPasses(const ConvGeometry& g) {
  std::vector<ConvPass> passes;
  for (int64_t a = 0; a < std::min(g.sh, g.h); a++) {
    for (int64_t b = 0; b < std::min(g.sw, g.w); b++) {
      ConvPass pass;
      pass.rows = BackwardTaps(g.kh, g.dh, g.pt, g.sh, a);
      pass.cols = BackwardTaps(g.kw, g.dw, g.pl, g.sw, b);
      pass.out_h = PhaseExtent(g.h, g.sh, a), pass.out_w = PhaseExtent(g.w, g.sw, b);
      pass.dst_row = a, pass.dst_col = b, pass.dst_row_step = g.sh, pass.dst_col_step = g.sw;
      passes.push_back(std::move(pass));
    }
  }
  return passes;
}

}  // namespace fovea
