// The transforms of Winograd's convolution over tiles, made of those along an axis: down the columns of a tile, then along
// its rows.
//
// `Axis` has, each in place on d[0], d[s], d[2s], ... :
//   Input           kSource values of the map that is read -> kInputs
//   Output          kOutputs -> kTile values of the map that is written
//   Weights         3 -> kWeights
// and, where weight gradients are taken too,
//   Gradient        kTile -> kOutputs
//   WeightGradient  kWeights -> 3
// Tiles stand kStep source values apart.
#pragma once

#include "fovea/kernels/isa/normalised.h"
#include "fovea/kernels/isa/winograd.h"

namespace fovea::FOVEA_ISA {
namespace {

FOVEA_INLINE Vec Times(float factor, Vec x) { return SplatVec(factor) * x; }
// factor*x + y, rounded once.
FOVEA_INLINE Vec Axpy(float factor, Vec x, Vec y) { return FmaVec(SplatVec(factor), x, y); }

// Where a tile lies: its first row and column, which may be outside the map, and its image.
struct Place {
  int64_t y, x;
  ptrdiff_t image;
};

template <int Step>
FOVEA_INLINE Place PlaceOf(const TileGrid& grid, int64_t t) {
  const int64_t within = t % grid.per_image;
  return {grid.row0 + within / grid.columns * Step, grid.col0 + within % grid.columns * Step,
          t / grid.per_image * grid.image};
}

// The S x S values of a tile, rows T apart, as `read` takes them; zero outside the map. Without a branch for each value: rows
// outside are skipped, columns outside read from the row's start and masked.
template <int S, int T, class Read>
FOVEA_INLINE void LoadTile(const TileGrid& grid, const Place& at, const float* plane, const Read& read,
                           Vec* d) {
  const float* map = plane + at.image;
  if (at.y >= 0 && at.x >= 0 && at.y + S <= grid.h && at.x + S <= grid.w) {
    const float* corner = map + (at.y * grid.w + at.x) * 16;
    FOVEA_UNROLL for (int i = 0; i < S; i++) {
      FOVEA_UNROLL for (int j = 0; j < S; j++) d[i * T + j] = read(LoadVec(corner + (i * grid.w + j) * 16));
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
        d[i * T + j] =
            reinterpret_cast<Vec>(reinterpret_cast<IntVec>(read(LoadVec(row + column[j]))) & mask[j]);
      }
    } else {
      FOVEA_UNROLL for (int j = 0; j < S; j++) d[i * T + j] = Vec{};
    }
  }
}

// The S x S values of each tile, by a transform from S to V values: the input's or the gradient's. reader(lane): what takes the
// map's values from that lane on.
template <int Step, int S, int V, void (*Transform)(Vec*, int), class Reader>
FOVEA_INLINE void TransformTiles(const TileGrid& grid, const TileRun& run, const float* map,
                                 const Reader& reader, float* to) {
  constexpr int T = S > V ? S : V;
  for (int64_t t = 0; t < run.count; t++) {
    const Place at = PlaceOf<Step>(grid, run.first + t);
    for (int lane = 0; lane < 16; lane += kLanes) {
      Vec d[T * T];
      LoadTile<S, T>(grid, at, map + lane, reader(lane), d);
      FOVEA_UNROLL for (int j = 0; j < S; j++) Transform(d + j, T);
      FOVEA_UNROLL for (int i = 0; i < V; i++) {
        Transform(d + i * T, 1);
        FOVEA_UNROLL for (int j = 0; j < V; j++)
            StoreVec(to + (i * V + j) * run.f + t * 16 + lane, d[i * T + j]);
      }
    }
  }
}

FOVEA_INLINE auto AsItIs(int) {
  return [](Vec x) { return x; };
}

template <class Axis>
void Input(const TileGrid& grid, const TileRun& run, const Normalisation* norm, int64_t c, const float* x,
           float* v) {
  constexpr int kStep = Axis::kStep, kSource = Axis::kSource, kInputs = Axis::kInputs;
  if (norm == nullptr) return TransformTiles<kStep, kSource, kInputs, Axis::Input>(grid, run, x, AsItIs, v);
  TransformTiles<kStep, kSource, kInputs, Axis::Input>(
      grid, run, x,
      [&](int lane) { return [n = NormVec(*norm, c + lane)](Vec value) { return NormVec::Of(n, value); }; },
      v);
}

template <class Axis>
void Gradient(const TileGrid& grid, const TileRun& run, const float* dy, float* g) {
  TransformTiles<Axis::kTile, Axis::kTile, Axis::kOutputs, Axis::Gradient>(grid, run, dy, AsItIs, g);
}

template <class Axis, class Put>
FOVEA_INLINE void OutputTiles(const TileGrid& grid, const TileRun& run, const float* m, const float* bias,
                              float* y, const Put& put) {
  constexpr int T = Axis::kOutputs, M = Axis::kTile;
  for (int64_t t = 0; t < run.count; t++) {
    const Place at = PlaceOf<M>(grid, run.first + t);
    const int64_t top = at.y < 0 ? -at.y : 0, left = at.x < 0 ? -at.x : 0;
    const int64_t rows = grid.h - at.y < M ? grid.h - at.y : M,
                  columns = grid.w - at.x < M ? grid.w - at.x : M;
    for (int lane = 0; lane < 16; lane += kLanes) {
      Vec d[T * T];
      FOVEA_UNROLL for (int j = 0; j < T; j++) {
        FOVEA_UNROLL for (int i = 0; i < T; i++) d[i * T + j] =
            LoadVec(m + (i * T + j) * run.f + t * 16 + lane);
        Axis::Output(d + j, T);
      }
      const Vec shift = bias ? LoadVec(bias + lane) : Vec{};
      float* corner = y + at.image + (at.y * grid.w + at.x) * 16 + lane;
      FOVEA_UNROLL for (int i = 0; i < M; i++) {
        Axis::Output(d + i * T, 1);
        FOVEA_UNROLL for (int j = 0; j < M; j++) {
          if (i >= top && i < rows && j >= left && j < columns)
            put(corner + (i * grid.w + j) * 16, d[i * T + j] + shift);
        }
      }
    }
  }
}

template <class Axis>
void Output(const TileGrid& grid, const TileRun& run, const float* m, const Epilogue& end, float* y) {
  if (run.add) {
    OutputTiles<Axis>(grid, run, m, end.bias, y, [](float* to, Vec v) { StoreVec(to, LoadVec(to) + v); });
  } else if (end.other || end.rectifier) {
    OutputTiles<Axis>(grid, run, m, end.bias, y, [&](float* to, Vec v) {
      const Vec sum = end.other ? v + LoadVec(end.other + (to - y)) : v;
      const Vec last = end.rectifier ? RectifiedVec(sum, *end.rectifier) : sum;
      run.stream ? StreamVec(to, last) : StoreVec(to, last);
    });
    if (run.stream) FenceStores();
  } else if (run.stream) {
    OutputTiles<Axis>(grid, run, m, end.bias, y, [](float* to, Vec v) { StreamVec(to, v); });
    FenceStores();
  } else {
    OutputTiles<Axis>(grid, run, m, end.bias, y, [](float* to, Vec v) { StoreVec(to, v); });
  }
}

template <class Axis>
void Weights(const float* w, ptrdiff_t tap, float* u, ptrdiff_t f) {
  constexpr int T = Axis::kWeights;
  for (int i = 0; i < 256; i += kLanes) {
    Vec d[T * T];
    FOVEA_UNROLL for (int j = 0; j < 3; j++) {
      FOVEA_UNROLL for (int r = 0; r < 3; r++) d[r * T + j] = LoadVec(w + (r * 3 + j) * tap + i);
      Axis::Weights(d + j, T);
    }
    FOVEA_UNROLL for (int r = 0; r < T; r++) {
      Axis::Weights(d + r * T, 1);
      FOVEA_UNROLL for (int j = 0; j < T; j++) StoreVec(u + (r * T + j) * f + i, d[r * T + j]);
    }
  }
}

template <class Axis>
void WeightGradient(const float* from, ptrdiff_t f, float* dw) {
  constexpr int T = Axis::kWeights;
  for (int i = 0; i < 256; i += kLanes) {
    Vec d[T * T];
    FOVEA_UNROLL for (int j = 0; j < T; j++) {
      FOVEA_UNROLL for (int r = 0; r < T; r++) d[r * T + j] = LoadVec(from + (r * T + j) * f + i);
      Axis::WeightGradient(d + j, T);
    }
    FOVEA_UNROLL for (int r = 0; r < 3; r++) {
      Axis::WeightGradient(d + r * T, 1);
      FOVEA_UNROLL for (int j = 0; j < 3; j++) StoreVec(dw + (r * 3 + j) * 256 + i, d[r * T + j]);
    }
  }
}

template <class Axis>
constexpr WinogradTable TableFor() {
  return {Input<Axis>, Output<Axis>, nullptr, Weights<Axis>, nullptr};
}

template <class Axis>
constexpr WinogradTable TableWithGradients() {
  WinogradTable table = TableFor<Axis>();
  table.gradient = Gradient<Axis>;
  table.weight_gradient = WeightGradient<Axis>;
  return table;
}

}  // namespace
}  // namespace fovea::FOVEA_ISA
