// Inverted dropout.
//   training: y = keep * x / (1 - rate), keep drawn 0 with probability rate;  inference: y = x
// Shapes    x, y of any shape
// Saves     nothing: keep is drawn again from its counter.
// Backward  dx = keep * dy / (1 - rate)
// Random    keep of element i (plain order) of sample s is word i of the stream (key, s): it depends on no
// order, batch
//           or thread.
// Source    Srivastava et al. 2014
#pragma once

#include "fovea/layers/layer.h"

#pragma GCC visibility push(default)
namespace fovea {

struct DropoutOptions {
  double rate = 0.5;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("rate", o.rate, Between(0, 0.999));
  }
};

class Dropout final : public LayerOf<Dropout, DropoutOptions> {
 public:
  static constexpr std::string_view kType = "dropout";
  explicit Dropout(DropoutOptions options = {}) : LayerOf(options) {}

  Shape OutputShape(std::span<const Shape> x) const override { return x[0]; }

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;

 private:
  template <class S>
  void Scale(Mode mode, const CallRandom& random, TensorView<const S> from, TensorView<S> to) const;
};
extern template class LayerOf<Dropout, DropoutOptions>;

}  // namespace fovea
#pragma GCC visibility pop
