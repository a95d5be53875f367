#include "fovea/kernels/isa/depthwise.h"

#include "fovea/kernels/isa/normalised.h"
#include "fovea/kernels/isa/vec.h"

namespace fovea::FOVEA_ISA {
namespace {

// Outputs [begin, end) of an axis of which the taps lie inside the source, `size` long.
struct Inside {
  int64_t begin, end;
};

FOVEA_INLINE Inside InsideOf(const int64_t* offset, int64_t taps, int64_t stride, int64_t size,
                             int64_t outs) {
  int64_t low = 0, high = 0;
  for (int64_t s = 0; s < taps; s++) {
    low = s == 0 || offset[s] < low ? offset[s] : low;
    high = s == 0 || offset[s] > high ? offset[s] : high;
  }
  const int64_t begin = low < 0 ? (-low + stride - 1) / stride : 0;
  const int64_t room = size - 1 - high;
  int64_t end = room < 0 ? 0 : room / stride + 1;
  if (end > outs) end = outs;
  return {begin < end ? begin : end, end};
}

// While row p is made, lines are fetched that lie ahead of the rows of the source which no row above it reads.
FOVEA_INLINE ptrdiff_t NextLines(const DepthwisePass& d, int64_t p) {
  return d.ahead == 0 || d.rows == 0 ? 0 : (p * d.sh + d.row[d.rows - 1]) * d.w * 16 + d.ahead;
}

// As many as outputs q to q + kPixels - 1 have for themselves.
template <int kPixels, class T>
FOVEA_INLINE void FetchLines(const DepthwisePass& d, const T* x, ptrdiff_t next, int64_t q) {
  constexpr int64_t kLine = 4 / sizeof(T);
  if (d.ahead == 0) return;
  const int64_t each = d.sw * d.sh;
  for (int64_t i = q * each; i < (q + kPixels) * each; i += kLine) Fetch(x, next + i * 16);
}

template <class T>
FOVEA_INLINE const T* SourceRow(const DepthwisePass& d, const T* x, int64_t p, int64_t r) {
  const int64_t h = p * d.sh + d.row[r];
  return h >= 0 && h < d.h ? x + h * d.w * 16 : nullptr;
}

// Narrower vectors leave half of a line for the next pass over the plane.
FOVEA_INLINE bool Streams(const DepthwisePass& d) { return kLanes == 16 && d.stream; }

// The column taps of a group of outputs: three neighbours (turned: from right to left; strided: of every other pixel), of which a
// pixel is loaded once for all outputs that read it; any others; any that may lie outside.
enum class Columns { kThree, kThreeTurned, kThreeStrided, kAny, kChecked };

FOVEA_INLINE Columns ColumnsOf(const DepthwisePass& d) {
  if (d.cols != 3 || d.col[1] - d.col[0] != d.col[2] - d.col[1]) return Columns::kAny;
  const int64_t step = d.col[1] - d.col[0];
  if (step == 1 && d.sw == 2) return Columns::kThreeStrided;
  if (d.sw != 1) return Columns::kAny;
  return step == 1 ? Columns::kThree : step == -1 ? Columns::kThreeTurned : Columns::kAny;
}

// From an output of a group to the next: numbers in the source and in y.
struct Line {
  ptrdiff_t x, y;
};

// Output (p, q) and those after it along the line, lanes of one vector; all of them have the same taps.
template <int kPixels, Columns K, class T>
FOVEA_INLINE void RunPixels(const DepthwisePass& d, const T* x, const float* weights, const Vec& start,
                            int64_t p, int64_t q, const Line& line, T* y) {
  constexpr bool kTurned = K == Columns::kThreeTurned;
  constexpr int kStride = K == Columns::kThreeStrided ? 2 : 1;
  Vec acc[kPixels];
  FOVEA_UNROLL for (int i = 0; i < kPixels; i++) acc[i] = start;
  for (int64_t r = 0; r < d.rows; r++) {
    const T* row = SourceRow(d, x, p, r);
    if (row == nullptr) continue;
    const float* w = weights + r * d.cols * 16;
    if constexpr (K == Columns::kAny || K == Columns::kChecked) {
      for (int64_t s = 0; s < d.cols; s++) {
        const int64_t column = q * d.sw + d.col[s];
        if (K == Columns::kChecked && (column < 0 || column >= d.w)) continue;
        const T* from = row + column * 16;
        FOVEA_UNROLL for (int i = 0; i < kPixels; i++) acc[i] =
            FmaVec(LoadVec(from + i * line.x), LoadVec(w + s * 16), acc[i]);
      }
    } else {
      constexpr int kLoads = (kPixels - 1) * kStride + 3;
      const T* from = row + (q * kStride + d.col[kTurned ? 2 : 0]) * 16;
      Vec in[kLoads];
      FOVEA_UNROLL for (int i = 0; i < kLoads; i++) in[i] = LoadOnce(from + i * 16);
      FOVEA_UNROLL for (int s = 0; s < 3; s++) {
        const Vec tap = LoadVec(w + s * 16);
        FOVEA_UNROLL for (int i = 0; i < kPixels; i++) acc[i] =
            FmaVec(in[i * kStride + (kTurned ? 2 - s : s)], tap, acc[i]);
      }
    }
  }
  if (d.rectifier) {
    FOVEA_UNROLL for (int i = 0; i < kPixels; i++) acc[i] = RectifiedVec(acc[i], *d.rectifier);
  }
  FOVEA_UNROLL for (int i = 0; i < kPixels; i++) {
    Streams(d) ? StreamVec(y + i * line.y, acc[i]) : StoreVec(y + i * line.y, acc[i]);
  }
}

// `count` outputs of at most kPixels.
template <int kPixels, Columns K, class T>
FOVEA_INLINE void RunUpTo(const DepthwisePass& d, const T* x, const float* weights, const Vec& start,
                          int64_t p, int64_t q, const Line& line, int64_t count, T* y) {
  if (count == kPixels) {
    RunPixels<kPixels, K>(d, x, weights, start, p, q, line, y);
  } else if constexpr (kPixels > 1) {
    RunUpTo<kPixels - 1, K>(d, x, weights, start, p, q, line, count, y);
  }
}

constexpr int kGroup = kLanes == 8 ? 4 : 8;  // what the registers hold

// Outputs of row p whose columns lie inside.
template <Columns K, class T>
void RunRow(const DepthwisePass& d, const T* x, const float* weights, const Vec& start, int64_t p,
            const Inside& cols, T* y) {
  const Line right{d.sw * 16, d.y_col};
  const ptrdiff_t next = NextLines(d, p);
  for (int64_t q = cols.begin; q < cols.end; q += kGroup) {
    FetchLines<kGroup>(d, x, next, q);
    RunUpTo<kGroup, K>(d, x, weights, start, p, q, right, cols.end - q < kGroup ? cols.end - q : kGroup,
                       y + q * d.y_col);
  }
}

template <Columns K, class T>
void RunLanes(const DepthwisePass& d, const T* x, const float* weights, const Vec& start, T* y) {
  const Inside rows = InsideOf(d.row, d.rows, d.sh, d.h, d.out_h),
               cols = InsideOf(d.col, d.cols, d.sw, d.w, d.out_w);
  const Line down{d.sh * d.w * 16, d.y_row};
  for (int64_t p = 0; p < d.out_h;) {
    const bool inside = p >= rows.begin && p < rows.end;
    const int64_t left = inside ? rows.end - p : 1, band = left < kGroup ? left : kGroup;
    for (int64_t i = p; i < p + band; i++) RunRow<K>(d, x, weights, start, i, cols, y + i * d.y_row);
    const auto border = [&](int64_t q) {
      RunUpTo<kGroup, Columns::kChecked>(d, x, weights, start, p, q, down, band,
                                         y + p * d.y_row + q * d.y_col);
    };
    for (int64_t q = 0; q < cols.begin; q++) border(q);
    for (int64_t q = cols.end; q < d.out_w; q++) border(q);
    p += band;
  }
}

template <Columns K, class T>
void RunAs(const DepthwisePass& d, const T* x, const float* weights, const float* bias, T* y) {
  for (int lane = 0; lane < 16; lane += kLanes) {
    RunLanes<K>(d, x + lane, weights + lane, bias ? LoadVec(bias + lane) : Vec{}, y + lane);
  }
  if (Streams(d)) FenceStores();
}

template <class T>
void Run(const DepthwisePass& d, const T* x, const float* weights, const float* bias, T* y) {
  switch (ColumnsOf(d)) {
    case Columns::kThree:
      return RunAs<Columns::kThree>(d, x, weights, bias, y);
    case Columns::kThreeTurned:
      return RunAs<Columns::kThreeTurned>(d, x, weights, bias, y);
    case Columns::kThreeStrided:
      return RunAs<Columns::kThreeStrided>(d, x, weights, bias, y);
    default:
      return RunAs<Columns::kAny>(d, x, weights, bias, y);
  }
}

// Row p of outputs, kRows neighbouring row taps and kTaps neighbouring column taps: even and odd outputs in chains of their
// own, so that the latency of the additions hides. kDense: the columns are those of kThree.
template <int kRows, int kTaps, bool kDense, class T>
FOVEA_INLINE void RowWeights(const DepthwisePass& d, const T* x, const T* dy, int64_t p, int64_t r0,
                             int64_t s0, float* weights) {
  const Inside inside = InsideOf(d.col + s0, kTaps, d.sw, d.w, d.out_w);
  const ptrdiff_t next = NextLines(d, p);
  const T* row[kRows];
  float* dw = weights + (r0 * d.cols + s0) * 16;
  Vec acc[kRows][kTaps][2];
  FOVEA_UNROLL for (int r = 0; r < kRows; r++) {
    row[r] = SourceRow(d, x, p, r0 + r);
    FOVEA_UNROLL for (int s = 0; s < kTaps; s++) {
      acc[r][s][0] = LoadVec(dw + (r * d.cols + s) * 16), acc[r][s][1] = Vec{};
    }
  }
  const auto add = [&](int64_t q, int chain, int s) {
    const ptrdiff_t at = (q * d.sw + d.col[s0 + s]) * 16;
    FOVEA_UNROLL for (int r = 0; r < kRows; r++) acc[r][s][chain] =
        FmaVec(LoadVec(dy + q * 16), LoadVec(row[r] + at), acc[r][s][chain]);
  };
  int64_t q = inside.begin;
  for (; q + 2 <= inside.end; q += 2) {
    if (kRows > 1) FetchLines<2>(d, x, next, q);
    if constexpr (kDense) {
      const Vec even = LoadVec(dy + q * 16), odd = LoadVec(dy + (q + 1) * 16);
      FOVEA_UNROLL for (int r = 0; r < kRows; r++) {
        Vec in[kTaps + 1];
        FOVEA_UNROLL for (int s = 0; s <= kTaps; s++) in[s] = LoadOnce(row[r] + (q + d.col[0] + s) * 16);
        FOVEA_UNROLL for (int s = 0; s < kTaps; s++) {
          acc[r][s][0] = FmaVec(even, in[s], acc[r][s][0]),
          acc[r][s][1] = FmaVec(odd, in[s + 1], acc[r][s][1]);
        }
      }
    } else {
      FOVEA_UNROLL for (int s = 0; s < kTaps; s++) add(q, 0, s), add(q + 1, 1, s);
    }
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
    FOVEA_UNROLL for (int r = 0; r < kRows; r++) {
      StoreVec(dw + (r * d.cols + s) * 16, acc[r][s][0] + acc[r][s][1]);
    }
  }
}

template <int kRows, bool kDense, class T>
void RowsWeights(const DepthwisePass& d, const T* x, const T* dy, int64_t p, int64_t r, float* dw) {
  int64_t s = 0;
  for (; s + 3 <= d.cols; s += 3) RowWeights<kRows, 3, kDense>(d, x, dy, p, r, s, dw);
  for (; s < d.cols; s++) RowWeights<kRows, 1, false>(d, x, dy, p, r, s, dw);
}

template <bool kDense, class T>
void WeightsAs(const DepthwisePass& d, const T* x, const T* dy, float* dw) {
  constexpr int kRows = kLanes == 16 ? 3 : 1;
  for (int lane = 0; lane < 16; lane += kLanes) {
    for (int64_t p = 0; p < d.out_h; p++) {
      const T* gradient = dy + p * d.out_w * 16 + lane;
      int64_t r = 0, end = d.rows;
      while (r < end && SourceRow(d, x, p, r) == nullptr) r++;
      while (r < end && SourceRow(d, x, p, end - 1) == nullptr) end--;
      for (; r + kRows <= end; r += kRows) RowsWeights<kRows, kDense>(d, x + lane, gradient, p, r, dw + lane);
      for (; r < end; r++) RowsWeights<1, kDense>(d, x + lane, gradient, p, r, dw + lane);
    }
  }
}

template <class T>
void Weights(const DepthwisePass& d, const T* x, const T* dy, float* dw) {
  ColumnsOf(d) == Columns::kThree ? WeightsAs<true>(d, x, dy, dw) : WeightsAs<false>(d, x, dy, dw);
}

template <class T>
constexpr DepthwiseTable<T> kTable = {Run<T>, Weights<T>};

}  // namespace

void FillDepthwise(DepthwiseTable<float>& table);
void FillDepthwise(DepthwiseTable<Bfloat16>& table);
void FillDepthwise(DepthwiseTable<float>& table) { table = kTable<float>; }
void FillDepthwise(DepthwiseTable<Bfloat16>& table) { table = kTable<Bfloat16>; }

}  // namespace fovea::FOVEA_ISA
