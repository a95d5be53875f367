// A rearrangement between two blocked maps as two tables: the number of (channel c, pixel p) of the leading side is that at
// channel[c] + pixel[p] of the other side.
#pragma once

#include <optional>
#include <vector>

#include "fovea/engine/storage.h"
#include "fovea/layers/rearrangement.h"

namespace fovea {

constexpr int64_t kNowhere = INT64_MIN;

struct StoredMove {
  // In numbers of an image of the other side; kNowhere where there is none.
  std::vector<int64_t> channel, pixel;
  bool leads_y = true;  // the leading side is y, else x
  bool once = true;     // no number of x is read twice

  // Whether the 16 channels from `first` on are 16 neighbours there.
  bool WholeBlock(int64_t first) const;
};

// Absent when the map has no such form.
std::optional<StoredMove> MoveOf(const Sources& sources, const Storage& x, const Storage& y);

}  // namespace fovea
