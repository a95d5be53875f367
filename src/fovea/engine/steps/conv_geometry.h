// The geometry of a convolution layer on a stored input, for the kernels, and which method serves it at a site.
#pragma once

#include "fovea/engine/step.h"
#include "fovea/kernels/conv_plan.h"
#include "fovea/layers/conv2d.h"

namespace fovea {

inline ConvGeometry GeometryOf(const Conv2d& layer, const Storage& x) {
  const Conv2dOptions o = layer.At({1, x.c, x.h, x.w});
  return {.c = x.c,
          .h = x.h,
          .w = x.w,
          .k = o.filters,
          .kh = o.kernel.h,
          .kw = o.kernel.w,
          .sh = o.stride.h,
          .sw = o.stride.w,
          .dh = o.dilation.h,
          .dw = o.dilation.w,
          .pt = o.padding.top,
          .pl = o.padding.left,
          .pb = o.padding.bottom,
          .pr = o.padding.right,
          .groups = o.groups,
          .image = x.layout == Layout::kImage};
}

inline ConvMethod MethodFor(const ConvGeometry& geometry, const Site& site) {
  const Arithmetic& arithmetic = site.arithmetic;
  if (site.halves && ConvPlan::SupportsBfloat16(geometry)) return ConvMethod::kBfloat16;
  if (arithmetic.numerics == Numerics::kDirect) return ConvMethod::kDirect;
  // In training whole micro-shards go through; an inference program must not depend on its batch.
  return FastMethod(geometry, site.mode == Mode::kTraining ? kMicroShard : 1);
}

}  // namespace fovea
