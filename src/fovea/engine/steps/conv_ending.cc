#include "fovea/engine/steps/conv_ending.h"

#include <algorithm>
#include <cmath>

#include "fovea/engine/steps/rectifier.h"
#include "fovea/layers/add.h"
#include "fovea/layers/batch_norm.h"

namespace fovea {

ConvEnding::ConvEnding(const Site& site, bool bias, bool joins) : bias_(bias) {
  if (site.mode != Mode::kInference) return;
  if (const auto* norm = site.Layer<BatchNorm>(1)) norm_ = true, eps_ = norm->options().eps, nodes_ = 1;
  const int other = site.From(nodes_).Joined<Add>();
  if (joins && other >= 0 && site.values[static_cast<std::size_t>(other)] == site.OutputStorage()) {
    other_ = other;
    nodes_++;
  }
  rectifier_ = RectifierOf(site.From(nodes_).Layer<Layer>(1));
  if (rectifier_) nodes_++;
}

double ConvEnding::Scale(const StepCall& call, int64_t k) const {
  if (!norm_) return 1;
  const std::size_t gamma = bias_ ? 2 : 1;
  return static_cast<double>(call.w[gamma][k]) / std::sqrt(static_cast<double>(call.state[1][k]) + eps_);
}

const float* ConvEnding::Weights(const StepCall& call, int64_t k, std::vector<float>& scaled) const {
  const auto own = call.w[0].values();
  if (!norm_) return own.data();
  scaled.assign(own.begin(), own.end());
  const auto filter = static_cast<int64_t>(scaled.size()) / k;
  for (int64_t i = 0; i < k; i++) {
    const double scale = Scale(call, i);
    for (int64_t j = i * filter; j < (i + 1) * filter; j++) {
      auto& v = scaled[static_cast<std::size_t>(j)];
      v = static_cast<float>(v * scale);
    }
  }
  return scaled.data();
}

void ConvEnding::WriteBias(const StepCall& call, int64_t k, int64_t lanes, float* to) const {
  std::fill_n(to, lanes, 0.0f);
  for (int64_t i = 0; i < k; i++) {
    const double own = bias_ ? call.w[1][i] : 0;
    to[i] = static_cast<float>(norm_ ? call.w[bias_ ? 3 : 2][i] + (own - call.state[0][i]) * Scale(call, i)
                                     : own);
  }
}

}  // namespace fovea
