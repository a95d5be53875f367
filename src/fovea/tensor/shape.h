// The extents of a tensor, outermost first: (N, C, H, W) for images, (N, C) for features.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#pragma GCC visibility push(default)
namespace fovea {

class Shape {
 public:
  static constexpr int kMaxRank = 6;

  Shape() = default;
  // Throws ShapeError for a negative extent, more than kMaxRank of them, or a size beyond int64.
  Shape(std::initializer_list<int64_t> extents);
  explicit Shape(std::span<const int64_t> extents);

  int rank() const { return rank_; }
  int64_t operator[](int axis) const { return extents_[static_cast<std::size_t>(axis)]; }
  // The number of elements; 1 for rank 0.
  int64_t Size() const;
  // The same extents but for the outermost.
  Shape WithBatch(int64_t n) const;
  std::span<const int64_t> extents() const { return {extents_.data(), static_cast<std::size_t>(rank_)}; }
  // "2x3x32x32"; "scalar" for rank 0.
  std::string ToString() const;

  bool operator==(const Shape&) const = default;

 private:
  std::array<int64_t, kMaxRank> extents_{};
  int rank_ = 0;
};

// Reads "3x32x32". Throws ArgumentError that shows the text and an example.
Shape ParseShape(const std::string& text);

}  // namespace fovea
#pragma GCC visibility pop
