// What a darknet detector finds in photos.
#pragma once

#include <string>
#include <vector>

#include "fovea/data/photo/placement.h"
#include "fovea/engine/program.h"
#include "fovea/formats/darknet/boxes.h"

namespace fovea {

struct DetectorOptions {
  double threshold = 0.5, overlap = 0.45;  // those of darknet's `detector test`
  PhotoFit fit = PhotoFit::kLetterbox;
  int threads = 0;  // 0: all
  Arithmetic arithmetic = {};
};

class Detector {
 public:
  // The model must outlive the detector. Throws ShapeError for a network that does not read photos of 3 channels, ArgumentError for
  // heads that are not [yolo].
  Detector(Model& model, const DetectorOptions& options);

  // Boxes in pixels of the photo, most probable first. Throws IoError or FormatError naming the photo, also where
  // the network answers with numbers that are not finite.
  std::vector<Detection> Run(const std::string& path);

 private:
  Model& model_;
  const DetectorOptions options_;
  const Shape image_;  // (C,H,W)
  Program program_;
};

}  // namespace fovea
