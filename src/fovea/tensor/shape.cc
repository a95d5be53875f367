#include "fovea/tensor/shape.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <vector>

#include "fovea/base/checked.h"
#include "fovea/base/error.h"

namespace fovea {

Shape::Shape(std::initializer_list<int64_t> extents)
    : Shape(std::span<const int64_t>(extents.begin(), extents.size())) {}

Shape::Shape(std::span<const int64_t> extents) {
  if (extents.size() > kMaxRank) {
    throw ShapeError(
        fmt::format("a shape of rank {} is too deep: at most {} axes", extents.size(), kMaxRank));
  }
  int64_t size = 1;
  for (int64_t extent : extents) {
    if (extent < 0) throw ShapeError(fmt::format("a shape with the negative extent {}", extent));
    size = CheckedMultiply(size, extent);
    extents_[static_cast<std::size_t>(rank_++)] = extent;
  }
}

int64_t Shape::Size() const {
  int64_t size = 1;
  for (int64_t extent : extents()) size *= extent;
  return size;
}

Shape Shape::WithBatch(int64_t n) const {
  if (rank_ == 0) throw ShapeError("a scalar has no batch axis");
  Shape changed = *this;
  changed.extents_[0] = n;
  return changed;
}

std::string Shape::ToString() const {
  return rank_ == 0 ? "scalar" : fmt::format("{}", fmt::join(extents(), "x"));
}

Shape ParseShape(const std::string& text) {
  const auto fail = [&] {
    return ArgumentError(
        fmt::format("\"{}\" is not a shape; write extents joined by x, as in 3x32x32", text));
  };
  std::vector<int64_t> extents;
  const char *p = text.data(), *end = p + text.size();
  for (;;) {
    int64_t extent = 0;
    const auto [next, error] = std::from_chars(p, end, extent);
    if (error != std::errc() || extent < 1 || extents.size() == Shape::kMaxRank) throw fail();
    extents.push_back(extent);
    if (next == end) return Shape(extents);
    if (*next != 'x') throw fail();
    p = next + 1;
  }
}

}  // namespace fovea
