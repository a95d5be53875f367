// Which rows and columns of a map a resized one reads, and with what weights: see resize.h.
#pragma once

#include <vector>

#include "fovea/layers/resize.h"

namespace fovea {

struct ResizeTap {
  int64_t at;
  double weight;
};
using ResizeTaps = std::vector<ResizeTap>;  // of one row or column of y

// Throws ShapeError when it would be 0.
int64_t ResizedExtent(int64_t size, double scale, int64_t extent);

std::vector<ResizeTaps> RowTaps(const ResizeOptions& o, const Shape& x);
std::vector<ResizeTaps> ColumnTaps(const ResizeOptions& o, const Shape& x);

}  // namespace fovea
