#include "fovea/data/shift.h"

#include <algorithm>
#include <vector>

namespace fovea {
namespace {

constexpr int64_t kOutside = -1;

int64_t Reflected(int64_t i, int64_t extent) {
  const int64_t period = std::max<int64_t>(2 * (extent - 1), 1), place = ((i % period) + period) % period;
  return place < extent ? place : period - place;
}

// For each place along an axis, the place that it shows.
std::vector<int64_t> Sources(int64_t extent, int64_t shift, bool mirror, bool reflect) {
  std::vector<int64_t> from;
  for (int64_t i = shift; i < extent + shift; i++) {
    const bool inside = i >= 0 && i < extent;
    const int64_t place = inside ? i : reflect ? Reflected(i, extent) : kOutside;
    from.push_back(mirror && place != kOutside ? extent - 1 - place : place);
  }
  return from;
}

template <class T>
void ShiftAny(const Shift& shift, const Shape& shape, const T* x, T* y) {
  const auto rows = Sources(shape[1], shift.dy, false, shift.reflect);
  const auto columns = Sources(shape[2], shift.dx, shift.mirror, shift.reflect);
  for (int64_t c = 0; c < shape[0]; c++) {
    for (const int64_t row : rows) {
      const T* from = x + (c * shape[1] + std::max<int64_t>(row, 0)) * shape[2];
      for (const int64_t column : columns) *y++ = row == kOutside || column == kOutside ? T(0) : from[column];
    }
  }
}

}  // namespace

void ShiftImage(const Shift& shift, const Shape& shape, const uint8_t* x, uint8_t* y) {
  ShiftAny(shift, shape, x, y);
}
void ShiftImage(const Shift& shift, const Shape& shape, const float* x, float* y) {
  ShiftAny(shift, shape, x, y);
}

}  // namespace fovea
