#include "fovea/engine/steps/joined_groups.h"

#include <algorithm>

namespace fovea {

JoinedGroups::JoinedGroups(const ConvGeometry& geometry) : wide_(geometry) {
  while (!ConvPlan::Supports(wide_) && joined_ < geometry.groups) {
    do joined_++;
    while (geometry.groups % joined_ != 0);
    wide_.groups = geometry.groups / joined_;
  }
}

int64_t JoinedGroups::Floats() const {
  const int64_t floats = wide_.k * (wide_.c / wide_.groups) * wide_.kh * wide_.kw;
  return joined_ == 1 ? 0 : (floats + 15) / 16 * 16;
}

template <class Visit>
void JoinedGroups::ForEachFilter(const Visit& visit) const {
  const int64_t plain = wide_.c / wide_.groups / joined_ * wide_.kh * wide_.kw;
  const int64_t filters = wide_.k / wide_.groups / joined_;  // of a plain group
  for (int64_t k = 0; k < wide_.k; k++)
    visit((k * joined_ + k / filters % joined_) * plain, k * plain, plain);
}

const float* JoinedGroups::Widened(const float* w, float* wide) const {
  if (joined_ == 1) return w;
  std::fill_n(wide, Floats(), 0.0f);
  ForEachFilter([&](int64_t at, int64_t from, int64_t size) { std::copy_n(w + from, size, wide + at); });
  return wide;
}

float* JoinedGroups::Begin(float* dw, float* wide) const {
  if (joined_ == 1) return dw;
  std::fill_n(wide, Floats(), 0.0f);
  return wide;
}

void JoinedGroups::Finish(const float* wide, float* dw) const {
  if (joined_ == 1) return;
  ForEachFilter([&](int64_t at, int64_t from, int64_t size) {
    for (int64_t i = 0; i < size; i++) dw[from + i] += wide[at + i];
  });
}

}  // namespace fovea
