#include "fovea/kernels/isa/row.h"

#include "fovea/kernels/isa/exp.h"
#include "fovea/kernels/isa/fold.h"

namespace fovea::FOVEA_ISA {
namespace {

// A block of a row from i on, with `fill` in the lanes behind its end.
FOVEA_INLINE Block LoadPart(const float* x, int64_t i, int64_t count, float fill) {
  if (i + 16 <= count) return Load(x + i);
  Block b = Splat(fill);
  __builtin_memcpy(&b, x + i, static_cast<size_t>(count - i) * sizeof(float));
  return b;
}
FOVEA_INLINE void StorePart(float* y, int64_t i, int64_t count, const Block& b) {
  if (i + 16 <= count) return Store(y + i, b);
  __builtin_memcpy(y + i, &b, static_cast<size_t>(count - i) * sizeof(float));
}

FOVEA_INLINE Block Larger(const Block& a, const Block& b) {
  Block r;
  FOVEA_EACH_VEC r.v[i] = b.v[i] > a.v[i] ? b.v[i] : a.v[i];
  return r;
}

void Softmax(const float* x, int64_t count, float* y, float* top, float* sum) {
  Block most = Splat(x[0]), total{};
  for (int64_t i = 0; i < count; i += 16) most = Larger(most, LoadPart(x, i, count, x[0]));
  *top = Fold(most, [](float a, float b) { return b > a ? b : a; });
  for (int64_t i = 0; i < count; i += 16) {
    const Block e = Exp(LoadPart(x, i, count, -__builtin_inff()) - Splat(*top));
    total = total + e;
    StorePart(y, i, count, e);
  }
  *sum = SumLanes(total);
  const Block share = Splat(1.0f / *sum);
  for (int64_t i = 0; i < count; i += 16) StorePart(y, i, count, LoadPart(y, i, count, 0) * share);
}

void SoftmaxBackward(const float* y, const float* dy, int64_t count, float* dx) {
  Block total{};
  for (int64_t i = 0; i < count; i += 16)
    total = Fma(LoadPart(y, i, count, 0), LoadPart(dy, i, count, 0), total);
  const Block dot = Splat(SumLanes(total));
  for (int64_t i = 0; i < count; i += 16)
    StorePart(dx, i, count, LoadPart(y, i, count, 0) * (LoadPart(dy, i, count, 0) - dot));
}

void Hinge(const float* x, int64_t count, float top, float margin, float* gate, float* sum, float* gates) {
  Block terms{}, open{};
  for (int64_t i = 0; i < count; i += 16) {
    const Block t = LoadPart(x, i, count, -__builtin_inff()) - Splat(top) + Splat(margin);
    const Block g = WherePositive(t, Splat(1.0f), Block{});
    terms = terms + WherePositive(t, t, Block{});
    open = open + g;
    StorePart(gate, i, count, g);
  }
  *sum = SumLanes(terms);
  *gates = SumLanes(open);
}

void ExpAll(const float* x, int64_t count, float* y) {
  for (int64_t i = 0; i < count; i += 16) Store(y + i, Exp(Load(x + i)));
}

}  // namespace

void FillRows(RowTable& table);
void FillRows(RowTable& table) { table = {Softmax, SoftmaxBackward, Hinge, ExpAll}; }

}  // namespace fovea::FOVEA_ISA
