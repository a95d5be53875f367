#include "fovea/kernels/isa/bf16.h"

#include "fovea/kernels/isa/normalised.h"
#include "fovea/kernels/isa/vec.h"

namespace fovea::FOVEA_ISA {
namespace {

// VDPBF16PS adds two neighbouring numbers to one sum, the upper one first (tile_product_avx512_bf16.cc): they are terms of one chain.
#if defined(__AVX512BF16__) && !defined(__AMX_BF16__)
constexpr uint8_t kTerms[4] = {2, 0, 3, 1};
FOVEA_INLINE HalfVec InOrder(HalfVec x) {
  return __builtin_shufflevector(x, x, 2, 0, 3, 1, 6, 4, 7, 5, 10, 8, 11, 9, 14, 12, 15, 13);
}
#else
constexpr uint8_t kTerms[4] = {0, 1, 2, 3};
FOVEA_INLINE HalfVec InOrder(HalfVec x) { return x; }
#endif

FOVEA_INLINE HalfVec Numbers(const Bfloat16* x) { return *reinterpret_cast<const HalfVec*>(x); }
FOVEA_INLINE HalfVec Numbers(const float* x) { return RoundedVec(LoadVec(x)); }

// Calls put(low, high, to) for the lanes from `lane` on of all rows.
template <class T, class ReadLow, class ReadHigh, class Put>
FOVEA_INLINE void ForEachRow(const TileRows<T>& s, int lane, const ReadLow& read_low,
                             const ReadHigh& read_high, const Put& put) {
  const ptrdiff_t step = s.step * 16;
  for (int64_t i = 0; i < s.count; i++) {
    const HalfVec low = s.low ? read_low(s.low + lane + i * step) : HalfVec{};
    const HalfVec high = s.high ? read_high(s.high + lane + i * step) : HalfVec{};
    put(low, high, s.to + i * s.to_step);
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
    *reinterpret_cast<HalfVec*>(to + lane) = InOrder(low);
    *reinterpret_cast<HalfVec*>(to + 16 + lane) = InOrder(high);
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

}  // namespace

void FillTileProducts(Bf16Table& table);
void FillBf16(Bf16Table& table);
void FillBf16(Bf16Table& table) {
  __builtin_memcpy(table.terms, kTerms, sizeof kTerms);
  FillTileProducts(table);
  table.single = {Row<float>, Pair<float>};
  table.half = {Row<Bfloat16>, Pair<Bfloat16>};
  table.put = Put;
}

}  // namespace fovea::FOVEA_ISA
