#include "fovea/formats/darknet/boxes.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/error.h"
#include "fovea/base/math.h"

namespace fovea {
namespace {

double Logistic(double x) { return 1 / (1 + Exp(-x)); }

// The numbers of one head.
class Head {
 public:
  Head(const DetectionHead& head, const Shape& input, std::span<const float> outputs)
      : head_(head),
        height_(head.shape[1]),
        width_(head.shape[2]),
        input_height_(static_cast<double>(input[1])),
        input_width_(static_cast<double>(input[2])) {
    if (head.type != "yolo")
      throw ArgumentError(fmt::format("boxes are decoded of [yolo] heads, not of [{}]", head.type));
    const auto offset = static_cast<std::size_t>(head.offset),
               size = static_cast<std::size_t>(head.shape.Size());
    if (offset > outputs.size() || outputs.size() - offset < size)
      throw ArgumentError("the head lies outside of the network's outputs; layers behind it are not decoded");
    values_ = outputs.subspan(offset, size);
  }

  void Decode(double threshold, std::vector<Detection>& found) const {
    for (int64_t row = 0; row < height_; row++)
      for (int64_t column = 0; column < width_; column++)
        for (std::size_t a = 0; a < head_.mask.size(); a++) DecodeBox(a, row, column, threshold, found);
  }

 private:
  // Number k of box a.
  double At(std::size_t a, int64_t k, int64_t row, int64_t column) const {
    const int64_t channel = static_cast<int64_t>(a) * (5 + head_.classes) + k;
    return static_cast<double>(
        values_[static_cast<std::size_t>((channel * height_ + row) * width_ + column)]);
  }

  void DecodeBox(std::size_t a, int64_t row, int64_t column, double threshold,
                 std::vector<Detection>& found) const {
    const auto share = [&](int64_t k) {
      const double t = At(a, k, row, column);
      return head_.new_coords ? t : Logistic(t);
    };
    const double object = share(4);
    if (!(object > threshold)) return;
    const auto place = [&](int64_t k) { return head_.scale_x_y * share(k) - (head_.scale_x_y - 1) / 2; };
    const auto stretch = [&](int64_t k) {
      const double t = At(a, k, row, column);
      return head_.new_coords ? 4 * t * t : Exp(t);
    };
    const auto anchor = static_cast<std::size_t>(head_.mask[a]) * 2;
    const Box box{(static_cast<double>(column) + place(0)) / static_cast<double>(width_),
                  (static_cast<double>(row) + place(1)) / static_cast<double>(height_),
                  head_.anchors[anchor] * stretch(2) / input_width_,
                  head_.anchors[anchor + 1] * stretch(3) / input_height_};
    for (int64_t k = 0; k < head_.classes; k++) {
      const double probability = object * share(5 + k);
      if (probability > threshold) found.push_back({static_cast<int32_t>(k), probability, box});
    }
  }

  const DetectionHead& head_;
  const int64_t height_, width_;
  const double input_height_, input_width_;
  std::span<const float> values_;
};

}  // namespace

std::vector<Detection> DecodeYolo(std::span<const DetectionHead> heads, const Shape& input,
                                  std::span<const float> outputs, double threshold) {
  std::vector<Detection> found;
  for (const DetectionHead& head : heads) Head(head, input, outputs).Decode(threshold, found);
  return found;
}

double Overlap(const Box& a, const Box& b) {
  const auto common = [](double p, double extent_p, double q, double extent_q) {
    return std::max(
        0.0, std::min(p + extent_p / 2, q + extent_q / 2) - std::max(p - extent_p / 2, q - extent_q / 2));
  };
  const double both = common(a.x, a.w, b.x, b.w) * common(a.y, a.h, b.y, b.h);
  const double either = a.w * a.h + b.w * b.h - both;
  return either > 0 ? both / either : 0;
}

std::vector<Detection> SuppressOverlaps(std::vector<Detection> found, double overlap) {
  std::stable_sort(found.begin(), found.end(),
                   [](const Detection& a, const Detection& b) { return a.probability > b.probability; });
  std::vector<Detection> kept;
  for (const Detection& d : found) {
    const bool hidden = std::any_of(kept.begin(), kept.end(), [&](const Detection& k) {
      return k.label == d.label && Overlap(k.box, d.box) > overlap;
    });
    if (!hidden) kept.push_back(d);
  }
  return kept;
}

}  // namespace fovea
