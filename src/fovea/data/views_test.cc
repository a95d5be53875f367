#include "fovea/data/views.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "fovea/base/error.h"

namespace fovea {
namespace {

constexpr int64_t kSide = 4;

// The pixel (h,w) of the 4x4 image that counts its pixels.
float At(int64_t h, int64_t w) { return static_cast<float>(h * kSide + w); }
int64_t Reflected(int64_t i) { return i < 0 ? -i : i >= kSide ? 2 * (kSide - 1) - i : i; }

std::vector<float> Shown(const Shift& shift) {
  std::vector<float> image, shown(kSide * kSide);
  for (int64_t i = 0; i < kSide * kSide; i++) image.push_back(static_cast<float>(i));
  ShiftImage(shift, {1, kSide, kSide}, image.data(), shown.data());
  return shown;
}

TEST(Shift, MovesThenMirrors) {
  for (const int64_t dy : {-1, 0, 2}) {
    for (const int64_t dx : {-2, 0, 1}) {
      const auto plain = Shown({.dy = dy, .dx = dx, .reflect = true}),
                 mirrored = Shown({.dy = dy, .dx = dx, .mirror = true, .reflect = true}),
                 zero = Shown({.dy = dy, .dx = dx});
      for (int64_t h = 0; h < kSide; h++) {
        for (int64_t w = 0; w < kSide; w++) {
          const auto at = static_cast<std::size_t>(h * kSide + w);
          const int64_t y = h + dy, x = w + dx;
          const bool inside = y >= 0 && y < kSide && x >= 0 && x < kSide;
          EXPECT_EQ(plain[at], At(Reflected(y), Reflected(x)));
          EXPECT_EQ(mirrored[at], At(Reflected(y), kSide - 1 - Reflected(x)));
          EXPECT_EQ(zero[at], inside ? At(y, x) : 0);
        }
      }
    }
  }
}

TEST(Views, WeighOneAndShowEachShiftBothWaysRound) {
  for (const char* name : {"none", "mirror", "mirror+shift"}) {
    double weight = 0;
    std::set<std::vector<float>> plain, mirrored;
    for (const View& view : ViewsOf(name)) {
      weight += static_cast<double>(view.weight);
      std::vector<float> shown = Shown(view.shift);
      plain.insert(shown);
      for (auto row = shown.begin(); row != shown.end(); row += kSide) std::reverse(row, row + kSide);
      mirrored.insert(shown);
    }
    EXPECT_EQ(weight, 1);
    EXPECT_EQ(plain.size(), ViewsOf(name).size());
    EXPECT_EQ(plain == mirrored, std::string(name) != "none");
  }
  EXPECT_THROW(ViewsOf("miror"), ArgumentError);
}

}  // namespace
}  // namespace fovea
