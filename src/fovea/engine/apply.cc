#include "fovea/engine/apply.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/error.h"

namespace fovea {
namespace {

Shape WithoutBatch(const Shape& x) { return Shape(x.extents().subspan(1)); }

}  // namespace

AppliedLayer::AppliedLayer(std::shared_ptr<const Layer> layer, const Shape& x, ProgramOptions options)
    : network_(WithoutBatch(x)) {
  const std::string name(layer->Type());
  network_.Add(name, std::move(layer));
  network_.Initialise(0);
  options.max_batch = x[0];
  options.input_gradient = options.mode == Mode::kTraining;
  program_ = std::make_unique<Program>(network_, options);
}

TensorView<const float> AppliedLayer::Forward(TensorView<const float> x,
                                              const std::vector<TensorView<const float>>& w,
                                              CallRandom random) {
  if (w.size() != network_.parameters().size()) {
    throw ArgumentError(fmt::format("{} takes {} parameters, got {}", network_.nodes()[0].name,
                                    network_.parameters().size(), w.size()));
  }
  for (std::size_t i = 0; i < w.size(); i++) {
    const auto to = network_.MutableParameter(static_cast<int>(i));
    if (to.shape() != w[i].shape()) {
      throw ShapeError(fmt::format("{} must be {}, got {}", network_.parameters()[i].name,
                                   to.shape().ToString(), w[i].shape().ToString()));
    }
    std::copy(w[i].values().begin(), w[i].values().end(), to.data());
  }
  return program_->Forward(x, random);
}

TensorView<const float> AppliedLayer::Backward(TensorView<const float> dy) {
  program_->ZeroGradients();
  program_->Backward(dy);
  return program_->InputGradient();
}

}  // namespace fovea
