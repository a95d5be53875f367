// What a loss is: an immutable value that turns scores x (N,K) and one label a sample into the mean over the
// batch, and gives the gradient of that mean. Labels are class numbers in [0, K).
#pragma once

#include <memory>

#include "fovea/layers/layer.h"

namespace fovea {

using Labels = std::span<const int32_t>;

class Loss {
 public:
  virtual ~Loss() = default;
  virtual std::string_view Type() const = 0;
  virtual HyperList HyperParameters() const = 0;

  // The mean loss of the batch. Throws ShapeError unless x is (N,K) with a label for each row, ArgumentError
  // naming the sample for a label outside [0, K).
  virtual float RunForward(TensorView<const float> x, Labels labels) const = 0;
  virtual double RunForward(TensorView<const double> x, Labels labels) const = 0;
  virtual Dual RunForward(TensorView<const Dual> x, Labels labels) const = 0;
  // Assigns dx, the gradient of the mean loss.
  virtual void RunBackward(TensorView<const float> x, Labels labels, TensorView<float> dx) const = 0;
  virtual void RunBackward(TensorView<const double> x, Labels labels, TensorView<double> dx) const = 0;
};

void CheckScores(std::string_view type, const Shape& x, Labels labels);

// Turns the row templates of L into the virtual functions of Loss:
//   template <class S> S Row(const S* x, int64_t classes, int32_t label) const;
//   template <class S> void RowGradient(const S* x, int64_t classes, int32_t label, S* dx) const;
template <class L, class OptionsOfL>
class LossOf : public Loss {
 public:
  using Options = OptionsOfL;
  explicit LossOf(Options options) : options_(std::move(options)) { CheckHyper(L::kType, options_); }
  const Options& options() const { return options_; }
  std::string_view Type() const final { return L::kType; }
  HyperList HyperParameters() const final { return ListHyper(options_); }

  float RunForward(TensorView<const float> x, Labels labels) const final;
  double RunForward(TensorView<const double> x, Labels labels) const final;
  Dual RunForward(TensorView<const Dual> x, Labels labels) const final;
  void RunBackward(TensorView<const float> x, Labels labels, TensorView<float> dx) const final;
  void RunBackward(TensorView<const double> x, Labels labels, TensorView<double> dx) const final;

 private:
  template <class S>
  S Mean(TensorView<const S> x, Labels labels) const {
    CheckScores(L::kType, x.shape(), labels);
    S sum(0);
    for (int64_t n = 0; n < x.extent(0); n++) {
      sum += static_cast<const L&>(*this).Row(&x(n, 0), x.extent(1), labels[static_cast<std::size_t>(n)]);
    }
    return sum / static_cast<S>(static_cast<double>(x.extent(0)));
  }
  template <class S>
  void MeanGradient(TensorView<const S> x, Labels labels, TensorView<S> dx) const {
    CheckScores(L::kType, x.shape(), labels);
    const S share = S(1) / static_cast<S>(x.extent(0));
    for (int64_t n = 0; n < x.extent(0); n++) {
      S* row = &dx(n, 0);
      static_cast<const L&>(*this).RowGradient(&x(n, 0), x.extent(1), labels[static_cast<std::size_t>(n)],
                                               row);
      for (int64_t k = 0; k < x.extent(1); k++) row[k] *= share;
    }
  }

  Options options_;
};

template <class L, class O>
float LossOf<L, O>::RunForward(TensorView<const float> x, Labels labels) const {
  return Mean(x, labels);
}
template <class L, class O>
double LossOf<L, O>::RunForward(TensorView<const double> x, Labels labels) const {
  return Mean(x, labels);
}
template <class L, class O>
Dual LossOf<L, O>::RunForward(TensorView<const Dual> x, Labels labels) const {
  return Mean(x, labels);
}
template <class L, class O>
void LossOf<L, O>::RunBackward(TensorView<const float> x, Labels labels, TensorView<float> dx) const {
  MeanGradient(x, labels, dx);
}
template <class L, class O>
void LossOf<L, O>::RunBackward(TensorView<const double> x, Labels labels, TensorView<double> dx) const {
  MeanGradient(x, labels, dx);
}

}  // namespace fovea
