// The reference executor: runs the layers' reference code in graph order over float, double or Dual. Slow and
// plain; it is the truth that the engine is held to, and what gradient checks and students run.
#pragma once

#include <vector>

#include "fovea/network/network.h"

#pragma GCC visibility push(default)
namespace fovea {

template <class S>
class Reference {
 public:
  // Copies the parameters and states of the network, which must outlive this.
  explicit Reference(const Network& network);

  // Runs all nodes; `x` is (N, C, H, W). Training mode updates states. Returns the last value.
  TensorView<const S> Forward(TensorView<const S> x, Mode mode, CallRandom random = {});
  // After Forward: `dy` is the gradient of the last value. Fills gradients(), adding where a value has
  // several readers.
  void Backward(TensorView<const S> dy);

  std::vector<Tensor<S>>& parameters() { return parameters_; }
  std::vector<Tensor<S>>& states() { return states_; }
  const Tensor<S>& value(int number) const { return values_[static_cast<std::size_t>(number)]; }
  // Of the parameters: zeroed by Backward before it accumulates. Of a value: d(loss)/d(value).
  const std::vector<Tensor<S>>& gradients() const { return gradients_; }
  const Tensor<S>& ValueGradient(int number) const {
    return value_gradients_[static_cast<std::size_t>(number)];
  }

 private:
  CallRandom RandomFor(std::size_t node) const;

  const Network& network_;
  std::vector<Tensor<S>> parameters_, states_, states_before_, values_, gradients_, value_gradients_;
  Mode mode_ = Mode::kInference;
  RandomKey key_;
  std::vector<int64_t> samples_;
};
extern template class Reference<float>;
extern template class Reference<double>;
extern template class Reference<Dual>;

// The random key of one node: layers of the same type must not draw the same numbers.
RandomKey NodeKey(RandomKey key, int node);

}  // namespace fovea
#pragma GCC visibility pop
