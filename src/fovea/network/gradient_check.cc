#include "fovea/network/gradient_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fovea/base/parallel.h"
#include "fovea/network/reference.h"

namespace fovea {
namespace {

using Tensors = std::vector<Tensor<double>>;

// What a hundred roundings to double leave, as a share of the whole gradient: a gradient may be the difference of terms of its size.
constexpr double kRounding = 1e-14;

class Checker {
 public:
  Checker(const Network& network, const GradientCheckOptions& options)
      : network_(network), options_(options) {
    x_ = Draw(network.InputShape(options.batch), 0);
    dy_ = Draw(network.OutputShape(options.batch), 1);
    Reference<double> reference(network);
    reference.Forward(x_, Mode::kTraining, Random());
    reference.Backward(dy_);
    names_.push_back("input");
    values_.push_back(x_);
    gradients_.push_back(reference.ValueGradient(0));
    for (std::size_t i = 0; i < network.parameters().size(); i++) {
      names_.push_back(network.parameters()[i].name);
      values_.push_back(reference.parameters()[i]);
      gradients_.push_back(reference.gradients()[i]);
    }
    double squares = 0;
    for (const auto& gradient : gradients_) {
      for (const double g : gradient.values()) squares += g * g;
    }
    noise_ = kRounding * std::sqrt(squares);
  }

  GradientReport Check() {
    Tensors all;
    for (std::size_t i = 0; i < values_.size(); i++) all.push_back(Draw(values_[i].shape(), 10 + i));
    GradientRow row = Compare("all", all);
    row.remark = KinkRemark(all);
    Add(row);
    std::vector<GradientRow> rows(values_.size());
    ThreadPool(HardwareThreads()).For(static_cast<int64_t>(rows.size()), [&](int64_t task, int) {
      const auto i = static_cast<std::size_t>(task);
      Tensors one = Zeros();
      one[i] = all[i];
      rows[i] = Compare(names_[i], one);
      if (!rows[i].passed) rows[i].remark = KinkRemark(one);
    });
    for (std::size_t i = 0; i < rows.size(); i++) {
      Add(rows[i]);
      if (!rows[i].passed) CheckEntries(i);
    }
    return report_;
  }

 private:
  CallRandom Random() const { return {{options_.seed, Purpose::kDropout}, {}}; }

  Tensor<double> Draw(const Shape& shape, uint64_t index) const {
    Tensor<double> t(shape);
    RandomStream stream({options_.seed, Purpose::kGradientCheck}, index);
    for (double& v : t.values()) v = stream.Normal();
    return t;
  }

  Tensors Zeros() const {
    Tensors zeros;
    for (const auto& v : values_) zeros.emplace_back(v.shape());
    return zeros;
  }

  void Add(const GradientRow& row) {
    report_.rows.push_back(row);
    report_.passed = report_.passed && row.passed;
  }

  // d<dy, y> along the direction, by dual numbers.
  double DualDerivative(const Tensors& direction) const {
    Reference<Dual> reference(network_);
    const auto seed = [&](std::size_t i, Tensor<Dual>& to) {
      for (int64_t j = 0; j < to.size(); j++) to[j] = {values_[i][j], direction[i][j]};
    };
    Tensor<Dual> x(x_.shape());
    seed(0, x);
    for (std::size_t i = 1; i < values_.size(); i++) seed(i, reference.parameters()[i - 1]);
    const auto y = reference.Forward(x, Mode::kTraining, Random());
    double sum = 0;
    for (int64_t i = 0; i < dy_.size(); i++) sum += dy_[i] * y[i].derivative;
    return sum;
  }

  double Loss(const Tensors& direction, double step) const {
    Reference<double> reference(network_);
    const auto move = [&](std::size_t i, Tensor<double>& to) {
      for (int64_t j = 0; j < to.size(); j++) to[j] = values_[i][j] + step * direction[i][j];
    };
    Tensor<double> x(x_.shape());
    move(0, x);
    for (std::size_t i = 1; i < values_.size(); i++) move(i, reference.parameters()[i - 1]);
    const auto y = reference.Forward(x, Mode::kTraining, Random());
    double sum = 0;
    for (int64_t i = 0; i < dy_.size(); i++) sum += dy_[i] * y[i];
    return sum;
  }

  GradientRow Compare(const std::string& name, const Tensors& direction) const {
    const double forward = DualDerivative(direction);
    double backward = 0, size = 0;
    for (std::size_t i = 0; i < values_.size(); i++) {
      for (int64_t j = 0; j < values_[i].size(); j++) {
        const double product = gradients_[i][j] * direction[i][j];
        backward += product;
        size += product * product;
      }
    }
    // Of a random direction, <g, v> is about the root of the sum of squares. A gradient that cancels (of a bias whose effect the next
    // batch norm takes away) is 0 but for the rounding of the terms that it is made of.
    const double scale = std::max(
        {std::abs(forward), std::abs(backward), std::sqrt(size), noise_ / kGradientTolerance, 1e-12});
    const double error = std::abs(forward - backward) / scale;
    return {name, error, error <= kGradientTolerance, ""};
  }

  std::string KinkRemark(const Tensors& direction) const {
    const double step = 1e-6, dual = DualDerivative(direction);
    const double difference = (Loss(direction, step) - Loss(direction, -step)) / (2 * step);
    const double error = std::abs(difference - dual) / std::max(std::abs(dual), 1e-12);
    if (error < 1e-4) return "";
    return fmt::format("a kink lies within {:.0e} of here: a central difference is off by {:.1e}", step,
                       error);
  }

  void CheckEntries(std::size_t tensor) {
    RandomStream stream({options_.seed, Purpose::kGradientCheck}, 5);
    const auto size = static_cast<uint32_t>(values_[tensor].size());
    for (int64_t s = 0; s < std::min<int64_t>(options_.samples, size); s++) {
      const int64_t entry = stream.Below(size);
      Tensors one = Zeros();
      one[tensor][entry] = 1;
      Add(Compare(fmt::format("{}[{}]", names_[tensor], entry), one));
    }
  }

  const Network& network_;
  const GradientCheckOptions options_;
  Tensor<double> x_, dy_;
  std::vector<std::string> names_;
  Tensors values_, gradients_;
  double noise_ = 0;  // what rounding leaves of a gradient that is 0
  GradientReport report_;
};

}  // namespace

GradientReport CheckGradients(const Network& network, const GradientCheckOptions& options) {
  return Checker(network, options).Check();
}

}  // namespace fovea
