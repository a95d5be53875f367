#include "fovea/kernels/isa/depthwise.h"

#include "fovea/kernels/isa/normalised.h"
#include "fovea/kernels/isa/vec.h"

namespace fovea::FOVEA_ISA {
namespace {

// Outputs [begin, end) of which every column tap of [first, last) lies inside the source.
struct Inside {
  int64_t begin, end;
};

FOVEA_INLINE Inside InsideColumns(const DepthwisePass& d, int64_t first, int64_t last) {
  int64_t low = 0, high = 0;
  for (int64_t s = first; s < last; s++) {
    low = s == first || d.col[s] < low ? d.col[s] : low;
    high = s == first || d.col[s] > high ? d.col[s] : high;
  }
  const int64_t begin = low < 0 ? (-low + d.sw - 1) / d.sw : 0;
  const int64_t room = d.w - 1 - high;
  int64_t end = room < 0 ? 0 : room / d.sw + 1;
  if (end > d.out_w) end = d.out_w;
  return {begin < end ? begin : end, end};
}

template <class T>
FOVEA_INLINE const T* SourceRow(const DepthwisePass& d, const T* x, int64_t p, int64_t r) {
  const int64_t h = p * d.sh + d.row[r];
  return h >= 0 && h < d.h ? x + h * d.w * 16 : nullptr;
}

// Narrower vectors leave half of a line for the next pass over the plane.
FOVEA_INLINE bool Streams(const DepthwisePass& d) { return kLanes == 16 && d.stream; }

// Outputs q .. q + kPixels - 1 of row p, lanes of vector i. kCheck: columns may lie outside.
template <int kPixels, bool kCheck, class T>
FOVEA_INLINE void RunPixels(const DepthwisePass& d, const T* x, const float* weights, const Vec& start,
                            int64_t p, int64_t q, T* y) {
  Vec acc[kPixels];
  FOVEA_UNROLL for (int i = 0; i < kPixels; i++) acc[i] = start;
  for (int64_t r = 0; r < d.rows; r++) {
    const T* row = SourceRow(d, x, p, r);
    if (row == nullptr) continue;
    for (int64_t s = 0; s < d.cols; s++) {
      const int64_t column = q * d.sw + d.col[s];
      if (kCheck && (column < 0 || column >= d.w)) continue;
      const Vec w = LoadVec(weights + (r * d.cols + s) * 16);
      const T* from = row + column * 16;
      FOVEA_UNROLL for (int i = 0; i < kPixels; i++) acc[i] =
          FmaVec(LoadVec(from + i * d.sw * 16), w, acc[i]);
    }
  }
  if (d.rectifier) {
    FOVEA_UNROLL for (int i = 0; i < kPixels; i++) acc[i] = RectifiedVec(acc[i], *d.rectifier);
  }
  FOVEA_UNROLL for (int i = 0; i < kPixels; i++) {
    Streams(d) ? StreamVec(y + i * d.y_col, acc[i]) : StoreVec(y + i * d.y_col, acc[i]);
  }
}

// The `rest` outputs of a row that are less than a full group of pixels.
template <int kPixels, class T>
FOVEA_INLINE void RunRest(const DepthwisePass& d, const T* x, const float* weights, const Vec& start,
                          int64_t p, int64_t q, int64_t rest, T* y) {
  if (rest == kPixels) {
    RunPixels<kPixels, false>(d, x, weights, start, p, q, y);
  } else if constexpr (kPixels > 1) {
    RunRest<kPixels - 1>(d, x, weights, start, p, q, rest, y);
  }
}

template <class T>
void Run(const DepthwisePass& d, const T* x, const float* weights, const float* bias, T* y) {
  constexpr int kPixels = 8;
  const Inside inside = InsideColumns(d, 0, d.cols);
  for (int lane = 0; lane < 16; lane += kLanes) {
    const Vec start = bias ? LoadVec(bias + lane) : Vec{};
    const T* from = x + lane;
    const float* w = weights + lane;
    for (int64_t p = 0; p < d.out_h; p++) {
      T* to = y + p * d.y_row + lane;
      int64_t q = 0;
      for (; q < inside.begin; q++) RunPixels<1, true>(d, from, w, start, p, q, to + q * d.y_col);
      for (; q + kPixels <= inside.end; q += kPixels)
        RunPixels<kPixels, false>(d, from, w, start, p, q, to + q * d.y_col);
      if (q < inside.end) RunRest<kPixels - 1>(d, from, w, start, p, q, inside.end - q, to + q * d.y_col);
      for (q = inside.end; q < d.out_w; q++) RunPixels<1, true>(d, from, w, start, p, q, to + q * d.y_col);
    }
  }
  if (Streams(d)) FenceStores();
}

// One row of outputs and kTaps neighbouring column taps: even and odd outputs in chains of their own, so that
// the latency of the additions hides.
template <int kTaps, class T>
FOVEA_INLINE void RowWeights(const DepthwisePass& d, const T* row, const T* dy, int64_t s0, float* dw) {
  const Inside inside = InsideColumns(d, s0, s0 + kTaps);
  Vec acc[kTaps][2];
  FOVEA_UNROLL for (int s = 0; s < kTaps; s++) acc[s][0] = LoadVec(dw + s * 16), acc[s][1] = Vec{};
  const auto add = [&](int64_t q, int chain, int s) {
    const T* from = row + (q * d.sw + d.col[s0 + s]) * 16;
    acc[s][chain] = FmaVec(LoadVec(dy + q * 16), LoadVec(from), acc[s][chain]);
  };
  int64_t q = inside.begin;
  for (; q + 2 <= inside.end; q += 2) {
    FOVEA_UNROLL for (int s = 0; s < kTaps; s++) add(q, 0, s), add(q + 1, 1, s);
  }
  for (; q < inside.end; q++) {
    FOVEA_UNROLL for (int s = 0; s < kTaps; s++) add(q, 0, s);
  }
  const auto add_edge = [&](int64_t begin, int64_t end, int s) {
    for (int64_t e = begin; e < end; e++) {
      const int64_t column = e * d.sw + d.col[s0 + s];
      if (column >= 0 && column < d.w) add(e, 1, s);
    }
  };
  FOVEA_UNROLL for (int s = 0; s < kTaps; s++) {
    add_edge(0, inside.begin, s);
    add_edge(inside.end, d.out_w, s);
    StoreVec(dw + s * 16, acc[s][0] + acc[s][1]);
  }
}

template <class T>
void Weights(const DepthwisePass& d, const T* x, const T* dy, float* dw) {
  for (int lane = 0; lane < 16; lane += kLanes) {
    for (int64_t p = 0; p < d.out_h; p++) {
      const T* gradient = dy + p * d.out_w * 16 + lane;
      for (int64_t r = 0; r < d.rows; r++) {
        const T* row = SourceRow(d, x + lane, p, r);
        if (row == nullptr) continue;
        float* to = dw + r * d.cols * 16 + lane;
        int64_t s = 0;
        for (; s + 3 <= d.cols; s += 3) RowWeights<3>(d, row, gradient, s, to + s * 16);
        for (; s < d.cols; s++) RowWeights<1>(d, row, gradient, s, to + s * 16);
      }
    }
  }
}

template <class T>
constexpr DepthwiseTable<T> kTable = {Run<T>, Weights<T>};

}  // namespace

void FillDepthwise(DepthwiseTable<float>& table);
void FillDepthwise(DepthwiseTable<Bfloat16>& table);
void FillDepthwise(DepthwiseTable<float>& table) { table = kTable<float>; }
void FillDepthwise(DepthwiseTable<Bfloat16>& table) { table = kTable<Bfloat16>; }

}  // namespace fovea::FOVEA_ISA
