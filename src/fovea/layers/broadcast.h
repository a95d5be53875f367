// Broadcasting by numpy's rule: shapes are aligned at their last axes; an axis of 1, or one that is missing, stands for as many as the
// other has.
#pragma once

#include <array>

#include "fovea/tensor/tensor.h"

#pragma GCC visibility push(default)
namespace fovea {

// The shape that both stand for. Throws ShapeError that names both when an axis differs and neither is 1.
Shape BroadcastShape(const Shape& a, const Shape& b);

// Which element of `from` each element of `to` reads, in row-major order; `to` is what `from` broadcasts to.
class Broadcast {
 public:
  Broadcast(const Shape& from, const Shape& to);

  int64_t operator()(int64_t i) const {
    if (same_) return i;
    int64_t at = 0;
    for (int axis = rank_; axis-- > 0;) {
      const auto k = static_cast<std::size_t>(axis);
      at += i % extents_[k] * strides_[k];
      i /= extents_[k];
    }
    return at;
  }

 private:
  bool same_;
  int rank_;
  std::array<int64_t, Shape::kMaxRank> extents_{}, strides_{};  // of `to`, of `from`
};

}  // namespace fovea
#pragma GCC visibility pop
