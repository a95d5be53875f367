// Strokes for the glyphs: polylines in the unit square, moved by an affine map, drawn with a soft edge.
#pragma once

#include <array>
#include <vector>

namespace fovea {

struct Point {
  double x, y;
};
using Stroke = std::vector<Point>;

// The strokes of a digit, y downwards, within [-0.5, 0.5] x [-0.7, 0.7].
const std::vector<Stroke>& DigitStrokes(int digit);

// Part of an ellipse as a polyline; angles in turns, from the right, clockwise on the screen.
Stroke Arc(Point centre, double rx, double ry, double from, double to, int pieces = 14);

struct Affine {
  double a, b, c, d, x, y;  // (a*px + b*py + x, c*px + d*py + y)
  Point operator()(Point p) const { return {a * p.x + b * p.y + x, c * p.x + d * p.y + y}; }
};

// Coverage in [0, 1] of each pixel of a square picture.
class Coverage {
 public:
  static constexpr int kSide = 32;
  // Draws a polyline in pixel coordinates; overlapping strokes do not add up.
  void Draw(const Stroke& stroke, const Affine& map, double radius);
  double at(int x, int y) const { return values_[static_cast<std::size_t>(y * kSide + x)]; }

 private:
  void DrawSegment(Point a, Point b, double radius);
  std::array<double, kSide * kSide> values_{};
};

}  // namespace fovea
