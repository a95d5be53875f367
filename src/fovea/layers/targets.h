// What a batch of predictions is held to: one label a sample, or a tensor of the predictions' shape (shares of classes, several
// labels as zeros and ones, values of a regression). It borrows.
#pragma once

#include <vector>

#include "fovea/tensor/tensor.h"

#pragma GCC visibility push(default)
namespace fovea {

using Labels = std::span<const int32_t>;

// Of one sample: a label, or `values`, as many as there are predictions.
template <class S>
struct Target {
  int32_t label = -1;
  const S* values = nullptr;

  // The share of class k.
  S Share(int64_t k) const { return values ? values[k] : S(k == label ? 1 : 0); }
};

template <class S>
class Targets {
 public:
  Targets(Labels labels) : labels_(labels), labelled_(true) {}              // NOLINT: labels are targets
  Targets(const std::vector<int32_t>& labels) : Targets(Labels(labels)) {}  // NOLINT
  Targets(TensorView<const S> values) : values_(values) {}                  // NOLINT
  Targets(const Tensor<S>& values) : Targets(TensorView<const S>(values.view())) {}  // NOLINT

  bool labelled() const { return labelled_; }
  Labels labels() const { return labels_; }
  TensorView<const S> values() const { return values_; }
  // Of sample n, of `count` predictions.
  Target<S> Of(int64_t n, int64_t count) const {
    if (labelled_) return {labels_[static_cast<std::size_t>(n)], nullptr};
    return {-1, &values_[n * count]};
  }

 private:
  Labels labels_;
  TensorView<const S> values_;
  bool labelled_ = false;
};

}  // namespace fovea
#pragma GCC visibility pop
