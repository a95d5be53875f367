#include "fovea/layers/slice.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "fovea/base/error.h"
#include "fovea/layers/axes.h"

namespace fovea {

Slice::Slice(SliceOptions options) : RearrangementOf(std::move(options)) {
  const SliceOptions& o = this->options();
  const auto fits = [&](const std::vector<int64_t>& list) {
    return list.empty() || list.size() == o.starts.size();
  };
  if (o.ends.size() != o.starts.size() || !fits(o.axes) || !fits(o.steps)) {
    throw ArgumentError(
        fmt::format("slice: starts={} needs as many ends, axes and steps, got ends={}, axes={}, steps={}",
                    ToString(ToHyper(o.starts)), ToString(ToHyper(o.ends)), ToString(ToHyper(o.axes)),
                    ToString(ToHyper(o.steps))));
  }
  if (std::find(o.steps.begin(), o.steps.end(), 0) != o.steps.end()) {
    throw ArgumentError("slice: a step is 0; it must be positive or negative");
  }
}

std::vector<Slice::Part> Slice::PartsOf(const Shape& x) const {
  const SliceOptions& o = options();
  std::vector<int64_t> named = o.axes;
  if (named.empty()) {
    named.resize(o.starts.size());
    std::iota(named.begin(), named.end(), 1);
  }
  std::vector<Part> parts;
  for (const int64_t extent : x.extents()) parts.push_back({0, 1, extent});
  const std::vector<int> axes = AxesBehindBatch(named, x);
  for (std::size_t i = 0; i < axes.size(); i++) {
    const int64_t extent = x[axes[i]], step = o.steps.empty() ? 1 : o.steps[i];
    // Downwards the last place before the first is -1.
    const int64_t low = step > 0 ? 0 : -1, high = step > 0 ? extent : extent - 1;
    const auto place = [&](int64_t at) {
      return std::clamp(at < 0 ? std::max(at, -extent - 1) + extent : at, low, high);
    };
    const int64_t start = place(o.starts[i]), end = place(o.ends[i]);
    const int64_t length = step > 0 ? end - start : start - end;
    const int64_t size = step > 0 ? step : step == INT64_MIN ? INT64_MAX : -step;
    parts[static_cast<std::size_t>(axes[i])] = {start, step, length <= 0 ? 0 : (length - 1) / size + 1};
    if (length <= 0) {
      throw ShapeError(fmt::format("nothing is left of axis {} of {} from {} to {} by {}", axes[i],
                                   x.ToString(), o.starts[i], o.ends[i], step));
    }
  }
  return parts;
}

Shape Slice::OutputShape(std::span<const Shape> x) const {
  std::vector<int64_t> y;
  for (const Part& part : PartsOf(x[0])) y.push_back(part.extent);
  return Shape(y);
}

std::optional<Sources> Slice::SourcesOf(const Shape& x) const {
  const std::vector<Part> parts = PartsOf(x);
  const std::vector<int64_t> steps = SampleSteps(x);
  int64_t first = 0;
  std::vector<WalkAxis> walk;
  for (std::size_t axis = 1; axis < parts.size(); axis++) {
    first += parts[axis].start * steps[axis];
    walk.push_back({parts[axis].extent, parts[axis].extent == 1 ? 0 : parts[axis].step * steps[axis]});
  }
  return Walk(first, walk);
}

template class LayerOf<Slice, SliceOptions>;

}  // namespace fovea
