#include "fovea/data/glyphs.h"

#include <algorithm>
#include <array>

#include "fovea/base/math.h"
#include "fovea/base/random.h"
#include "fovea/data/glyph_drawing.h"

namespace fovea {
namespace {

constexpr int kSide = Coverage::kSide;
using Colour = std::array<double, 3>;  // 0..255

Colour RandomColour(RandomStream& random) {
  return {random.Uniform(0, 255), random.Uniform(0, 255), random.Uniform(0, 255)};
}

double Distance(const Colour& a, const Colour& b) {
  double most = 0;
  for (std::size_t c = 0; c < 3; c++) most = std::max(most, std::abs(a[c] - b[c]));
  return most;
}

// Rotation, slant and size, about the middle of the picture.
Affine RandomPlacement(RandomStream& random) {
  const double angle = random.Uniform(-0.38, 0.38), slant = random.Uniform(-0.28, 0.28);
  const double sx = random.Uniform(9.5, 15), sy = random.Uniform(12, 17.5);
  const double cosine = Cos(angle), sine = Sin(angle);
  return {cosine * sx,
          (slant * cosine - sine) * sy,
          sine * sx,
          (slant * sine + cosine) * sy,
          random.Uniform(13.5, 18.5),
          random.Uniform(13.5, 18.5)};
}

// Lines and arcs at the rim of the picture, where they disturb but do not hide the digit.
void DrawClutter(RandomStream& random, Coverage& coverage) {
  const int count = static_cast<int>(random.Below(5));
  for (int i = 0; i < count; i++) {
    const double angle = random.Uniform(0, 6.283), away = random.Uniform(13, 19);
    const double turn = random.Uniform(0, 6.283), size = random.Uniform(2, 6);
    const Affine map{Cos(turn) * size, -Sin(turn) * size,      Sin(turn) * size,
                     Cos(turn) * size, 16 + away * Cos(angle), 16 + away * Sin(angle)};
    const Stroke stroke =
        random.Below(2) == 0 ? Stroke{{-1, 0}, {1, 0}} : Arc({0, 0}, 1, 1, 0, random.Uniform(0.3, 0.8), 8);
    coverage.Draw(stroke, map, random.Uniform(0.5, 1.3));
  }
}

}  // namespace

Glyphs::Glyphs(int64_t train, int64_t test) : train_(train), test_(test) {
  for (char digit = '0'; digit <= '9'; digit++) classes_.emplace_back(1, digit);
}

int32_t Glyphs::Read(Split split, int64_t index, uint8_t* pixels) const {
  RandomStream random({2026, Purpose::kGlyphs, split == Split::kTrain ? 0u : 1u},
                      static_cast<uint64_t>(index));
  const auto digit = static_cast<int>(random.Below(10));
  const Colour ground = RandomColour(random), shade{random.Uniform(-45, 45), random.Uniform(-45, 45), 0};
  Colour ink = RandomColour(random), clutter = RandomColour(random);
  while (Distance(ink, ground) < 70) ink = RandomColour(random);
  Coverage drawn, disturbing;
  DrawClutter(random, disturbing);
  const Affine placement = RandomPlacement(random);
  const double radius = random.Uniform(0.75, 2.1);
  for (const Stroke& stroke : DigitStrokes(digit)) drawn.Draw(stroke, placement, radius);
  const double noise = random.Uniform(4, 30);
  for (int y = 0; y < kSide; y++) {
    for (int x = 0; x < kSide; x++) {
      const double light = shade[0] * (x - 16) / 16.0 + shade[1] * (y - 16) / 16.0;
      for (std::size_t c = 0; c < 3; c++) {
        double value = ground[c] + light;
        value += (clutter[c] - value) * disturbing.at(x, y);
        value += (ink[c] - value) * drawn.at(x, y);
        // The sum of two uniforms is near enough to normal noise, and cheap.
        value += noise * (random.Uniform() + random.Uniform() - 1) * 1.5;
        pixels[(static_cast<int>(c) * kSide + y) * kSide + x] =
            static_cast<uint8_t>(std::clamp(value + 0.5, 0.0, 255.0));
      }
    }
  }
  return digit;
}

}  // namespace fovea
