#include "fovea/engine/steps/stored_move.h"

#include <algorithm>

namespace fovea {
namespace {

constexpr int64_t kLanes = 16;

// Where number i of a sample in plain order is stored.
int64_t Stored(const Storage& s, int64_t i) {
  const bool turned = s.layout == Layout::kTurned;
  const int64_t plane = s.h * s.w;
  const int64_t c = turned ? i % s.c : i / plane, p = turned ? i / s.c : i % plane;
  return (c / kLanes * plane + p) * kLanes + c % kLanes;
}

// The tables of a leading side whose numbers, in plain order, lie at `at` of the other; absent when that is no sum.
std::optional<StoredMove> Split(const std::vector<int64_t>& at, const Storage& lead) {
  const auto some = std::find_if(at.begin(), at.end(), [](int64_t v) { return v != kNothing; });
  if (some == at.end()) return {};
  const int64_t pixels = lead.h * lead.w, place = Stored(lead, some - at.begin()) / kLanes;
  const int64_t c0 = place / pixels * kLanes + Stored(lead, some - at.begin()) % kLanes, p0 = place % pixels;
  const auto number = [&](int64_t c, int64_t p) {
    return at[static_cast<std::size_t>(lead.PlainPlace(c, p))];
  };
  StoredMove move;
  for (int64_t c = 0; c < lead.c; c++)
    move.channel.push_back(number(c, p0) == kNothing ? kNowhere : number(c, p0));
  for (int64_t p = 0; p < pixels; p++)
    move.pixel.push_back(number(c0, p) == kNothing ? kNowhere : number(c0, p) - number(c0, p0));
  for (int64_t c = 0; c < lead.c; c++) {
    for (int64_t p = 0; p < pixels; p++) {
      const int64_t first = move.channel[static_cast<std::size_t>(c)],
                    second = move.pixel[static_cast<std::size_t>(p)];
      if (number(c, p) != (first == kNowhere || second == kNowhere ? kNothing : first + second)) return {};
    }
  }
  return move;
}

}  // namespace

bool StoredMove::WholeBlock(int64_t first) const {
  const auto at = static_cast<std::size_t>(first);
  if (channel.size() < at + kLanes || channel[at] == kNowhere) return false;
  for (std::size_t lane = 1; lane < kLanes; lane++) {
    if (channel[at + lane] != channel[at] + static_cast<int64_t>(lane)) return false;
  }
  return true;
}

std::optional<StoredMove> MoveOf(const Sources& sources, const Storage& x, const Storage& y) {
  const int64_t x_size = x.c * x.h * x.w;
  std::vector<int64_t> at, readers(static_cast<std::size_t>(x_size), kNothing);
  bool once = true;
  for (std::size_t i = 0; i < sources.size(); i++) {
    at.push_back(sources[i] == kNothing ? kNothing : Stored(x, sources[i]));
    if (sources[i] == kNothing) continue;
    int64_t& reader = readers[static_cast<std::size_t>(sources[i])];
    once = once && reader == kNothing;
    reader = Stored(y, static_cast<int64_t>(i));
  }
  std::optional<StoredMove> move = Split(at, y);
  const bool all_read = std::find(readers.begin(), readers.end(), kNothing) == readers.end();
  if (!move && once && all_read && sources.size() == readers.size()) {
    move = Split(readers, x);
    if (move) move->leads_y = false;
  }
  if (move) move->once = once;
  return move;
}

}  // namespace fovea
