// Products of tiles by fused multiply-adds of single precision.
#include "fovea/kernels/isa/tile_product.h"

namespace fovea::FOVEA_ISA {
namespace {

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

struct FusedMultiplyAdd : VectorUnit {
  template <int I, int J>
  static void Product(const TileProductArgs& s) {
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
};

}  // namespace

void FillTileProducts(Bf16Table& table);
void FillTileProducts(Bf16Table& table) { FillTileProductsOf<FusedMultiplyAdd>(table); }

}  // namespace fovea::FOVEA_ISA
