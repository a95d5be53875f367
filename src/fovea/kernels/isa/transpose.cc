#include "fovea/kernels/isa/table.h"
#include "fovea/kernels/isa/vec.h"

namespace fovea::FOVEA_ISA {
namespace {

#if defined(__AVX512F__)

// Four rounds: each exchanges one bit of the rows' numbers with one of the columns'.
void Transpose(void* block) {
  auto* words = static_cast<uint32_t*>(block);
  const IntVec lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  __m512i r[16];
  FOVEA_UNROLL for (int i = 0; i < 16; i++) r[i] = _mm512_loadu_si512(words + i * 16);
  FOVEA_UNROLL for (int bit = 1; bit < 16; bit *= 2) {
    const IntVec upper = (lane & bit) == 0 ? lane : lane - bit + 16;
    const IntVec lower = (lane & bit) == 0 ? lane + bit : lane + 16;
    FOVEA_UNROLL for (int i = 0; i < 16; i++) {
      if ((i & bit) != 0) continue;
      const __m512i a = r[i], b = r[i + bit];
      r[i] = _mm512_permutex2var_epi32(a, reinterpret_cast<__m512i>(upper), b);
      r[i + bit] = _mm512_permutex2var_epi32(a, reinterpret_cast<__m512i>(lower), b);
    }
  }
  FOVEA_UNROLL for (int i = 0; i < 16; i++) _mm512_storeu_si512(words + i * 16, r[i]);
}

#else

void Transpose(void* block) {
  uint32_t from[256], to[256];
  __builtin_memcpy(from, block, sizeof from);
  for (int i = 0; i < 256; i++) to[i] = from[i % 16 * 16 + i / 16];
  __builtin_memcpy(block, to, sizeof to);
}

#endif

}  // namespace

void FillTranspose(KernelTable& table);
void FillTranspose(KernelTable& table) { table.transpose = Transpose; }

}  // namespace fovea::FOVEA_ISA
