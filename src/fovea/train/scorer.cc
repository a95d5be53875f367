#include "fovea/train/scorer.h"

#include "fovea/base/parallel.h"

namespace fovea {

TensorView<const float> Scorer::Scores(TensorView<const float> images) {
  if (views_.size() == 1) return program_.Forward(images);
  const Shape& shape = images.shape();
  const Shape image(shape.extents().subspan(1));
  if (moved_.shape() != shape) moved_ = Tensor<float>(shape);
  for (std::size_t v = 0; v < views_.size(); v++) {
    const View& view = views_[v];
    program_.pool().For(shape[0], [&](int64_t n, int) {
      ShiftImage(view.shift, image, images.data() + n * image.Size(), moved_.data() + n * image.Size());
    });
    const auto scores = program_.Forward(moved_);
    if (v == 0) average_ = Tensor<float>(scores.shape());
    for (int64_t i = 0; i < scores.size(); i++) average_[i] += view.weight * scores[i];
  }
  return average_;
}

}  // namespace fovea
