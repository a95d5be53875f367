// What a loss is: an immutable value that turns the predictions of a batch and their targets into one number, and gives its gradient.
//
// Every loss is a mean over the batch: sum over n of loss[n], divided by N, as with reduction="mean" in PyTorch. Of losses that take
// every element by itself, loss[n] is the mean over the elements of a sample, so the result is the mean over all elements. Class
// weights w change the divisor to sum over n of w[label n], in PyTorch as well.
//
// Labels are class numbers in [0, K) and need x (N,K); targets that are tensors have the shape of x.
#pragma once

#include <memory>

#include "fovea/layers/layer.h"
#include "fovea/layers/targets.h"

#pragma GCC visibility push(default)
namespace fovea {

enum class TargetKind { kLabels, kClasses, kValues };  // kClasses: labels or shares of classes

class Loss {
 public:
  virtual ~Loss() = default;
  virtual std::string_view Type() const = 0;
  virtual HyperList HyperParameters() const = 0;
  virtual TargetKind Takes() const = 0;
  // One for each class; none: every class counts 1.
  virtual std::span<const double> ClassWeights() const { return {}; }

  // Throws ShapeError unless x suits the targets, ArgumentError for targets of a kind that the loss does not take, naming the sample
  // for a label outside [0, K).
  virtual float RunForward(TensorView<const float> x, const Targets<float>& targets) const = 0;
  virtual double RunForward(TensorView<const double> x, const Targets<double>& targets) const = 0;
  virtual Dual RunForward(TensorView<const Dual> x, const Targets<Dual>& targets) const = 0;
  // Assigns dx, the gradient.
  virtual void RunBackward(TensorView<const float> x, const Targets<float>& targets,
                           TensorView<float> dx) const = 0;
  virtual void RunBackward(TensorView<const double> x, const Targets<double>& targets,
                           TensorView<double> dx) const = 0;

  // Throws as RunForward does.
  template <class S>
  void Check(const Shape& x, const Targets<S>& targets) const {
    targets.labelled() ? CheckLabels(x, targets.labels()) : CheckValues(x, targets.values().shape());
  }
  // What the sum over the samples is divided by: their number, or the sum of the weights of their labels.
  template <class S>
  double Weight(const Shape& x, const Targets<S>& targets) const {
    return targets.labelled() ? SumOfWeights(targets.labels()) : static_cast<double>(x[0]);
  }

 protected:
  // Throws ArgumentError unless there are as many weights as classes, or none.
  void CheckWeights(std::string_view name, std::span<const double> weights, int64_t classes) const;

 private:
  void CheckLabels(const Shape& x, Labels labels) const;
  void CheckValues(const Shape& x, const Shape& values) const;
  double SumOfWeights(Labels labels) const;
};

// Turns the row templates of L and its kTargets into the virtual functions of Loss:
//   template <class S> S Row(const S* x, int64_t count, const Target<S>& target) const;
//   template <class S> void RowGradient(const S* x, int64_t count, const Target<S>& target, S* dx) const;
template <class L, class OptionsOfL>
class LossOf : public Loss {
 public:
  using Options = OptionsOfL;
  explicit LossOf(Options options) : options_(std::move(options)) { CheckHyper(L::kType, options_); }
  const Options& options() const { return options_; }
  std::string_view Type() const final { return L::kType; }
  HyperList HyperParameters() const final { return ListHyper(options_); }
  TargetKind Takes() const final { return L::kTargets; }

  float RunForward(TensorView<const float> x, const Targets<float>& targets) const final;
  double RunForward(TensorView<const double> x, const Targets<double>& targets) const final;
  Dual RunForward(TensorView<const Dual> x, const Targets<Dual>& targets) const final;
  void RunBackward(TensorView<const float> x, const Targets<float>& targets,
                   TensorView<float> dx) const final;
  void RunBackward(TensorView<const double> x, const Targets<double>& targets,
                   TensorView<double> dx) const final;

 private:
  const L& self() const { return static_cast<const L&>(*this); }

  // Calls visit(first element, elements, target) for every sample; returns what to divide by.
  template <class S, class Visit>
  double ForEachRow(TensorView<const S> x, const Targets<S>& targets, const Visit& visit) const {
    const Shape& shape = x.shape();
    Check(shape, targets);
    const int64_t count = shape.Size() / shape[0];
    for (int64_t n = 0; n < shape[0]; n++) {
      visit(n * count, count, targets.Of(n, count));
    }
    return Weight(shape, targets);
  }
  template <class S>
  S Mean(TensorView<const S> x, const Targets<S>& targets) const {
    S sum(0);
    const double weight = ForEachRow(x, targets, [&](int64_t at, int64_t count, const Target<S>& target) {
      sum += self().Row(&x[at], count, target);
    });
    return sum / static_cast<S>(weight);
  }
  template <class S>
  void MeanGradient(TensorView<const S> x, const Targets<S>& targets, TensorView<S> dx) const {
    const S share =
        static_cast<S>(1 / ForEachRow(x, targets, [&](int64_t at, int64_t count, const Target<S>& target) {
                         self().RowGradient(&x[at], count, target, &dx[at]);
                       }));
    for (int64_t i = 0; i < dx.size(); i++) dx[i] *= share;
  }

  Options options_;
};

template <class L, class O>
float LossOf<L, O>::RunForward(TensorView<const float> x, const Targets<float>& targets) const {
  return Mean(x, targets);
}
template <class L, class O>
double LossOf<L, O>::RunForward(TensorView<const double> x, const Targets<double>& targets) const {
  return Mean(x, targets);
}
template <class L, class O>
Dual LossOf<L, O>::RunForward(TensorView<const Dual> x, const Targets<Dual>& targets) const {
  return Mean(x, targets);
}
template <class L, class O>
void LossOf<L, O>::RunBackward(TensorView<const float> x, const Targets<float>& targets,
                               TensorView<float> dx) const {
  MeanGradient(x, targets, dx);
}
template <class L, class O>
void LossOf<L, O>::RunBackward(TensorView<const double> x, const Targets<double>& targets,
                               TensorView<double> dx) const {
  MeanGradient(x, targets, dx);
}

}  // namespace fovea
#pragma GCC visibility pop
