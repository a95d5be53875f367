#include "fovea/layers/conv2d.h"

#include <fmt/format.h>

#include "fovea/base/checked.h"
#include "fovea/base/error.h"
#include "fovea/layers/conv_products.h"
#include "fovea/layers/window.h"

namespace fovea {
Conv2dOptions Conv2d::At(const Shape& x) const {
  Conv2dOptions o = options();
  o.padding = ResolvePadding(o.auto_pad, o.padding, x, o.kernel, o.dilation, o.stride);
  return o;
}

Initializer InitializerByName(const std::string& name, int64_t fan_in, int64_t fan_out) {
  static constexpr std::pair<std::string_view, Init> kNames[] = {{"he", Init::kHe},
                                                                 {"xavier", Init::kXavier},
                                                                 {"dirac", Init::kDirac},
                                                                 {"partial_dirac", Init::kPartialDirac},
                                                                 {"mean_field", Init::kMeanField},
                                                                 {"whiten", Init::kWhiten}};
  for (const auto& [known, kind] : kNames) {
    if (name == known) return {kind, 0, fan_in, fan_out};
  }
  return {Init::kConstant, 0, fan_in, fan_out};  // "zero"
}

Shape Conv2d::OutputShape(std::span<const Shape> inputs) const {
  const Shape& x = inputs[0];
  const Options o = At(x);
  RequireMap(x);
  if (x[1] % o.groups != 0 || o.filters % o.groups != 0) {
    throw ShapeError(fmt::format("groups={} must divide both the {} input channels and the {} filters",
                                 o.groups, x[1], o.filters));
  }
  return {
      x[0], o.filters,
      WindowedExtent("height", x[2], o.padding.top, o.padding.bottom, o.kernel.h, o.dilation.h, o.stride.h),
      WindowedExtent("width", x[3], o.padding.left, o.padding.right, o.kernel.w, o.dilation.w, o.stride.w)};
}

std::vector<ParameterSpec> Conv2d::Parameters(std::span<const Shape> x) const {
  const Options& o = options();
  const int64_t window = o.kernel.h * o.kernel.w, cg = x[0][1] / o.groups;
  std::vector<ParameterSpec> specs{{"weight",
                                    {o.filters, cg, o.kernel.h, o.kernel.w},
                                    Role::kWeight,
                                    InitializerByName(o.init, cg * window, o.filters / o.groups * window)}};
  if (o.bias) specs.push_back({"bias", {o.filters}, Role::kBias, {}});
  return specs;
}

int64_t Conv2d::MultiplyAdds(std::span<const Shape> x) const {
  const Options& o = options();
  return CheckedProduct({OutputShape(x).Size(), x[0][1] / o.groups, o.kernel.h, o.kernel.w});
}

template <class S>
void Conv2d::Forward(const ForwardCall<S>& call) const {
  const auto &x = call.x[0], &w = call.w[0];
  const auto& y = call.y;
  StartWithBias(options().bias, call.w, y);
  ForEachProduct(At(x.shape()), x.shape(), y.shape(),
                 [&](auto n, auto k, auto c, auto cw, auto p, auto q, auto r, auto s, auto h, auto v) {
                   y(n, k, p, q) += w(k, cw, r, s) * x(n, c, h, v);
                 });
}

template <class S>
void Conv2d::Backward(const BackwardCall<S>& call) const {
  const auto &x = call.x[0], &w = call.w[0], &dy = call.dy;
  const auto &dx = call.dx[0], &dw = call.dw[0];
  if (options().bias) AddBiasGradient(dy, call.dw[1]);
  if (dx.present()) std::fill(dx.values().begin(), dx.values().end(), S(0));
  ForEachProduct(At(x.shape()), x.shape(), dy.shape(),
                 [&](auto n, auto k, auto c, auto cw, auto p, auto q, auto r, auto s, auto h, auto v) {
                   dw(k, cw, r, s) += dy(n, k, p, q) * x(n, c, h, v);
                   if (dx.present()) dx(n, c, h, v) += dy(n, k, p, q) * w(k, cw, r, s);
                 });
}

template class LayerOf<Conv2d, Conv2dOptions>;

}  // namespace fovea
