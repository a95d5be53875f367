#include "fovea/data/glyph_drawing.h"

#include <algorithm>
#include <cmath>

#include "fovea/base/math.h"

namespace fovea {
namespace {

constexpr double kTurn = 6.283185307179586;

Stroke Join(Stroke a, const Stroke& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<std::vector<Stroke>> MakeDigits() {
  return {
      {Arc({0, 0}, 0.42, 0.68, 0, 1, 24)},
      {{{-0.22, -0.42}, {0.06, -0.68}, {0.06, 0.68}}},
      {Join(Arc({0, -0.3}, 0.4, 0.38, 0.52, 1.08), {{-0.42, 0.66}, {0.44, 0.66}})},
      {Join(Arc({-0.02, -0.34}, 0.36, 0.34, 0.56, 1.2), Arc({-0.02, 0.32}, 0.4, 0.37, 0.8, 1.44))},
      {{{0.16, -0.68}, {-0.44, 0.26}, {0.46, 0.26}}, {{0.18, -0.1}, {0.18, 0.68}}},
      {{{0.38, -0.66}, {-0.3, -0.66}, {-0.34, -0.08}}, Arc({-0.02, 0.24}, 0.4, 0.42, 0.62, 1.42)},
      {Join(Stroke{{0.22, -0.68}, {-0.16, -0.32}}, Arc({0, 0.26}, 0.38, 0.4, 0.55, 1.55, 22))},
      {{{-0.42, -0.66}, {0.42, -0.66}, {-0.1, 0.68}}},
      {Arc({0, -0.34}, 0.32, 0.33, 0, 1, 20), Arc({0, 0.33}, 0.39, 0.35, 0, 1, 20)},
      {Join(Arc({0, -0.26}, 0.38, 0.4, 0.05, 1.05, 22), {{0.32, 0.1}, {0.06, 0.68}})},
  };
}

}  // namespace

const std::vector<Stroke>& DigitStrokes(int digit) {
  static const auto kDigits = MakeDigits();
  return kDigits[static_cast<std::size_t>(digit)];
}

Stroke Arc(Point centre, double rx, double ry, double from, double to, int pieces) {
  Stroke stroke;
  for (int i = 0; i <= pieces; i++) {
    const double angle = kTurn * (from + (to - from) * i / pieces);
    stroke.push_back({centre.x + rx * Cos(angle), centre.y + ry * Sin(angle)});
  }
  return stroke;
}

void Coverage::Draw(const Stroke& stroke, const Affine& map, double radius) {
  for (std::size_t i = 0; i + 1 < stroke.size(); i++) DrawSegment(map(stroke[i]), map(stroke[i + 1]), radius);
}

void Coverage::DrawSegment(Point a, Point b, double radius) {
  const double reach = radius + 1;
  const auto low = [&](double u, double v) {
    return std::max(0, static_cast<int>(std::floor(std::min(u, v) - reach)));
  };
  const auto high = [&](double u, double v) {
    return std::min(kSide - 1, static_cast<int>(std::ceil(std::max(u, v) + reach)));
  };
  const double dx = b.x - a.x, dy = b.y - a.y, length = std::max(dx * dx + dy * dy, 1e-9);
  for (int y = low(a.y, b.y); y <= high(a.y, b.y); y++) {
    for (int x = low(a.x, b.x); x <= high(a.x, b.x); x++) {
      const double px = x + 0.5 - a.x, py = y + 0.5 - a.y;
      const double t = std::clamp((px * dx + py * dy) / length, 0.0, 1.0);
      const double ex = px - t * dx, ey = py - t * dy;
      const double cover = std::clamp(radius + 0.5 - std::sqrt(ex * ex + ey * ey), 0.0, 1.0);
      double& value = values_[static_cast<std::size_t>(y * kSide + x)];
      value = std::max(value, cover);
    }
  }
}

}  // namespace fovea
