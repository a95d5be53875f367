// Products of tiles by VDPBF16PS. For every word of two numbers it fuses the upper product into the sum, then the lower one, denormal
// numbers as zeros: so two terms that follow each other in a chain are put into one word, the first above.
#include "fovea/kernels/isa/tile_product.h"

namespace fovea::FOVEA_ISA {
namespace {

constexpr int kWords = 8;  // of a chain of 16 terms

// A tile of the left factor: each row has its words of even and of odd terms by turns.
struct alignas(64) LeftWords {
  int32_t of[kTileRows][2 * kWords];
};

// One of the right: a vector of 16 columns for each word of even and of odd terms.
struct RightWords {
  IntVec even[kWords], odd[kWords];
};

FOVEA_INLINE IntVec Words(const Bfloat16* numbers) {
  return reinterpret_cast<IntVec>(LoadVec(reinterpret_cast<const float*>(numbers)));
}

FOVEA_INLINE void Read(const Bfloat16* tile, LeftWords& a) {
  typedef uint16_t Numbers __attribute__((vector_size(64), may_alias));
  for (int row = 0; row < kTileRows; row++) {
    const auto n = reinterpret_cast<Numbers>(Words(tile + row * kTileTerms));
    *reinterpret_cast<Numbers*>(a.of[row]) =
        __builtin_shufflevector(n, n, 2, 0, 3, 1, 6, 4, 7, 5, 10, 8, 11, 9, 14, 12, 15, 13, 18, 16, 19, 17,
                                22, 20, 23, 21, 26, 24, 27, 25, 30, 28, 31, 29);
  }
}

FOVEA_INLINE void Read(const Bfloat16* tile, RightWords& b) {
  for (int word = 0; word < kWords; word++) {
    const IntVec first = Words(tile + word * 64), second = Words(tile + word * 64 + 32);
    b.even[word] = first << 16 | (second & 0xffff);
    b.odd[word] = (first & -65536) | (second >> 16 & 0xffff);
  }
}

FOVEA_INLINE Vec Dot(Vec sum, IntVec a, IntVec b) {
  return reinterpret_cast<Vec>(_mm512_dpbf16_ps(reinterpret_cast<__m512>(sum), reinterpret_cast<__m512bh>(a),
                                                reinterpret_cast<__m512bh>(b)));
}

// Rows of a left factor that are summed at a time, beside J right ones: four vectors of sums for each of four rows.
template <int J>
constexpr int kRowsAtATime = 8 / J;

// c[j] += the step, for rows from `row` on; tiles of c are c_j apart.
template <int J>
FOVEA_INLINE void AddRows(const LeftWords& a, int row, const RightWords* b, float* c, ptrdiff_t c_j) {
  constexpr int kRows = kRowsAtATime<J>;
  Vec even[kRows][J] = {}, odd[kRows][J] = {};
#pragma GCC unroll 1
  for (int word = 0; word < kWords; word++) {
    FOVEA_UNROLL for (int r = 0; r < kRows; r++) {
      const IntVec x = IntVec{} + a.of[row + r][2 * word], z = IntVec{} + a.of[row + r][2 * word + 1];
      FOVEA_UNROLL for (int j = 0; j < J; j++) {
        even[r][j] = Dot(even[r][j], x, b[j].even[word]);
        odd[r][j] = Dot(odd[r][j], z, b[j].odd[word]);
      }
    }
  }
  FOVEA_UNROLL for (int r = 0; r < kRows; r++) {
    FOVEA_UNROLL for (int j = 0; j < J; j++) {
      float* sum = c + j * c_j + (row + r) * 16;
      StoreVec(sum, LoadVec(sum) + (even[r][j] + odd[r][j]));
    }
  }
}

struct DotProducts {
  template <int I, int J>
  static void Product(const TileProductArgs& s) {
    for (int tile = 0; tile < I * J && !s.add; tile++)
      __builtin_memset(s.c + tile / J * s.c_i + tile % J * s.c_j, 0, 1024);
    for (int64_t t = 0; t < s.count; t++) {
      RightWords b[J];
      for (int j = 0; j < J; j++) Read(s.b + j * s.b_j + s.steps[t].b, b[j]);
      for (int i = 0; i < I; i++) {
        LeftWords a;
        Read(s.a + i * s.a_i + s.steps[t].a, a);
        for (int row = 0; row < kTileRows; row += kRowsAtATime<J>)
          AddRows<J>(a, row, b, s.c + i * s.c_i, s.c_j);
      }
    }
  }

  static uint64_t Begin() { return FlushDenormals(); }
  static void End(uint64_t control) { RestoreDenormals(control); }
};

}  // namespace

void FillTileProducts(Bf16Table& table);
void FillTileProducts(Bf16Table& table) { FillTileProductsOf<DotProducts>(table); }

}  // namespace fovea::FOVEA_ISA
