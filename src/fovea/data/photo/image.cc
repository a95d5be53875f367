#include "fovea/data/photo/image.h"

#include <fmt/format.h>

#include "fovea/base/error.h"

namespace fovea {

void CheckPhotoSize(const std::string& name, int64_t width, int64_t height) {
  if (width >= 1 && height >= 1 && width <= kMaxPhotoPixels / height) return;
  throw FormatError(fmt::format(
      "{}: the header says {}x{} pixels; photos of 1 to {} million are read; shrink it or remove it", name,
      width, height, kMaxPhotoPixels / 1'000'000));
}

}  // namespace fovea
