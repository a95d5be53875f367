#include "fovea/layers/dropout.h"

namespace fovea {

template <class S>
void Dropout::Scale(Mode mode, const CallRandom& random, TensorView<const S> from, TensorView<S> to) const {
  if (mode == Mode::kInference) {
    std::copy(from.values().begin(), from.values().end(), to.data());
    return;
  }
  const int64_t samples = from.extent(0), features = from.size() / samples;
  const S scale = static_cast<S>(1 / (1 - options().rate));
  for (int64_t n = 0; n < samples; n++) {
    RandomStream stream(random.key, static_cast<uint64_t>(random.Sample(n)));
    for (int64_t i = n * features; i < (n + 1) * features; i++) {
      to[i] = stream.Uniform() < options().rate ? S(0) : from[i] * scale;
    }
  }
}

template <class S>
void Dropout::Forward(const ForwardCall<S>& call) const {
  Scale(call.mode, call.random, call.x[0], call.y);
}

template <class S>
void Dropout::Backward(const BackwardCall<S>& call) const {
  if (call.dx[0].present()) Scale(call.mode, call.random, call.dy, call.dx[0]);
}

template class LayerOf<Dropout, DropoutOptions>;

}  // namespace fovea
