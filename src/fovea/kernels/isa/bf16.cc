#include "fovea/kernels/isa/bf16.h"

#include "fovea/kernels/isa/normalised.h"
#include "fovea/kernels/isa/vec.h"

namespace fovea::FOVEA_ISA {
namespace {

FOVEA_INLINE HalfVec Numbers(const Bfloat16* x) { return *reinterpret_cast<const HalfVec*>(x); }
FOVEA_INLINE HalfVec Numbers(const float* x) { return RoundedVec(LoadVec(x)); }

// Calls put(low, high, to) for the lanes from `lane` on of all rows.
template <class T, class ReadLow, class ReadHigh, class Put>
FOVEA_INLINE void ForEachRow(const TileRows<T>& s, int lane, const ReadLow& read_low,
                             const ReadHigh& read_high, const Put& put) {
  const ptrdiff_t step = s.step * 16;
  for (int64_t i = 0; i < s.count; i++) {
    const HalfVec high = s.high ? read_high(s.high + lane + i * step) : HalfVec{};
    put(read_low(s.low + lane + i * step), high, s.to + i * s.to_step);
  }
}

// put(lane, low, high, to): so for all lanes.
template <class T, class Put>
FOVEA_INLINE void ReadRows(const TileRows<T>& s, const Put& put) {
  for (int lane = 0; lane < 16; lane += kLanes) {
    const auto here = [&](HalfVec low, HalfVec high, Bfloat16* to) { put(lane, low, high, to); };
    const auto as_it_is = [](const T* x) { return Numbers(x); };
    if (s.norm == nullptr) {
      ForEachRow(s, lane, as_it_is, as_it_is, here);
      continue;
    }
    const NormVec low(*s.norm, s.low_channel + lane), high(*s.norm, s.high_channel + lane);
    ForEachRow(
        s, lane, [&](const T* x) { return RoundedVec(NormVec::Of(low, LoadVec(x))); },
        [&](const T* x) { return RoundedVec(NormVec::Of(high, LoadVec(x))); }, here);
  }
}

template <class T>
void Row(const TileRows<T>& rows) {
  ReadRows(rows, [](int lane, HalfVec low, HalfVec high, Bfloat16* to) {
    *reinterpret_cast<HalfVec*>(to + lane) = low;
    *reinterpret_cast<HalfVec*>(to + 16 + lane) = high;
  });
}

template <class T>
void Pair(const TileRows<T>& rows) {
  ReadRows(rows, [](int lane, HalfVec low, HalfVec high, Bfloat16* to) {
    const IntVec both = __builtin_convertvector(low, IntVec) | __builtin_convertvector(high, IntVec) << 16;
    StoreVec(reinterpret_cast<float*>(to + 2 * lane), reinterpret_cast<Vec>(both));
  });
}

void Put(const float* tile, int64_t rows, const TileEnd& end, Bfloat16* to, ptrdiff_t to_step) {
  const Block bias = end.bias ? Load(end.bias) : Splat(0);
  for (int64_t row = 0; row < rows; row++) {
    Block sum = Load(tile + row * 16) + bias;
    if (end.other) sum = sum + Load(end.other + row * to_step);
    if (end.rectifier) {
      FOVEA_EACH_VEC sum.v[i] = RectifiedVec(sum.v[i], *end.rectifier);
    }
    Store(to + row * to_step, sum);
  }
}

// Denormal numbers in and out become 0 until Restore with what Flush returned.
#if defined(__x86_64__)
uint64_t FlushDenormals() {
  const unsigned control = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(control | 0x8040);
  return control;
}
void RestoreDenormals(uint64_t control) { __builtin_ia32_ldmxcsr(static_cast<unsigned>(control)); }
#else
uint64_t FlushDenormals() {
  uint64_t control;
  asm volatile("mrs %0, fpcr" : "=r"(control));
  asm volatile("msr fpcr, %0" ::"r"(control | uint64_t{1} << 24));
  return control;
}
void RestoreDenormals(uint64_t control) { asm volatile("msr fpcr, %0" ::"r"(control)); }
#endif

#if defined(__AMX_BF16__)

struct alignas(64) TileConfig {
  uint8_t palette = 1, start = 0, reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
constexpr TileConfig kTileConfig;

uint64_t Begin() {
  _tile_loadconfig(&kTileConfig);
  return FlushDenormals();
}

void End(uint64_t control) {
  _tile_release();
  RestoreDenormals(control);
}

// Tiles 0 to 3 sum; 4 and 5 hold left factors, 6 and 7 right ones.
template <int I, int J>
void Product(const TileProductArgs& s) {
  if (s.add) {
    _tile_loadd(0, s.c, 64);
    if constexpr (J == 2) _tile_loadd(1, s.c + s.c_j, 64);
    if constexpr (I == 2) _tile_loadd(2, s.c + s.c_i, 64);
    if constexpr (I == 2 && J == 2) _tile_loadd(3, s.c + s.c_i + s.c_j, 64);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  const Bfloat16 *a = s.a, *b = s.b;
  const ptrdiff_t a_i = s.a_i, b_j = s.b_j;
  for (const TileStep *step = s.steps, *end = step + s.count; step != end; step++) {
    _tile_loadd(4, a + step->a, 64);
    _tile_loadd(6, b + step->b, 64);
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (J == 2) {
      _tile_loadd(7, b + b_j + step->b, 64);
      _tile_dpbf16ps(1, 4, 7);
    }
    if constexpr (I == 2) {
      _tile_loadd(5, a + a_i + step->a, 64);
      _tile_dpbf16ps(2, 5, 6);
      if constexpr (J == 2) _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_stored(0, s.c, 64);
  if constexpr (J == 2) _tile_stored(1, s.c + s.c_j, 64);
  if constexpr (I == 2) _tile_stored(2, s.c + s.c_i, 64);
  if constexpr (I == 2 && J == 2) _tile_stored(3, s.c + s.c_i + s.c_j, 64);
}

#else

// Rows of a left factor that are summed at a time: two sums of 16 columns each, in registers.
constexpr int kRowsAtATime = kLanes == 16 ? 8 : kLanes == 8 ? 2 : 1;

FOVEA_INLINE void AddStep(const Bfloat16* a, const Bfloat16* b, float* c) {
  typedef uint32_t Word __attribute__((may_alias, aligned(2)));
  for (int row = 0; row < kTileRows; row += kRowsAtATime) {
    Vec even[kRowsAtATime][kVecs] = {}, odd[kRowsAtATime][kVecs] = {};
#pragma GCC unroll 1
    for (int pair = 0; pair < 16; pair++) {
      IntVec w[kVecs];
      FOVEA_EACH_VEC w[i] =
          reinterpret_cast<IntVec>(LoadVec(reinterpret_cast<const float*>(b) + pair * 16 + i * kLanes));
      FOVEA_UNROLL for (int r = 0; r < kRowsAtATime; r++) {
        const IntVec both =
            IntVec{} + static_cast<int32_t>(reinterpret_cast<const Word*>(a)[(row + r) * 16 + pair]);
        const Vec x = reinterpret_cast<Vec>(both << 16), z = reinterpret_cast<Vec>(both & -65536);
        FOVEA_EACH_VEC even[r][i] = FmaVec(x, reinterpret_cast<Vec>(w[i] << 16), even[r][i]);
        FOVEA_EACH_VEC odd[r][i] = FmaVec(z, reinterpret_cast<Vec>(w[i] & -65536), odd[r][i]);
      }
    }
    FOVEA_UNROLL for (int r = 0; r < kRowsAtATime; r++) {
      FOVEA_EACH_VEC {
        float* sum = c + (row + r) * 16 + i * kLanes;
        StoreVec(sum, LoadVec(sum) + (even[r][i] + odd[r][i]));
      }
    }
  }
}

template <int I, int J>
void Product(const TileProductArgs& s) {
  for (int i = 0; i < I; i++) {
    for (int j = 0; j < J; j++) {
      float* c = s.c + i * s.c_i + j * s.c_j;
      if (!s.add) __builtin_memset(c, 0, 1024);
      for (int64_t t = 0; t < s.count; t++) {
        AddStep(s.a + i * s.a_i + s.steps[t].a, s.b + j * s.b_j + s.steps[t].b, c);
      }
    }
  }
}

uint64_t Begin() { return FlushDenormals(); }
void End(uint64_t control) { RestoreDenormals(control); }

#endif

}  // namespace

void FillBf16(Bf16Table& table);
void FillBf16(Bf16Table& table) {
  table.begin = Begin;
  table.end = End;
  table.product[1][1] = Product<1, 1>;
  table.product[1][2] = Product<1, 2>;
  table.product[2][1] = Product<2, 1>;
  table.product[2][2] = Product<2, 2>;
  table.single = {Row<float>, Pair<float>};
  table.half = {Row<Bfloat16>, Pair<Bfloat16>};
  table.put = Put;
}

}  // namespace fovea::FOVEA_ISA
