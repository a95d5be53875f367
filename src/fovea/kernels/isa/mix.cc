#include "fovea/kernels/isa/mix.h"

#include "fovea/kernels/isa/vec.h"

namespace fovea::FOVEA_ISA {
namespace {

template <class T>
FOVEA_INLINE Block RowSum(const PlaneMix& mix, int64_t p, int64_t q, const T* x, Block sum) {
  for (int32_t a = mix.rows.start[p]; a < mix.rows.start[p + 1]; a++) {
    const T* row = x + mix.rows.at[a] * mix.width * 16;
    for (int32_t b = mix.columns.start[q]; b < mix.columns.start[q + 1]; b++)
      sum = Fma(Splat(mix.rows.weight[a] * mix.columns.weight[b]), Load(row + mix.columns.at[b] * 16), sum);
  }
  return sum;
}

template <class T>
void Mix(const PlaneMix& mix, const T* x, bool accumulate, T* y) {
  const PlaneMix m = mix;
  for (int64_t p = 0; p < m.rows.places; p++) {
    for (int64_t q = 0; q < m.columns.places; q++) {
      Store(y, RowSum(m, p, q, x, accumulate ? Load(y) : Block{}));
      y += 16;
    }
  }
}

}  // namespace

void FillMix(MixFn<float>& mix);
void FillMix(MixFn<Bfloat16>& mix);
void FillMix(MixFn<float>& mix) { mix = Mix<float>; }
void FillMix(MixFn<Bfloat16>& mix) { mix = Mix<Bfloat16>; }

}  // namespace fovea::FOVEA_ISA
