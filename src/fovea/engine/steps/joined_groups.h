// Convolutions of thin groups. The kernels serve groups of whole blocks of 16 channels; here neighbouring groups are joined to
// such, and weights become wide: zero but for blocks on the diagonal, one for each group that was joined. Of the products
// these make one in so many counts, and still the kernels are far ahead of a loop over single groups.
#pragma once

#include "fovea/kernels/conv_plan.h"

namespace fovea {

class JoinedGroups {
 public:
  // As few groups join as make a geometry that the kernels serve; none where it is one already.
  explicit JoinedGroups(const ConvGeometry& geometry);

  const ConvGeometry& geometry() const { return wide_; }
  bool any() const { return joined_ > 1; }
  int64_t Floats() const;  // of wide weights, in whole blocks of 16; 0 where none are joined

  // Weights (K,C/g,kh,kw) made wide in `wide`; where no groups are joined, these weights themselves.
  const float* Widened(const float* w, float* wide) const;

  // The gradient goes to the one of wide weights, which is then added to dw; or to dw at once.
  float* Begin(float* dw, float* wide) const;
  void Finish(const float* wide, float* dw) const;

 private:
  // Calls visit(at, from, size) for the run of values of each filter, in wide weights and in plain ones.
  template <class Visit>
  void ForEachFilter(const Visit& visit) const;

  ConvGeometry wide_;
  int64_t joined_ = 1;
};

}  // namespace fovea
