// Test-time augmentation: an image is shown to the network several times, and the scores are averaged.
#pragma once

#include <string>
#include <vector>

#include "fovea/data/shift.h"

#pragma GCC visibility push(default)
namespace fovea {

struct View {
  Shift shift;
  float weight = 1;  // of its scores; those of all views add up to 1
};

// By name:
//   none          the image as it is
//   mirror        as it is and mirrored, half each
//   mirror+shift  these two, a quarter each, and both moved by a pixel up and left, or down and right, an eighth each
//                 (Jordan 2024, arXiv:2404.00498)
// Throws ArgumentError for another name, with the nearest known one.
std::vector<View> ViewsOf(const std::string& name);

}  // namespace fovea
#pragma GCC visibility pop
