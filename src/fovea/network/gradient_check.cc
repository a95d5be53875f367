#include "fovea/network/gradient_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fovea/base/parallel.h"
#include "fovea/network/reference.h"

namespace fovea {
namespace {

using Tensors = std::vector<Tensor<double>>;

// Some of the tensors, [begin, end), the input first.
struct Range {
  std::size_t begin, end;
};

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
    std::vector<double> norms;
    for (const auto& gradient : gradients_) norms.push_back(Norm(gradient));
    const double rounding =
        kRounding * std::sqrt(std::inner_product(norms.begin(), norms.end(), norms.begin(), 0.0));
    smallest_ = std::max(rounding / kGradientTolerance, 1e-12);
    for (const double norm : norms) weights_.push_back(1 / std::max(norm, smallest_));
  }

  GradientReport Check() {
    GradientRow row = Compare("all", {0, values_.size()});
    row.remark = KinkRemark(Direction({0, values_.size()}));
    Add(row);
    std::vector<Range> tensors;
    if (options_.each) {
      for (std::size_t i = 0; i < values_.size(); i++) tensors.push_back({i, i + 1});
    } else if (!row.passed) {
      tensors = FindWrong();
    }
    const std::vector<GradientRow> rows = CompareAll(tensors);
    for (std::size_t i = 0; i < rows.size(); i++) {
      Add(rows[i]);
      if (rows[i].passed) continue;
      report_.rows.back().remark = KinkRemark(Direction(tensors[i]));
      CheckEntries(tensors[i].begin);
    }
    return report_;
  }

 private:
  static double Norm(const Tensor<double>& t) {
    return std::sqrt(std::inner_product(t.values().begin(), t.values().end(), t.values().begin(), 0.0));
  }

  // The single tensors that are left when all of them are halved, and each half again, as long as a half is wrong.
  std::vector<Range> FindWrong() const {
    std::vector<Range> wrong{{0, values_.size()}};
    while (std::any_of(wrong.begin(), wrong.end(), [](Range r) { return r.end - r.begin > 1; })) {
      std::vector<Range> halves;
      for (const Range& range : wrong) {
        const std::size_t middle = range.begin + (range.end - range.begin) / 2;
        if (middle > range.begin) halves.push_back({range.begin, middle});
        halves.push_back({middle, range.end});
      }
      const std::vector<GradientRow> rows = CompareAll(halves);
      wrong.clear();
      for (std::size_t i = 0; i < rows.size(); i++) {
        if (!rows[i].passed) wrong.push_back(halves[i]);
      }
    }
    return wrong;
  }

  std::vector<GradientRow> CompareAll(const std::vector<Range>& ranges) const {
    std::vector<GradientRow> rows(ranges.size());
    ThreadPool(HardwareThreads()).For(static_cast<int64_t>(ranges.size()), [&](int64_t task, int) {
      const auto i = static_cast<std::size_t>(task);
      rows[i] = Compare(names_[ranges[i].begin], ranges[i]);
    });
    return rows;
  }

  CallRandom Random() const { return {{options_.seed, Purpose::kDropout}, {}}; }

  Tensor<double> Draw(const Shape& shape, uint64_t index) const {
    Tensor<double> t(shape);
    RandomStream stream({options_.seed, Purpose::kGradientCheck}, index);
    for (double& v : t.values()) v = stream.Normal();
    return t;
  }

  // A random direction over these tensors. The others are empty.
  Tensors Direction(Range range) const {
    Tensors direction(values_.size());
    for (std::size_t i = range.begin; i < range.end; i++) direction[i] = Draw(values_[i].shape(), 10 + i);
    return direction;
  }

  // Likewise, but each gradient counts alike, whatever its size.
  Tensors WeightedDirection(Range range) const {
    Tensors direction = Direction(range);
    for (std::size_t i = range.begin; i < range.end; i++) {
      for (double& v : direction[i].values()) v *= weights_[i];
    }
    return direction;
  }

  double Along(const Tensors& direction, std::size_t i, int64_t j) const {
    return direction[i].size() == 0 ? 0 : direction[i][j];
  }

  void Add(const GradientRow& row) {
    report_.rows.push_back(row);
    report_.passed = report_.passed && row.passed;
  }

  // d<dy, y> along the direction, by dual numbers.
  double DualDerivative(const Tensors& direction) const {
    Reference<Dual> reference(network_);
    const auto seed = [&](std::size_t i, Tensor<Dual>& to) {
      for (int64_t j = 0; j < to.size(); j++) to[j] = {values_[i][j], Along(direction, i, j)};
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
      for (int64_t j = 0; j < to.size(); j++) to[j] = values_[i][j] + step * Along(direction, i, j);
    };
    Tensor<double> x(x_.shape());
    move(0, x);
    for (std::size_t i = 1; i < values_.size(); i++) move(i, reference.parameters()[i - 1]);
    const auto y = reference.Forward(x, Mode::kTraining, Random());
    double sum = 0;
    for (int64_t i = 0; i < dy_.size(); i++) sum += dy_[i] * y[i];
    return sum;
  }

  GradientRow Compare(const std::string& name, Range range) const {
    return Compare(name, range, WeightedDirection(range));
  }

  GradientRow Compare(const std::string& name, Range range, const Tensors& direction) const {
    const double forward = DualDerivative(direction);
    double backward = 0, size = 0, cancelled = 0;
    for (std::size_t i = range.begin; i < range.end; i++) {
      for (int64_t j = 0; j < values_[i].size(); j++) {
        const double product = gradients_[i][j] * direction[i][j];
        backward += product;
        size += product * product;
      }
      cancelled = std::max(cancelled, smallest_ * weights_[i]);
    }
    // Of a random direction, <g, v> is about the root of the sum of squares. A gradient that cancels (of a bias whose effect the next
    // batch norm takes away) is 0 but for the rounding of the terms that it is made of.
    const double scale = std::max({std::abs(forward), std::abs(backward), std::sqrt(size), cancelled});
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
      Tensors one(values_.size());
      one[tensor] = Tensor<double>(values_[tensor].shape());
      one[tensor][entry] = weights_[tensor];
      Add(Compare(fmt::format("{}[{}]", names_[tensor], entry), {tensor, tensor + 1}, one));
    }
  }

  const Network& network_;
  const GradientCheckOptions options_;
  Tensor<double> x_, dy_;
  std::vector<std::string> names_;
  Tensors values_, gradients_;
  double smallest_ = 0;          // of a gradient's norm, of which rounding is a share that is tolerated
  std::vector<double> weights_;  // of the tensors, in a direction over several
  GradientReport report_;
};

}  // namespace

GradientReport CheckGradients(const Network& network, const GradientCheckOptions& options) {
  return Checker(network, options).Check();
}

}  // namespace fovea
