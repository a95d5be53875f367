// Multiclass hinge loss (Weston & Watkins), as the assignment of the notes uses it.
//   loss[n] = sum over k != label of max(0, x[n,k] - x[n,label] + margin);  the batch mean is returned
// Shapes    x (N,K), N labels
// Backward  dx[n,k] = 1{term k > 0} / N for k != label;  dx[n,label] = -(number of such k) / N
// Edges     A term of exactly 0 has gradient 0.
// Source    Weston & Watkins 1999
#pragma once

#include "fovea/layers/loss.h"

#pragma GCC visibility push(default)
namespace fovea {

struct MulticlassHingeOptions {
  double margin = 1;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("margin", o.margin, AtLeast(0));
  }
};

class MulticlassHinge final : public LossOf<MulticlassHinge, MulticlassHingeOptions> {
 public:
  static constexpr std::string_view kType = "multiclass_hinge";
  static constexpr TargetKind kTargets = TargetKind::kLabels;
  explicit MulticlassHinge(MulticlassHingeOptions options = {}) : LossOf(options) {}

  template <class S>
  S Row(const S* x, int64_t classes, const Target<S>& target) const;
  template <class S>
  void RowGradient(const S* x, int64_t classes, const Target<S>& target, S* dx) const;
};
extern template class LossOf<MulticlassHinge, MulticlassHingeOptions>;

}  // namespace fovea
#pragma GCC visibility pop
