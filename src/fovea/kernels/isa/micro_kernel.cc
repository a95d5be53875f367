#include "fovea/kernels/isa/table.h"
#include "fovea/kernels/isa/vec.h"

namespace fovea::FOVEA_ISA {
namespace {

// Accumulators that leave room for the operands among 32 or 16 registers; the emulated set spills in any
// case.
constexpr int kAccumulators = kLanes == 16 ? 28 : kLanes == 8 ? 12 : 16;

enum class Kind { kPixel, kOuter, kImage };

// A pointer that the compiler may not reason about: it would keep the addresses of all outputs, and spill them.
template <class T>
FOVEA_INLINE void Forget(T*& p) {
  asm volatile("" : "+r"(p));
}

template <int R, int X, int NB>
using Sums = Vec[R][X][NB * kVecs];

// Visits the sums with the places of their outputs.
template <int R, int X, int NB, class Visit>
FOVEA_INLINE void ForEachSum(const TileArgs& s, float* c, Sums<R, X, NB>& acc, Visit visit) {
  FOVEA_UNROLL for (int r = 0; r < R; r++) {
    float* to = c + r * s.c_r;
    FOVEA_UNROLL for (int x = 0; x < X; x++) {
      FOVEA_UNROLL for (int v = 0; v < NB * kVecs; v++) {
        const int j = v / kVecs, i = v % kVecs * kLanes;
        visit(acc[r][x][v], to + j * s.c_n + i, j * 16 + i);
      }
      to += s.c_m;
      Forget(to);
    }
  }
}

// Maps come from memory, in pieces too short for the machine to foresee: a tile fetches their lines long before they are read.
constexpr ptrdiff_t kPixelsAhead = 128, kTilesAhead = 2;

template <int R, int X, int NB, Kind K>
void Tile(const TileArgs& s) {
  constexpr int V = NB * kVecs;
  const ptrdiff_t a_m = K == Kind::kImage ? s.a_m : K == Kind::kOuter ? 1 : 16;
  const ptrdiff_t a_r = s.a_r, a_k = K == Kind::kOuter ? s.a_k : 1, b_n = s.b_n;
  const float* a0 = s.a;
  float* c = s.c;
  for (int64_t n = s.repeat; n > 0; n--, a0 += X * a_m, c += X * s.c_m) {
    Sums<R, X, NB> acc;
    ForEachSum<R, X, NB>(s, c, acc, [&](Vec& sum, float* at, int lane) {
      if constexpr (K == Kind::kPixel && kLanes == 16) FetchToWrite(at);
      sum = s.add ? LoadVec(at) : s.bias ? LoadVec(s.bias + lane) : Vec{};
    });
    for (int64_t t = 0; t < s.count; t++) {
      const float* a = a0 + s.taps[t].a;
      const float* b = s.b + s.taps[t].b;
      ptrdiff_t ahead = kTilesAhead * X * 16;
#pragma GCC unroll 1
      for (int64_t q = s.taps[t].k; q > 0; q--) {
        if constexpr (K == Kind::kOuter) {
          Fetch(a, kPixelsAhead * a_k);
          FOVEA_UNROLL for (int j = 0; j < NB; j++) Fetch(b, j * b_n + kPixelsAhead * 16);
        } else if constexpr (K == Kind::kPixel && R == 1) {
          Fetch(a0 + s.taps[t].a, ahead);
          ahead += 16;
        }
        Vec w[V];
        FOVEA_UNROLL for (int v = 0; v < V; v++) w[v] = LoadVec(b + v / kVecs * b_n + v % kVecs * kLanes);
        FOVEA_UNROLL for (int r = 0; r < R; r++) {
          FOVEA_UNROLL for (int x = 0; x < X; x++) {
            const Vec m = SplatVec(a[r * a_r + x * a_m]);
            FOVEA_UNROLL for (int v = 0; v < V; v++) acc[r][x][v] = FmaVec(m, w[v], acc[r][x][v]);
          }
        }
        a += a_k;
        b += 16;
      }
    }
    ForEachSum<R, X, NB>(s, c, acc, [](Vec& sum, float* at, int) { StoreVec(at, sum); });
  }
}

template <int R, int X, int NB, Kind K>
constexpr TileFn TileOrNull() {
  if constexpr (R * X * NB * kVecs <= kAccumulators && (kLanes == 16 || NB == 1)) {
    return Tile<R, X, NB, K>;
  } else {
    return nullptr;
  }
}

template <int R, int X, int NB>
void FillTiles(KernelTable& table) {
  table.pixel[R][X][NB] = TileOrNull<R, X, NB, Kind::kPixel>();
  if constexpr (R == 1) {
    table.outer[X][NB] = TileOrNull<R, X, NB, Kind::kOuter>();
    table.image[X][NB] = TileOrNull<R, X, NB, Kind::kImage>();
  }
  if constexpr (X < kMaxTilePixels) FillTiles<R, X + 1, NB>(table);
}

void FmaAll(const float* a, const float* b, float* c, int64_t count) {
  for (int64_t i = 0; i < count; i += kLanes) {
    StoreVec(c + i, FmaVec(LoadVec(a + i), LoadVec(b + i), LoadVec(c + i)));
  }
}

float Peak(int64_t rounds) {
  constexpr int kChains = kLanes == 16 ? 16 : 8;
  Vec acc[kChains];
  const Vec m = SplatVec(0.999f), d = SplatVec(0.001f);
  FOVEA_UNROLL for (int i = 0; i < kChains; i++) acc[i] = SplatVec(static_cast<float>(i));
  for (int64_t r = rounds * 64 * kVecs / kChains; r > 0; r--) {
    FOVEA_UNROLL for (int i = 0; i < kChains; i++) acc[i] = FmaVec(acc[i], m, d);
  }
  Vec sum{};
  FOVEA_UNROLL for (int i = 0; i < kChains; i++) sum += acc[i];
  return sum[0];
}

void Copy(const float* from, int64_t count, float* to) {
  for (int64_t i = 0; i < count; i += 16) Stream(to + i, Load(from + i));
  FenceStores();
}

}  // namespace

void FillPlanes(PlaneTable<float>& table);  // plane.cc
void FillPlanes(PlaneTable<Bfloat16>& table);
void FillDepthwise(DepthwiseTable<float>& table);  // depthwise.cc
void FillDepthwise(DepthwiseTable<Bfloat16>& table);
void FillPointwise(PointwiseTable<float>& table);  // pointwise.cc
void FillPointwise(PointwiseTable<Bfloat16>& table);
void FillBinary(BinaryTable<float>& table);  // binary.cc
void FillBinary(BinaryTable<Bfloat16>& table);
void FillChannelNorm(ChannelNormTable<float>& table);  // channel_norm.cc
void FillChannelNorm(ChannelNormTable<Bfloat16>& table);
void FillMix(MixFn<float>& mix);  // mix.cc
void FillMix(MixFn<Bfloat16>& mix);
void FillResponse(ResponseTable& table);                                         // response.cc
void FillRows(RowTable& table);                                                  // row.cc
void FillUpdates(UpdateTable& table);                                            // update.cc
void FillBf16(Bf16Table& table);                                                 // bf16.cc
void FillWinograd(WinogradTable& two, WinogradTable& four);                      // winograd.cc
void FillStridedWinograd(WinogradTable& forward, WinogradTable& backward_data);  // winograd_strided.cc

template <class T>
static void FillMaps(MapTable<T>& table) {
  FillPlanes(table.plane);
  FillDepthwise(table.depthwise);
  FillPointwise(table.pointwise);
  FillBinary(table.binary);
  FillChannelNorm(table.channel_norm);
  FillMix(table.mix);
}

void FillTranspose(KernelTable& table);  // transpose.cc
void FillTable(KernelTable& table);
void FillTable(KernelTable& table) {
  FillTiles<1, 1, 1>(table);
  FillTiles<2, 1, 1>(table);
  FillTiles<4, 1, 1>(table);
  FillTiles<1, 1, 2>(table);
  FillTiles<2, 1, 2>(table);
  FillTiles<4, 1, 2>(table);
  constexpr int kMost = kAccumulators / kVecs;
  table.max_pixels[1] = kMost < kMaxTilePixels ? kMost : kMaxTilePixels;
  table.max_pixels[2] = kLanes == 16 ? kMaxTilePixels : 0;
  FillMaps(table.single);
  FillMaps(table.half);
  FillRows(table.row);
  FillResponse(table.response);
  FillUpdates(table.update);
  FillBf16(table.bf16);
  FillWinograd(table.winograd2, table.winograd4);
  FillStridedWinograd(table.winograd_strided, table.winograd_strided_backward);
  FillTranspose(table);
  table.fma = FmaAll;
  table.peak = Peak;
  table.copy = Copy;
  table.name = FOVEA_ISA_NAME;
}

}  // namespace fovea::FOVEA_ISA
