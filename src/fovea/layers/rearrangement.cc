#include "fovea/layers/rearrangement.h"

#include <algorithm>

namespace fovea {

template <class S>
void Rearrange(const Sources& sources, double fill, TensorView<const S> x, TensorView<S> y) {
  const int64_t samples = y.extent(0), size = x.size() / samples;
  S* to = y.data();
  for (int64_t n = 0; n < samples; n++) {
    for (const int64_t source : sources)
      *to++ = source == kNothing ? static_cast<S>(fill) : x[n * size + source];
  }
}

template <class S>
void RearrangeBackward(const Sources& sources, TensorView<const S> dy, TensorView<S> dx) {
  const int64_t samples = dy.extent(0), size = dx.size() / samples;
  std::fill(dx.values().begin(), dx.values().end(), S(0));
  const S* from = dy.data();
  for (int64_t n = 0; n < samples; n++) {
    for (const int64_t source : sources) {
      const S& g = *from++;
      if (source != kNothing) dx[n * size + source] += g;
    }
  }
}

template void Rearrange(const Sources&, double, TensorView<const float>, TensorView<float>);
template void Rearrange(const Sources&, double, TensorView<const double>, TensorView<double>);
template void Rearrange(const Sources&, double, TensorView<const Dual>, TensorView<Dual>);
template void RearrangeBackward(const Sources&, TensorView<const float>, TensorView<float>);
template void RearrangeBackward(const Sources&, TensorView<const double>, TensorView<double>);
template void RearrangeBackward(const Sources&, TensorView<const Dual>, TensorView<Dual>);

Sources Walk(int64_t first, const std::vector<WalkAxis>& axes) {
  Sources sources{first};
  for (const WalkAxis& axis : axes) {
    Sources inner;
    inner.reserve(sources.size() * static_cast<std::size_t>(axis.extent));
    for (const int64_t at : sources) {
      for (int64_t i = 0; i < axis.extent; i++) inner.push_back(at + i * axis.step);
    }
    sources.swap(inner);
  }
  return sources;
}

std::vector<int64_t> SampleSteps(const Shape& x) {
  std::vector<int64_t> steps(static_cast<std::size_t>(x.rank()), 1);
  for (int axis = x.rank() - 1; axis > 0; axis--) {
    const auto at = static_cast<std::size_t>(axis);
    steps[at - 1] = steps[at] * x[axis];
  }
  return steps;
}

}  // namespace fovea
