#include "fovea/train/detector.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fovea/base/error.h"
#include "fovea/data/photo/decode.h"

namespace fovea {
namespace {

// From shares of the network's input to pixels of the photo.
Box InPhoto(const Box& box, const Shape& input, const PhotoPlacement& at, const Image& photo) {
  const double across = static_cast<double>(photo.width) / at.width,
               down = static_cast<double>(photo.height) / at.height;
  const auto width = static_cast<double>(input[2]), height = static_cast<double>(input[1]);
  return {(box.x * width - at.left) * across, (box.y * height - at.top) * down, box.w * width * across,
          box.h * height * down};
}

}  // namespace

Detector::Detector(Model& model, const DetectorOptions& options)
    : model_(model),
      options_(options),
      image_(model.network.InputShape(1).extents().subspan(1)),
      program_(model.network, {.mode = Mode::kInference,
                               .max_batch = 1,
                               .threads = options.threads,
                               .arithmetic = options.arithmetic}) {
  if (image_.rank() != 3 || image_[0] != 3)
    throw ShapeError(fmt::format("photos have 3 channels; the network reads {}", image_.ToString()));
  for (const DetectionHead& head : model.heads) {
    if (head.type != "yolo")
      throw ArgumentError(fmt::format("boxes are decoded of [yolo] heads, not of [{}]", head.type));
  }
}

std::vector<Detection> Detector::Run(const std::string& path) {
  const Image photo = DecodePhoto(path);
  Tensor<float> x(model_.network.InputShape(1));
  const PhotoPlacement placement = PlacePhoto(photo, image_[2], image_[1], options_.fit, x.data());
  const Preprocessing& p = model_.preprocessing;
  const int64_t plane = image_[1] * image_[2];
  for (int64_t i = 0; i < x.size(); i++) {
    const auto c = static_cast<std::size_t>(i / plane);
    x[i] = static_cast<float>((static_cast<double>(x[i]) - p.mean[c]) / p.deviation[c]);
  }
  const auto outputs = program_.Forward(x);
  if (!std::ranges::all_of(outputs.values(), [](float v) { return std::isfinite(v); }))
    throw FormatError(path + ": the network's outputs are not finite");
  std::vector<Detection> found = DecodeYolo(model_.heads, image_, outputs.values(), options_.threshold);
  for (Detection& d : found) d.box = InPhoto(d.box, image_, placement, photo);
  return SuppressOverlaps(std::move(found), options_.overlap);
}

}  // namespace fovea
