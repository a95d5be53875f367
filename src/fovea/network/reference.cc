#include "fovea/network/reference.h"

#include <fmt/format.h>

#include "fovea/base/error.h"

namespace fovea {
namespace {

template <class To, class From>
std::vector<To> Slice(From& list, int first, int count) {
  return {list.begin() + first, list.begin() + first + count};
}

}  // namespace

RandomKey NodeKey(RandomKey key, int node) {
  key.seed ^= 0x9E3779B97F4A7C15u * static_cast<uint64_t>(node + 1);
  return key;
}

template <class S>
Reference<S>::Reference(const Network& network) : network_(network) {
  for (const auto& p : network.parameters()) parameters_.push_back(Cast<S>(p.value.view()));
  for (const auto& s : network.states()) states_.push_back(Cast<S>(s.value.view()));
}

template <class S>
CallRandom Reference<S>::RandomFor(std::size_t node) const {
  return {NodeKey(key_, static_cast<int>(node)), samples_};
}

template <class S>
TensorView<const S> Reference<S>::Forward(TensorView<const S> x, Mode mode, CallRandom random) {
  const int64_t n = x.extent(0);
  if (x.shape() != network_.InputShape(n)) {
    throw ShapeError(
        fmt::format("the network takes {}, got {}", network_.InputShape(n).ToString(), x.shape().ToString()));
  }
  samples_.assign(random.samples.begin(), random.samples.end());
  mode_ = mode, key_ = random.key, states_before_ = states_;
  values_.clear();
  values_.reserve(static_cast<std::size_t>(network_.ValueCount()));
  values_.push_back(Cast<S>(x));
  for (std::size_t i = 0; i < network_.nodes().size(); i++) {
    const Node& node = network_.nodes()[i];
    ForwardCall<S> call;
    for (int v : node.inputs) call.x.push_back(value(v).view());
    call.w = Slice<TensorView<const S>>(parameters_, node.first_parameter, node.parameters);
    call.state = Slice<TensorView<S>>(states_, node.first_state, node.states);
    values_.emplace_back(node.shape.WithBatch(n));
    call.y = values_.back();
    call.mode = mode;
    call.random = RandomFor(i);
    try {
      node.layer->RunForward(call);
    } catch (const ShapeError& error) {
      throw ShapeError(fmt::format("layer {} ({}): {}", node.name, node.layer->Type(), error.what()));
    }
  }
  return values_.back();
}

template <class S>
void Reference<S>::Backward(TensorView<const S> dy) {
  gradients_.clear();
  for (const auto& p : parameters_) gradients_.emplace_back(p.shape());
  value_gradients_.clear();
  for (const auto& v : values_) value_gradients_.emplace_back(v.shape());
  value_gradients_.back() = Cast<S>(dy);
  for (std::size_t i = network_.nodes().size(); i-- > 0;) {
    const Node& node = network_.nodes()[i];
    BackwardCall<S> call;
    for (int v : node.inputs) call.x.push_back(value(v).view());
    call.w = Slice<TensorView<const S>>(parameters_, node.first_parameter, node.parameters);
    call.state = Slice<TensorView<const S>>(states_before_, node.first_state, node.states);
    call.dy = value_gradients_[i + 1];
    call.dw = Slice<TensorView<S>>(gradients_, node.first_parameter, node.parameters);
    call.mode = mode_;
    call.random = RandomFor(i);
    std::vector<Tensor<S>> dx;
    for (const auto& x : call.x) dx.emplace_back(x.shape());
    for (auto& t : dx) call.dx.push_back(t);
    node.layer->RunBackward(call);
    for (std::size_t j = 0; j < dx.size(); j++) {
      auto& sum = value_gradients_[static_cast<std::size_t>(node.inputs[j])];
      for (int64_t k = 0; k < sum.size(); k++) sum[k] += dx[j][k];
    }
  }
}

template class Reference<float>;
template class Reference<double>;
template class Reference<Dual>;

}  // namespace fovea
