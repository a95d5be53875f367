// Products of tiles by VDPBF16PS: for every word of two numbers it fuses the upper product into the sum, then the lower one, denormal
// numbers as zeros. The terms of a tile stand so that a word holds two of the even ones, or two of the odd ones, the first above: the
// words of a row belong to the two chains by turns.
#include "fovea/kernels/isa/tile_product.h"

namespace fovea::FOVEA_ISA {
namespace {

FOVEA_INLINE IntVec Words(const Bfloat16* numbers) {
  return reinterpret_cast<IntVec>(LoadVec(reinterpret_cast<const float*>(numbers)));
}

FOVEA_INLINE Vec Dot(Vec sum, IntVec a, IntVec b) {
  return reinterpret_cast<Vec>(_mm512_dpbf16_ps(reinterpret_cast<__m512>(sum), reinterpret_cast<__m512bh>(a),
                                                reinterpret_cast<__m512bh>(b)));
}

// c[j] += a step of kRows rows beside J right factors b_j apart; tiles of c are c_j apart.
template <int kRows, int J>
FOVEA_INLINE void AddRows(const Bfloat16* a, const Bfloat16* b, ptrdiff_t b_j, float* c, ptrdiff_t c_j) {
  typedef int32_t Word __attribute__((may_alias, aligned(2)));
  Vec even[kRows][J] = {}, odd[kRows][J] = {};
#pragma GCC unroll 1
  for (int word = 0; word < 16; word += 2) {
    IntVec right_even[J], right_odd[J];
    FOVEA_UNROLL for (int j = 0; j < J; j++) {
      right_even[j] = Words(b + j * b_j + word * 32);
      right_odd[j] = Words(b + j * b_j + word * 32 + 32);
    }
    FOVEA_UNROLL for (int r = 0; r < kRows; r++) {
      const auto* left = reinterpret_cast<const Word*>(a + r * kTileTerms) + word;
      const IntVec left_even = IntVec{} + left[0], left_odd = IntVec{} + left[1];
      FOVEA_UNROLL for (int j = 0; j < J; j++) {
        even[r][j] = Dot(even[r][j], left_even, right_even[j]);
        odd[r][j] = Dot(odd[r][j], left_odd, right_odd[j]);
      }
    }
  }
  FOVEA_UNROLL for (int r = 0; r < kRows; r++) {
    FOVEA_UNROLL for (int j = 0; j < J; j++) {
      float* sum = c + j * c_j + r * 16;
      StoreVec(sum, LoadVec(sum) + (even[r][j] + odd[r][j]));
    }
  }
}

struct DotProducts : VectorUnit {
  template <int I, int J>
  static void Product(const TileProductArgs& s) {
    for (int tile = 0; tile < I * J && !s.add; tile++)
      __builtin_memset(s.c + tile / J * s.c_i + tile % J * s.c_j, 0, 1024);
    for (int64_t t = 0; t < s.count; t++) {
      for (int i = 0; i < I; i++) {
        const Bfloat16 *a = s.a + i * s.a_i + s.steps[t].a, *b = s.b + s.steps[t].b;
        float* c = s.c + i * s.c_i;
        // As many rows as fill the registers with sums.
        if constexpr (J == 2) {
          AddRows<6, J>(a, b, s.b_j, c, s.c_j);
          AddRows<6, J>(a + 6 * kTileTerms, b, s.b_j, c + 6 * 16, s.c_j);
          AddRows<4, J>(a + 12 * kTileTerms, b, s.b_j, c + 12 * 16, s.c_j);
        } else {
          AddRows<8, J>(a, b, s.b_j, c, s.c_j);
          AddRows<8, J>(a + 8 * kTileTerms, b, s.b_j, c + 8 * 16, s.c_j);
        }
      }
    }
  }
};

}  // namespace

void FillTileProducts(Bf16Table& table);
void FillTileProducts(Bf16Table& table) { FillTileProductsOf<DotProducts>(table); }

}  // namespace fovea::FOVEA_ISA
