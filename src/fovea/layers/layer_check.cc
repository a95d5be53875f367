#include "fovea/layers/layer_check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace fovea {
namespace {

using Tensors = std::vector<Tensor<double>>;

class Check {
 public:
  Check(const Layer& layer, const std::vector<Shape>& shapes, const LayerCheckOptions& options)
      : layer_(layer), options_(options), y_shape_(layer.OutputShape(shapes)) {
    for (const Shape& shape : shapes) x_.push_back(Draw(shape, options.distinct));
    for (const auto& spec : layer.Parameters(shapes)) w_.push_back(Draw(spec.shape, false));
    for (const auto& spec : layer.State(shapes)) {
      state_.push_back(Draw(spec.shape, false));
      for (double& v : state_.back().values()) v = 0.5 + std::abs(v);  // a variance is positive
    }
    dy_ = Draw(y_shape_, false);
    RunBackward();
  }

  double Error() {
    double scale = 0, error = 0;
    for (const auto* list : {&dx_, &dw_}) {
      for (const auto& t : *list) {
        for (double v : t.values()) {
          if (!std::isfinite(v)) return std::numeric_limits<double>::infinity();
          scale = std::max(scale, std::abs(v));
        }
      }
    }
    Tensors vx, vw;
    for (const auto& t : x_) vx.push_back(Draw(t.shape(), false));
    for (const auto& t : w_) vw.push_back(Draw(t.shape(), false));
    error = Compare(vx, vw, scale);
    for (auto* v : {&vx, &vw}) {
      for (auto& t : *v) std::fill(t.values().begin(), t.values().end(), 0.0);
    }
    for (auto* v : {&vx, &vw}) {
      for (auto& t : *v) {
        const int64_t step = std::max<int64_t>(1, t.size() / 24);  // every entry of small tensors
        for (int64_t i = 0; i < t.size(); i += step) {
          t[i] = 1;
          error = std::max(error, Compare(vx, vw, scale));
          t[i] = 0;
        }
      }
    }
    return error;
  }

 private:
  Tensor<double> Draw(const Shape& shape, bool distinct) {
    Tensor<double> t(shape);
    RandomStream stream({options_.seed, Purpose::kTest}, draws_++);
    if (!distinct) {
      for (double& v : t.values()) v = stream.Normal();
      return t;
    }
    const int64_t half = t.size() / 2;
    for (int64_t i = 0; i < t.size(); i++) t[i] = static_cast<double>(i - half) / 64 + 1.0 / 256;
    for (int64_t i = t.size(); i > 1; i--) std::swap(t[i - 1], t[stream.Below(static_cast<uint32_t>(i))]);
    return t;
  }

  template <class S>
  static std::vector<TensorView<const S>> Views(const std::vector<Tensor<S>>& list) {
    return {list.begin(), list.end()};
  }

  void RunBackward() {
    for (const auto& t : x_) dx_.emplace_back(t.shape(), std::nan(""));
    for (const auto& t : w_) dw_.emplace_back(t.shape(), 0.75);
    BackwardCall<double> call{Views(x_), Views(w_), Views(state_), dy_, {}, {}, options_.mode, {}};
    for (auto& t : dx_) call.dx.push_back(t);
    for (auto& t : dw_) call.dw.push_back(t);
    layer_.RunBackward(call);
    for (auto& t : dw_) {
      for (double& v : t.values()) v -= 0.75;
    }
  }

  // <dy, J v> against <dx, vx> + <dw, vw>.
  double Compare(const Tensors& vx, const Tensors& vw, double scale) const {
    const auto seed = [](const Tensors& values, const Tensors& direction) {
      std::vector<Tensor<Dual>> out;
      for (std::size_t t = 0; t < values.size(); t++) {
        out.emplace_back(values[t].shape());
        for (int64_t i = 0; i < values[t].size(); i++) out[t][i] = {values[t][i], direction[t][i]};
      }
      return out;
    };
    const auto x = seed(x_, vx), w = seed(w_, vw);
    std::vector<Tensor<Dual>> state;
    for (const auto& t : state_) state.push_back(Cast<Dual>(t.view()));
    Tensor<Dual> y(y_shape_);
    ForwardCall<Dual> call{Views(x), Views(w), {}, y, options_.mode, {}};
    for (auto& t : state) call.state.push_back(t);
    layer_.RunForward(call);
    double forward = 0, backward = 0, size = 0;
    for (int64_t i = 0; i < y.size(); i++) forward += dy_[i] * y[i].derivative;
    const auto add = [&](const Tensors& gradient, const Tensors& direction) {
      for (std::size_t t = 0; t < gradient.size(); t++) {
        for (int64_t i = 0; i < gradient[t].size(); i++) {
          backward += gradient[t][i] * direction[t][i];
          size += std::abs(gradient[t][i] * direction[t][i]);
        }
      }
    };
    add(dx_, vx);
    add(dw_, vw);
    const double reference =
        std::max({std::abs(forward), std::abs(backward), 1e-3 * scale, 1e-3 * size, 1e-30});
    return std::abs(forward - backward) / reference;
  }

  const Layer& layer_;
  const LayerCheckOptions options_;
  const Shape y_shape_;
  uint64_t draws_ = 0;
  Tensors x_, w_, state_, dx_, dw_;
  Tensor<double> dy_;
};

}  // namespace

double DualGradientError(const Layer& layer, const std::vector<Shape>& x, const LayerCheckOptions& options) {
  return Check(layer, x, options).Error();
}

}  // namespace fovea
