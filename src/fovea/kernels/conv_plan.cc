#include "fovea/kernels/conv_plan.h"

#include <algorithm>

namespace fovea {
bool ConvPlan::Supports(const ConvGeometry& g) {
  if (g.image) return g.groups == 1 && g.c <= 4;
  return g.groups == 1 || (g.c / g.groups % 16 == 0 && g.k / g.groups % 16 == 0);
}

bool ConvPlan::SupportsWinograd(const ConvGeometry& g) {
  const auto small = [](int64_t pad) { return pad >= 0 && pad <= 2; };
  return !g.image && g.groups == 1 && g.kh == 3 && g.kw == 3 && g.sh == 1 && g.sw == 1 && g.dh == 1 &&
         g.dw == 1 && small(g.pt) && small(g.pl) && small(g.pb) && small(g.pr);
}

// In cycles of a core with 32 multiply-adds a cycle, measured: the products of either method run at some 29 of them, a tile
// costs 9 cycles a channel to transform, a pair of channels 10 to transform its weights. Winograd's must win by a tenth.
ConvMethod FastMethod(const ConvGeometry& g, int64_t images) {
  if (!ConvPlan::SupportsWinograd(g)) return ConvMethod::kDirect;
  const auto pairs = static_cast<double>((g.c + 15) / 16 * ((g.k + 15) / 16) * 256);
  const auto channels = static_cast<double>((g.c + 15) / 16 * 16 + (g.k + 15) / 16 * 16);
  const auto pixels = static_cast<double>(images * g.OutH() * g.OutW());
  const auto tiles = static_cast<double>(images * ((g.OutH() + 3) / 4) * ((g.OutW() + 3) / 4));
  const double direct = pixels * 9 * pairs / 29;
  const double winograd = tiles * 36 * pairs / 29 + tiles * 9 * channels + 10 * pairs;
  return winograd < 0.9 * direct ? ConvMethod::kWinograd4x4 : ConvMethod::kDirect;
}

ConvPlan::ConvPlan(const ConvGeometry& g, ConvMethod method)
    : g_(g), method_(method), image_(g.image), forward_(ForwardPass(g)) {
  if (!image_) backward_ = BackwardPasses(g);
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
