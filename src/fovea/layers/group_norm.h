// Group normalisation: over the channels of a group and all their pixels, of each sample.
//   mu, var over the m = C/g*H*W numbers of a group, r = 1/sqrt(var + eps), h = (x - mu)*r;  y = gamma*h + beta
// Shapes    x, y (N,C,...); gamma "weight" and beta "bias" (C), none unless affine
// Saves     mu, r (one a group) in the fast step; h is recomputed.
// Backward  dbeta[c] += sum of dy;  dgamma[c] += sum of dy*h;  with g = gamma*dy  dx = r*(g - mean(g) - h*mean(g*h)),
//           means over the group
// Edges     The same in training and inference, so a batch of 1 is as good as any. Two passes over x. Groups = 1 normalises
//           the whole sample, groups = C each plane (instance_norm).
// Throws    ShapeError when g does not divide C.
// Source    Wu & He 2018, arXiv:1803.08494; docs/derivations/row_norm.md
#pragma once

#include "fovea/layers/row_norm.h"

#pragma GCC visibility push(default)
namespace fovea {

struct GroupNormOptions {
  int64_t groups = 32;
  double eps = 1e-5;
  bool affine = true;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("groups", o.groups, AtLeast(1));
    field("eps", o.eps, Between(0, 1));
    field("affine", o.affine, Any());
  }
};

class GroupNorm final : public LayerOf<GroupNorm, GroupNormOptions> {
 public:
  static constexpr std::string_view kType = "group_norm";
  explicit GroupNorm(GroupNormOptions options = {}) : LayerOf(options) {}

  Shape OutputShape(std::span<const Shape> x) const override;
  std::vector<ParameterSpec> Parameters(std::span<const Shape> x) const override;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;

 private:
  Rows RowsOf(const Shape& x) const;
};
extern template class LayerOf<GroupNorm, GroupNormOptions>;

}  // namespace fovea
#pragma GCC visibility pop
