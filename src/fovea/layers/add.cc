#include "fovea/layers/add.h"

namespace fovea {

template <class S>
void Add::Forward(const ForwardCall<S>& call) const {
  std::vector<TensorView<const S>> terms = call.x;
  terms.insert(terms.end(), call.w.begin(), call.w.end());
  for (std::size_t j = 0; j < terms.size(); j++) {
    const Broadcast at(terms[j].shape(), call.y.shape());
    for (int64_t i = 0; i < call.y.size(); i++)
      call.y[i] = j == 0 ? terms[0][at(i)] : call.y[i] + terms[j][at(i)];
  }
}

template <class S>
void Add::Backward(const BackwardCall<S>& call) const {
  const auto sum = [&](TensorView<S> to) {
    const Broadcast at(to.shape(), call.dy.shape());
    for (int64_t i = 0; i < call.dy.size(); i++) to[at(i)] += call.dy[i];
  };
  for (const auto& dx : call.dx) {
    if (!dx.present()) continue;
    std::fill(dx.values().begin(), dx.values().end(), S(0));
    sum(dx);
  }
  for (const auto& dw : call.dw) sum(dw);
}

template class LayerOf<Add, OperandOptions>;

}  // namespace fovea
