#include "fovea/kernels/isa/pointwise.h"

#include "fovea/kernels/isa/curves.h"

namespace fovea::FOVEA_ISA {
namespace {

template <CurveKind kKind, class T>
void ForwardBy(const Curve& curve, const float* x, int64_t blocks, bool stream, T* y) {
  const Curve c = curve;
  for (int64_t i = 0; i < blocks * 16; i += kLanes) {
    const Vec value = CurveAt<kKind>(c, LoadVec(x + i)).value;
    if (stream) {
      StreamVec(y + i, value);
    } else {
      StoreVec(y + i, value);
    }
  }
  if (stream) FenceStores();
}

template <CurveKind kKind, class T>
void BackwardBy(const Curve& curve, const float* x, const T* dy, int64_t blocks, bool accumulate, T* dx) {
  const Curve c = curve;
  for (int64_t i = 0; i < blocks * 16; i += kLanes) {
    const Vec d = LoadVec(dy + i) * CurveAt<kKind>(c, LoadVec(x + i)).slope;
    StoreVec(dx + i, accumulate ? LoadVec(dx + i) + d : d);
  }
}

// Calls run<kind>() with the kind as a constant, so that a loop is compiled for each.
template <int kKind = 0, class Run>
void ByKind(CurveKind kind, const Run& run) {
  if (static_cast<int>(kind) == kKind) return run.template operator()<static_cast<CurveKind>(kKind)>();
  if constexpr (kKind < static_cast<int>(CurveKind::kReciprocal)) ByKind<kKind + 1>(kind, run);
}

template <class T>
void Forward(const Curve& curve, const float* x, int64_t blocks, bool stream, T* y) {
  ByKind(curve.kind, [&]<CurveKind kKind>() { ForwardBy<kKind, T>(curve, x, blocks, stream, y); });
}

template <class T>
void Backward(const Curve& curve, const float* x, const T* dy, int64_t blocks, bool accumulate, T* dx) {
  ByKind(curve.kind, [&]<CurveKind kKind>() { BackwardBy<kKind, T>(curve, x, dy, blocks, accumulate, dx); });
}

}  // namespace

void FillPointwise(PointwiseTable<float>& table);
void FillPointwise(PointwiseTable<Bfloat16>& table);
void FillPointwise(PointwiseTable<float>& table) { table = {Forward<float>, Backward<float>}; }
void FillPointwise(PointwiseTable<Bfloat16>& table) { table = {Forward<Bfloat16>, Backward<Bfloat16>}; }

}  // namespace fovea::FOVEA_ISA
