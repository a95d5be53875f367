// F(M x M, 3 x 3) with T = M + 2 points: 0, 1, -1, inf for M = 2, and 2, -2 besides for M = 4.
//   forward, backward-data: y = At ((G w Gt) . (Bt d B)) A      weight gradient: dw = Ct ((H dy Ht) . (Bt d B)) C
// Each transform is one-dimensional, down the columns of a tile and then along its rows.
//
// Source: A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks, 2016; docs/derivations/winograd.md.
#include "fovea/kernels/isa/winograd.h"

#include "fovea/kernels/isa/rectified.h"
#include "fovea/kernels/isa/table.h"
#include "fovea/kernels/isa/vec.h"

namespace fovea::FOVEA_ISA {
namespace {

FOVEA_INLINE Vec Times(float factor, Vec x) { return SplatVec(factor) * x; }
// factor*x + y, rounded once.
FOVEA_INLINE Vec Axpy(float factor, Vec x, Vec y) { return FmaVec(SplatVec(factor), x, y); }

// In place on d[0], d[s], d[2s], ...
template <int M>
struct Points;

template <>
struct Points<2> {
  FOVEA_INLINE void Input(Vec* d, int s) {
    const Vec a = d[0], b = d[s], c = d[2 * s], e = d[3 * s];
    d[0] = a - c;
    d[s] = b + c;
    d[2 * s] = c - b;
    d[3 * s] = b - e;
  }
  FOVEA_INLINE void Output(Vec* d, int s) {
    const Vec a = d[0], b = d[s], c = d[2 * s], e = d[3 * s];
    d[0] = a + b + c;
    d[s] = b - c - e;
  }
  FOVEA_INLINE void Weights(Vec* d, int s) {
    const Vec a = d[0], b = d[s], c = d[2 * s], p = Times(0.5f, a + c), q = Times(0.5f, b);
    d[s] = p + q;
    d[2 * s] = p - q;
    d[3 * s] = c;
  }
  FOVEA_INLINE void Gradient(Vec* d, int s) {
    const Vec a = d[0], b = d[s];
    d[s] = Times(0.5f, a + b);
    d[2 * s] = Times(0.5f, a - b);
    d[3 * s] = b;
  }
  FOVEA_INLINE void WeightGradient(Vec* d, int s) {
    const Vec a = d[0], b = d[s], c = d[2 * s], e = d[3 * s];
    d[0] = a + b + c;
    d[s] = b - c;
    d[2 * s] = b + c - e;
  }
};

template <>
struct Points<4> {
  FOVEA_INLINE void Input(Vec* d, int s) {
    const Vec a = d[0], b = d[s], c = d[2 * s], e = d[3 * s], f = d[4 * s], g = d[5 * s];
    const Vec even = Axpy(-4, c, f), odd = Axpy(-4, b, e), even2 = f - c, odd2 = e - b;
    d[0] = Axpy(4, a, Axpy(-5, c, f));
    d[s] = even + odd;
    d[2 * s] = even - odd;
    d[3 * s] = Axpy(2, odd2, even2);
    d[4 * s] = Axpy(-2, odd2, even2);
    d[5 * s] = Axpy(4, b, Axpy(-5, e, g));
  }
  FOVEA_INLINE void Output(Vec* d, int s) {
    const Vec a = d[0], g = d[5 * s], p = d[s] + d[2 * s], m = d[s] - d[2 * s], q = d[3 * s] + d[4 * s],
              n = d[3 * s] - d[4 * s];
    d[0] = a + p + q;
    d[s] = Axpy(2, n, m);
    d[2 * s] = Axpy(4, q, p);
    d[3 * s] = Axpy(8, n, m) + g;
  }
  FOVEA_INLINE void Weights(Vec* d, int s) {
    const Vec a = d[0], b = d[s], c = d[2 * s];
    const Vec p = Times(-1.0f / 6, a + c), q = Times(-1.0f / 6, b), r = Times(1.0f / 24, Axpy(4, c, a)),
              t = Times(1.0f / 12, b);
    d[0] = Times(0.25f, a);
    d[s] = p + q;
    d[2 * s] = p - q;
    d[3 * s] = r + t;
    d[4 * s] = r - t;
    d[5 * s] = c;
  }
  FOVEA_INLINE void Gradient(Vec* d, int s) {
    const Vec a = d[0], b = d[s], c = d[2 * s], e = d[3 * s];
    const Vec p = Times(-1.0f / 6, a + c), q = Times(-1.0f / 6, b + e), r = Times(1.0f / 24, Axpy(4, c, a)),
              t = Times(1.0f / 12, Axpy(4, e, b));
    d[0] = Times(0.25f, a);
    d[s] = p + q;
    d[2 * s] = p - q;
    d[3 * s] = r + t;
    d[4 * s] = r - t;
    d[5 * s] = e;
  }
  FOVEA_INLINE void WeightGradient(Vec* d, int s) {
    const Vec a = d[0], g = d[5 * s], p = d[s] + d[2 * s], m = d[s] - d[2 * s], q = d[3 * s] + d[4 * s],
              n = d[3 * s] - d[4 * s];
    d[0] = a + p + q;
    d[s] = Axpy(2, n, m);
    d[2 * s] = Axpy(4, q, p) + g;
  }
};

// Where a tile lies: its first row and column, which may be outside the map, and its image.
struct Place {
  int64_t y, x;
  ptrdiff_t image;
};

template <int M>
FOVEA_INLINE Place PlaceOf(const TileGrid& grid, int64_t t) {
  const int64_t within = t % grid.per_image;
  return {grid.row0 + within / grid.columns * M, grid.col0 + within % grid.columns * M,
          t / grid.per_image * grid.image};
}

// The S x S values of a tile, rows T apart; zero outside the map. Without a branch for each value: rows outside are
// skipped, columns outside read from the row's start and masked.
template <int S, int T>
FOVEA_INLINE void LoadTile(const TileGrid& grid, const Place& at, const float* plane, Vec* d) {
  const float* map = plane + at.image;
  if (at.y >= 0 && at.x >= 0 && at.y + S <= grid.h && at.x + S <= grid.w) {
    const float* corner = map + (at.y * grid.w + at.x) * 16;
    FOVEA_UNROLL for (int i = 0; i < S; i++) {
      FOVEA_UNROLL for (int j = 0; j < S; j++) d[i * T + j] = LoadVec(corner + (i * grid.w + j) * 16);
    }
    return;
  }
  IntVec mask[S];
  ptrdiff_t column[S];
  FOVEA_UNROLL for (int j = 0; j < S; j++) {
    const bool inside = at.x + j >= 0 && at.x + j < grid.w;
    mask[j] = IntVec{} - (inside ? 1 : 0);
    column[j] = inside ? (at.x + j) * 16 : 0;
  }
  FOVEA_UNROLL for (int i = 0; i < S; i++) {
    if (at.y + i >= 0 && at.y + i < grid.h) {
      const float* row = map + (at.y + i) * grid.w * 16;
      FOVEA_UNROLL for (int j = 0; j < S; j++) {
        d[i * T + j] = reinterpret_cast<Vec>(reinterpret_cast<IntVec>(LoadVec(row + column[j])) & mask[j]);
      }
    } else {
      FOVEA_UNROLL for (int j = 0; j < S; j++) d[i * T + j] = Vec{};
    }
  }
}

// The S x S values of each tile, by a transform from S to M + 2 points: the input's or the gradient's.
template <int M, int S, void (*Transform)(Vec*, int)>
void TransformTiles(const TileGrid& grid, const TileRun& run, const float* map, float* to) {
  constexpr int T = M + 2;
  for (int64_t t = 0; t < run.count; t++) {
    const Place at = PlaceOf<M>(grid, run.first + t);
    for (int lane = 0; lane < 16; lane += kLanes) {
      Vec d[T * T];
      LoadTile<S, T>(grid, at, map + lane, d);
      FOVEA_UNROLL for (int j = 0; j < S; j++) Transform(d + j, T);
      FOVEA_UNROLL for (int i = 0; i < T; i++) {
        Transform(d + i * T, 1);
        FOVEA_UNROLL for (int j = 0; j < T; j++)
            StoreVec(to + (i * T + j) * run.f + t * 16 + lane, d[i * T + j]);
      }
    }
  }
}

template <int M, class Put>
FOVEA_INLINE void OutputTiles(const TileGrid& grid, const TileRun& run, const float* m, const float* bias,
                              float* y, const Put& put) {
  constexpr int T = M + 2;
  for (int64_t t = 0; t < run.count; t++) {
    const Place at = PlaceOf<M>(grid, run.first + t);
    const int64_t rows = grid.h - at.y < M ? grid.h - at.y : M,
                  columns = grid.w - at.x < M ? grid.w - at.x : M;
    for (int lane = 0; lane < 16; lane += kLanes) {
      Vec d[T * T];
      FOVEA_UNROLL for (int j = 0; j < T; j++) {
        FOVEA_UNROLL for (int i = 0; i < T; i++) d[i * T + j] =
            LoadVec(m + (i * T + j) * run.f + t * 16 + lane);
        Points<M>::Output(d + j, T);
      }
      const Vec shift = bias ? LoadVec(bias + lane) : Vec{};
      float* corner = y + at.image + (at.y * grid.w + at.x) * 16 + lane;
      FOVEA_UNROLL for (int i = 0; i < M; i++) {
        Points<M>::Output(d + i * T, 1);
        FOVEA_UNROLL for (int j = 0; j < M; j++) {
          if (i < rows && j < columns) put(corner + (i * grid.w + j) * 16, d[i * T + j] + shift);
        }
      }
    }
  }
}

template <int M>
void Output(const TileGrid& grid, const TileRun& run, const float* m, const Epilogue& end, float* y) {
  if (run.add) {
    OutputTiles<M>(grid, run, m, end.bias, y, [](float* to, Vec v) { StoreVec(to, LoadVec(to) + v); });
  } else if (end.other || end.rectifier) {
    OutputTiles<M>(grid, run, m, end.bias, y, [&](float* to, Vec v) {
      const Vec sum = end.other ? v + LoadVec(end.other + (to - y)) : v;
      const Vec last = end.rectifier ? RectifiedVec(sum, *end.rectifier) : sum;
      run.stream ? StreamVec(to, last) : StoreVec(to, last);
    });
    if (run.stream) FenceStores();
  } else if (run.stream) {
    OutputTiles<M>(grid, run, m, end.bias, y, [](float* to, Vec v) { StreamVec(to, v); });
    FenceStores();
  } else {
    OutputTiles<M>(grid, run, m, end.bias, y, [](float* to, Vec v) { StoreVec(to, v); });
  }
}

template <int M>
void Weights(const float* w, ptrdiff_t tap, float* u, ptrdiff_t f) {
  constexpr int T = M + 2;
  for (int i = 0; i < 256; i += kLanes) {
    Vec d[T * T];
    FOVEA_UNROLL for (int j = 0; j < 3; j++) {
      FOVEA_UNROLL for (int r = 0; r < 3; r++) d[r * T + j] = LoadVec(w + (r * 3 + j) * tap + i);
      Points<M>::Weights(d + j, T);
    }
    FOVEA_UNROLL for (int r = 0; r < T; r++) {
      Points<M>::Weights(d + r * T, 1);
      FOVEA_UNROLL for (int j = 0; j < T; j++) StoreVec(u + (r * T + j) * f + i, d[r * T + j]);
    }
  }
}

template <int M>
void WeightGradient(const float* from, ptrdiff_t f, float* dw) {
  constexpr int T = M + 2;
  for (int i = 0; i < 256; i += kLanes) {
    Vec d[T * T];
    FOVEA_UNROLL for (int j = 0; j < T; j++) {
      FOVEA_UNROLL for (int r = 0; r < T; r++) d[r * T + j] = LoadVec(from + (r * T + j) * f + i);
      Points<M>::WeightGradient(d + j, T);
    }
    FOVEA_UNROLL for (int r = 0; r < 3; r++) {
      Points<M>::WeightGradient(d + r * T, 1);
      FOVEA_UNROLL for (int j = 0; j < 3; j++) StoreVec(dw + (r * 3 + j) * 256 + i, d[r * T + j]);
    }
  }
}

template <int M>
constexpr WinogradTable TableFor() {
  return {TransformTiles<M, M + 2, Points<M>::Input>, Output<M>, TransformTiles<M, M, Points<M>::Gradient>,
          Weights<M>, WeightGradient<M>};
}

}  // namespace

void FillWinograd(WinogradTable& two, WinogradTable& four);
void FillWinograd(WinogradTable& two, WinogradTable& four) { two = TableFor<2>(), four = TableFor<4>(); }

}  // namespace fovea::FOVEA_ISA
