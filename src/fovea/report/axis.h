// One axis of a chart: a range that begins and ends on round numbers, its ticks, and where a value lies on
// it.
#pragma once

#include <vector>

namespace fovea {

struct Axis {
  double low = 0, high = 1;
  bool logarithmic = false;
  std::vector<double> ticks;

  // 0 at `low`, 1 at `high`; outside values lie outside, a value <= 0 on a logarithmic axis lies at 0.
  double Position(double value) const;
};

// About `count` ticks, each 1, 2 or 5 times a power of ten apart. The range holds low and high; where they
// are equal it is widened.
Axis LinearAxis(double low, double high, int count);

// As above, for ticks that are whole numbers; the range is exactly [low, high], and low has a tick where
// there is room for it.
Axis WholeAxis(double low, double high, int count);

// Ticks at powers of ten, with 2 and 5 times them where those are few. Needs 0 < low <= high.
Axis LogarithmicAxis(double low, double high);

}  // namespace fovea
