// The heads of a detector as JSON.
#pragma once

#include <string>
#include <vector>

#include "fovea/network/model.h"

namespace fovea {

std::string HeadsToJson(const std::vector<DetectionHead>& heads);

// Throws FormatError, ShapeError or JSON's own error for what is not such a list; and where boxes, classes, anchors and channels of a
// [yolo] head do not fit each other.
std::vector<DetectionHead> HeadsFromJson(const std::string& text);

}  // namespace fovea
