// What a layer is: an immutable value of hyper-parameters with a shape rule, its parameters, and a reference
// forward and backward pass straight from its derivation. A layer owns no weights and no activations; whoever
// executes it does.
//
// A backward pass is the gradient of <dy, y>: gradients of activations are assigned, gradients of parameters
// accumulate.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/base/random.h"
#include "fovea/layers/hyper.h"
#include "fovea/tensor/dual.h"
#include "fovea/tensor/tensor.h"

#pragma GCC visibility push(default)
namespace fovea {

enum class Mode { kTraining, kInference };

// How a parameter is used; only kWeight is subject to weight decay.
enum class Role { kWeight, kBias, kScale, kState };

// How a parameter starts.
//   kHe        normal, variance 2 / fan_in                     (He et al. 2015, arXiv:1502.01852)
//   kXavier    uniform on +-sqrt(6 / (fan_in + fan_out))       (Glorot & Bengio 2010)
//   kConstant  `value` everywhere
//   kDirac     the identity: w[k][c] is 1 at the middle of the window where k == c (mod the group), 0
//   elsewhere
//   kPartialDirac  filter k of its group the identity while there are channels, the others uniform on
//                  +-1/sqrt(fan_in)                            (Jordan 2024, arXiv:2404.00498)
//   kMeanField uniform, variance 1 / fan_in^2: an output layer whose scores start near 0 at any width
//                                                              (Yang et al. 2022, arXiv:2203.03466)
//   kWhiten    filters that whiten the patches of the training images, see data/whiten.h
enum class Init { kHe, kXavier, kConstant, kDirac, kPartialDirac, kMeanField, kWhiten };
struct Initializer {
  Init kind = Init::kConstant;
  double value = 0;
  int64_t fan_in = 1, fan_out = 1;
};

struct ParameterSpec {
  std::string name;  // within the layer: "weight", "bias", "running_mean"
  Shape shape;
  Role role = Role::kWeight;
  Initializer init;
};

// The random numbers of one call: dropout draws word i of the stream (key, samples[n]) for element i of image
// n.
struct CallRandom {
  RandomKey key;
  std::span<const int64_t> samples;  // global sample numbers; empty means 0, 1, 2, ...
  int64_t Sample(int64_t n) const { return samples.empty() ? n : samples[static_cast<std::size_t>(n)]; }
};

template <class S>
struct ForwardCall {
  std::vector<TensorView<const S>> x = {};  // inputs
  std::vector<TensorView<const S>> w = {};  // in the order of Parameters()
  std::vector<TensorView<S>> state = {};    // in the order of State(); updated in training
  TensorView<S> y = {};                     // assigned
  Mode mode = Mode::kInference;
  CallRandom random = {};
};

template <class S>
struct BackwardCall {
  std::vector<TensorView<const S>> x = {};
  std::vector<TensorView<const S>> w = {};
  std::vector<TensorView<const S>> state = {};
  TensorView<const S> dy = {};
  std::vector<TensorView<S>> dx = {};  // assigned; an absent view is not wanted
  std::vector<TensorView<S>> dw = {};  // accumulated
  Mode mode = Mode::kTraining;
  CallRandom random = {};
};

class Layer {
 public:
  virtual ~Layer() = default;

  virtual std::string_view Type() const = 0;
  virtual HyperList HyperParameters() const = 0;

  // How many inputs the layer takes: at least `min`, at most `max`.
  struct Arity {
    int min = 1, max = 1;
  };
  virtual Arity Inputs() const { return {}; }

  // The shape of y, from complete shapes with the batch. Throws ShapeError that says what it got and what it
  // needs.
  virtual Shape OutputShape(std::span<const Shape> x) const = 0;
  virtual std::vector<ParameterSpec> Parameters(std::span<const Shape>) const { return {}; }
  // Tensors that training updates without a gradient.
  virtual std::vector<ParameterSpec> State(std::span<const Shape>) const { return {}; }
  // Multiply-adds of one forward pass; 0 for layers that only compare, copy, scale or normalise: the convention of
  // published counts.
  virtual int64_t MultiplyAdds(std::span<const Shape>) const { return 0; }

  virtual void RunForward(const ForwardCall<float>& call) const = 0;
  virtual void RunForward(const ForwardCall<double>& call) const = 0;
  virtual void RunForward(const ForwardCall<Dual>& call) const = 0;
  virtual void RunBackward(const BackwardCall<float>& call) const = 0;
  virtual void RunBackward(const BackwardCall<double>& call) const = 0;
  virtual void RunBackward(const BackwardCall<Dual>& call) const = 0;
};

bool operator==(const Layer& a, const Layer& b);
// "conv2d(filters=16, kernel=[3,3], ...)".
std::string ToString(const Layer& layer);

// Turns the templates Forward<S> and Backward<S> of L, its Options and its kType into the virtual functions
// of Layer.
template <class L, class OptionsOfL>
class LayerOf : public Layer {
 public:
  using Options = OptionsOfL;
  explicit LayerOf(Options options) : options_(std::move(options)) { CheckHyper(L::kType, options_); }

  const Options& options() const { return options_; }
  std::string_view Type() const final { return L::kType; }
  HyperList HyperParameters() const final { return ListHyper(options_); }

  void RunForward(const ForwardCall<float>& call) const final;
  void RunForward(const ForwardCall<double>& call) const final;
  void RunForward(const ForwardCall<Dual>& call) const final;
  void RunBackward(const BackwardCall<float>& call) const final;
  void RunBackward(const BackwardCall<double>& call) const final;
  void RunBackward(const BackwardCall<Dual>& call) const final;

 private:
  const L& self() const { return static_cast<const L&>(*this); }
  Options options_;
};

// Out of class, so that only the source that instantiates LayerOf<L> needs the templates of L.
template <class L, class O>
void LayerOf<L, O>::RunForward(const ForwardCall<float>& call) const {
  self().Forward(call);
}
template <class L, class O>
void LayerOf<L, O>::RunForward(const ForwardCall<double>& call) const {
  self().Forward(call);
}
template <class L, class O>
void LayerOf<L, O>::RunForward(const ForwardCall<Dual>& call) const {
  self().Forward(call);
}
template <class L, class O>
void LayerOf<L, O>::RunBackward(const BackwardCall<float>& call) const {
  self().Backward(call);
}
template <class L, class O>
void LayerOf<L, O>::RunBackward(const BackwardCall<double>& call) const {
  self().Backward(call);
}
template <class L, class O>
void LayerOf<L, O>::RunBackward(const BackwardCall<Dual>& call) const {
  self().Backward(call);
}

// For layers without hyper-parameters.
struct NoOptions {
  template <class Self, class F>
  static void Fields(Self&, F&&) {}
};

// Throws ShapeError unless `x` has rank 4: "needs a map (N, C, H, W), got 2x10".
void RequireMap(const Shape& x);

}  // namespace fovea
#pragma GCC visibility pop
