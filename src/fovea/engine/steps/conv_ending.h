// What an inference program makes part of the convolution before it: a batch norm, whose scale goes into the weights and whose
// shift into the bias; an addition; a rectifier.
#pragma once

#include <optional>
#include <vector>

#include "fovea/engine/step.h"
#include "fovea/kernels/isa/plane.h"

namespace fovea {

class ConvEnding {
 public:
  // Of the convolution at `site`; nothing in training. `joins`: whether its kernels can add another value.
  ConvEnding(const Site& site, bool bias, bool joins);

  int nodes() const { return nodes_; }  // behind the convolution
  int other() const {
    return other_;
  }  // the value that is added, or -1; the step reads it before its own input
  bool HasBias() const { return bias_ || norm_; }

  // The weights (K,..), in `scaled` where they are not the layer's own, and, when there is one, the bias, `lanes` floats from K on
  // zero.
  const float* Weights(const StepCall& call, int64_t k, std::vector<float>& scaled) const;
  void WriteBias(const StepCall& call, int64_t k, int64_t lanes, float* to) const;

  const float* Input(const StepCall& call) const { return call.x[other_ < 0 ? 0 : 1]; }
  Epilogue For(const StepCall& call, const float* bias) const {
    return {HasBias() ? bias : nullptr, other_ < 0 ? nullptr : call.x[0],
            rectifier_ ? &*rectifier_ : nullptr};
  }

 private:
  double Scale(const StepCall& call, int64_t k) const;

  bool bias_, norm_ = false;
  double eps_ = 0;
  int nodes_ = 0, other_ = -1;
  std::optional<Rectifier> rectifier_;
};

}  // namespace fovea
