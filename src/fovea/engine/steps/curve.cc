#include "fovea/engine/steps/curve.h"

#include "fovea/layers/clip.h"
#include "fovea/layers/elementary.h"
#include "fovea/layers/exponential_units.h"
#include "fovea/layers/gated_units.h"
#include "fovea/layers/gelu.h"
#include "fovea/layers/sigmoids.h"
#include "fovea/layers/softplus.h"

namespace fovea {
namespace {

Curve Plain(CurveKind kind) { return {.kind = kind}; }

Curve ExponentialUnit(double above, double height, double rate) {
  return {.kind = CurveKind::kExponentialUnit,
          .above = static_cast<float>(above),
          .height = static_cast<float>(height),
          .rate = static_cast<float>(rate)};
}

struct Row {
  bool (*serves)(const Layer& layer);
  Curve (*curve)(const Layer& layer);
};

template <class L, class Make>
constexpr Row RowOf(Make) {
  return {[](const Layer& layer) { return dynamic_cast<const L*>(&layer) != nullptr; },
          [](const Layer& layer) { return Make{}(static_cast<const L&>(layer).options()); }};
}
template <class L, CurveKind kKind>
constexpr Row RowOf() {
  return RowOf<L>([](const auto&) { return Plain(kKind); });
}

constexpr Row kRows[] = {
    RowOf<Gelu>([](const GeluOptions& o) {
      return Plain(o.approximate == "tanh" ? CurveKind::kGeluTanh : CurveKind::kGelu);
    }),
    RowOf<Elu>([](const EluOptions& o) { return ExponentialUnit(1, o.alpha, 1); }),
    RowOf<Selu>([](const SeluOptions& o) { return ExponentialUnit(o.gamma, o.gamma * o.alpha, 1); }),
    RowOf<Celu>([](const CeluOptions& o) { return ExponentialUnit(1, o.alpha, 1 / o.alpha); }),
    RowOf<Hardsigmoid>([](const HardsigmoidOptions& o) {
      return Curve{.kind = CurveKind::kHardsigmoid,
                   .rate = static_cast<float>(o.alpha),
                   .offset = static_cast<float>(o.beta)};
    }),
    RowOf<Softplus>([](const SoftplusOptions& o) {
      return Curve{.kind = CurveKind::kSoftplus,
                   .rate = static_cast<float>(o.beta),
                   .high = static_cast<float>(o.threshold)};
    }),
    // -log(1 + exp(-x)) is the softplus of rate -1.
    RowOf<LogSigmoid>([](const NoOptions&) { return Curve{.kind = CurveKind::kSoftplus, .rate = -1}; }),
    RowOf<Clip>([](const ClipOptions& o) {
      return Curve{
          .kind = CurveKind::kClip, .low = static_cast<float>(o.min), .high = static_cast<float>(o.max)};
    }),
    RowOf<Sigmoid, CurveKind::kSigmoid>(),
    RowOf<HyperbolicTangent, CurveKind::kTanh>(),
    RowOf<Softsign, CurveKind::kSoftsign>(),
    RowOf<Silu, CurveKind::kSilu>(),
    RowOf<Mish, CurveKind::kMish>(),
    RowOf<Hardswish, CurveKind::kHardswish>(),
    RowOf<Exponential, CurveKind::kExp>(),
    RowOf<Logarithm, CurveKind::kLog>(),
    RowOf<SquareRoot, CurveKind::kSqrt>(),
    RowOf<AbsoluteValue, CurveKind::kAbs>(),
    RowOf<Negative, CurveKind::kNeg>(),
    RowOf<Reciprocal, CurveKind::kReciprocal>(),
};

}  // namespace

std::optional<Curve> CurveOf(const Layer* layer) {
  if (layer == nullptr) return {};
  for (const Row& row : kRows) {
    if (row.serves(*layer)) return row.curve(*layer);
  }
  return {};
}

}  // namespace fovea
