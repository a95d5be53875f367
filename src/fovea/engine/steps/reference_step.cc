#include "fovea/engine/steps/reference_step.h"

#include <numeric>

namespace fovea {
namespace {

class ReferenceStep final : public Step {
 public:
  explicit ReferenceStep(const Site& site) : layer_(site.at().layer), x_(site.x), y_(site.OutputStorage()) {
    for (const Shape& shape : site.InputShapes()) x_shapes_.push_back(shape);
    y_shape_ = layer_->OutputShape(x_shapes_);
  }

  std::string_view Name() const override { return "reference"; }

  StepNeeds Needs() const override {
    const int64_t inputs = std::accumulate(x_shapes_.begin(), x_shapes_.end(), int64_t{0},
                                           [](int64_t sum, const Shape& s) { return sum + s.Size(); });
    StepNeeds needs;
    needs.x_in_backward.resize(x_shapes_.size());
    std::iota(needs.x_in_backward.begin(), needs.x_in_backward.end(), 0);
    needs.forward_scratch = inputs + y_shape_.Size();
    needs.backward_scratch = 2 * inputs + y_shape_.Size();
    return needs;
  }

  void Forward(const StepCall& call) override {
    float* free = call.scratch;
    ForwardCall<float> forward{PlainInputs(call, free), call.w, call.state, {}, call.mode, call.random};
    forward.y = {free, y_shape_.WithBatch(call.n)};
    layer_->RunForward(forward);
    FromPlain(*call.pool, y_, call.n, free, call.y);
  }

  void Backward(const StepCall& call) override {
    float* free = call.scratch;
    BackwardCall<float> backward{
        PlainInputs(call, free), call.w, {}, {}, {}, call.dw, call.mode, call.random};
    backward.state.assign(call.state.begin(), call.state.end());
    ToPlain(*call.pool, y_, call.n, call.dy, free);
    backward.dy = {free, y_shape_.WithBatch(call.n)};
    free += y_shape_.Size();
    for (std::size_t i = 0; i < x_.size(); i++) {
      backward.dx.push_back(call.dx[i] ? TensorView<float>(free, x_shapes_[i].WithBatch(call.n))
                                       : TensorView<float>());
      free += x_shapes_[i].Size();
    }
    layer_->RunBackward(backward);
    for (std::size_t i = 0; i < x_.size(); i++) {
      if (call.dx[i]) FromPlain(*call.pool, x_[i], call.n, backward.dx[i].data(), call.dx[i]);
    }
  }

 private:
  std::vector<TensorView<const float>> PlainInputs(const StepCall& call, float*& free) const {
    std::vector<TensorView<const float>> inputs;
    for (std::size_t i = 0; i < x_.size(); i++) {
      ToPlain(*call.pool, x_[i], call.n, call.x[i], free);
      inputs.push_back({free, x_shapes_[i].WithBatch(call.n)});
      free += x_shapes_[i].Size();
    }
    return inputs;
  }

  const std::shared_ptr<const Layer> layer_;
  const std::vector<Storage> x_;
  const Storage y_;
  std::vector<Shape> x_shapes_;
  Shape y_shape_;
};

}  // namespace

StepChoice TryReferenceStep(const Site& site) {
  return {std::make_unique<ReferenceStep>(site), 1, site.OutputStorage()};
}

}  // namespace fovea
