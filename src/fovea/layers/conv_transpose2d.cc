#include "fovea/layers/conv_transpose2d.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/checked.h"
#include "fovea/base/error.h"
#include "fovea/layers/conv_products.h"

namespace fovea {
namespace {

int64_t SpreadExtent(const char* axis, int64_t extent, int64_t before, int64_t after, int64_t kernel,
                     int64_t dilation, int64_t stride, int64_t more) {
  const int64_t spread =
      CheckedAdd(CheckedMultiply(extent - 1, stride), CheckedMultiply(dilation, kernel - 1));
  const int64_t out = CheckedAdd(spread, more + 1 - before - after);
  if (out < 1) {
    throw ShapeError(
        fmt::format("padding of {} and {} leaves nothing of the output's {}", before, after, axis));
  }
  return out;
}

}  // namespace

ConvTranspose2d::ConvTranspose2d(ConvTranspose2dOptions options) : LayerOf(std::move(options)) {
  const ConvTranspose2dOptions& o = this->options();
  if (o.output_padding.h >= std::max(o.stride.h, o.dilation.h) ||
      o.output_padding.w >= std::max(o.stride.w, o.dilation.w)) {
    throw ArgumentError(fmt::format(
        "conv_transpose2d: output_padding={} must be less than stride={} or dilation={}",
        ToString(ToHyper(o.output_padding)), ToString(ToHyper(o.stride)), ToString(ToHyper(o.dilation))));
  }
}

Conv2dOptions ConvTranspose2d::Transposed(int64_t channels) const {
  const Options& o = options();
  return {.filters = channels,
          .kernel = o.kernel,
          .stride = o.stride,
          .padding = o.padding,
          .dilation = o.dilation,
          .groups = o.groups,
          .bias = false};
}

Shape ConvTranspose2d::OutputShape(std::span<const Shape> inputs) const {
  const Shape& x = inputs[0];
  const Options& o = options();
  RequireMap(x);
  if (x[1] % o.groups != 0 || o.filters % o.groups != 0) {
    throw ShapeError(fmt::format("groups={} must divide both the {} input channels and the {} filters",
                                 o.groups, x[1], o.filters));
  }
  return {x[0], o.filters,
          SpreadExtent("height", x[2], o.padding.top, o.padding.bottom, o.kernel.h, o.dilation.h, o.stride.h,
                       o.output_padding.h),
          SpreadExtent("width", x[3], o.padding.left, o.padding.right, o.kernel.w, o.dilation.w, o.stride.w,
                       o.output_padding.w)};
}

// A number of y is the sum of so many products as of the windows reach it.
std::vector<ParameterSpec> ConvTranspose2d::Parameters(std::span<const Shape> x) const {
  const Options& o = options();
  const int64_t reach = CeilDivide(o.kernel.h, o.stride.h) * CeilDivide(o.kernel.w, o.stride.w),
                kg = o.filters / o.groups;
  std::vector<ParameterSpec> specs{
      {"weight",
       {x[0][1], kg, o.kernel.h, o.kernel.w},
       Role::kWeight,
       InitializerByName(o.init, x[0][1] / o.groups * reach, kg * o.kernel.h * o.kernel.w)}};
  if (o.bias) specs.push_back({"bias", {o.filters}, Role::kBias, {}});
  return specs;
}

int64_t ConvTranspose2d::MultiplyAdds(std::span<const Shape> x) const {
  const Options& o = options();
  return CheckedProduct({x[0].Size(), o.filters / o.groups, o.kernel.h, o.kernel.w});
}

template <class S>
void ConvTranspose2d::Forward(const ForwardCall<S>& call) const {
  const auto &x = call.x[0], &w = call.w[0];
  const auto& y = call.y;
  StartWithBias(options().bias, call.w, y);
  ForEachProduct(Transposed(x.extent(1)), y.shape(), x.shape(),
                 [&](auto n, auto c, auto k, auto kw, auto p, auto q, auto r, auto s, auto h, auto v) {
                   y(n, k, h, v) += w(c, kw, r, s) * x(n, c, p, q);
                 });
}

template <class S>
void ConvTranspose2d::Backward(const BackwardCall<S>& call) const {
  const auto &x = call.x[0], &w = call.w[0], &dy = call.dy;
  const auto &dx = call.dx[0], &dw = call.dw[0];
  if (options().bias) AddBiasGradient(dy, call.dw[1]);
  if (dx.present()) std::fill(dx.values().begin(), dx.values().end(), S(0));
  ForEachProduct(Transposed(x.extent(1)), dy.shape(), x.shape(),
                 [&](auto n, auto c, auto k, auto kw, auto p, auto q, auto r, auto s, auto h, auto v) {
                   dw(c, kw, r, s) += x(n, c, p, q) * dy(n, k, h, v);
                   if (dx.present()) dx(n, c, p, q) += w(c, kw, r, s) * dy(n, k, h, v);
                 });
}

template class LayerOf<ConvTranspose2d, ConvTranspose2dOptions>;

}  // namespace fovea
