#include "applied_cache.h"

#include <fmt/format.h>

#include <algorithm>

#include "settings.h"

namespace fovea::python {
namespace {

// As many as a student's script has layers; a network is better run as one.
constexpr std::size_t kMostLayers = 16;
constexpr int64_t kMostBytes = int64_t{256} << 20;

int64_t HeldBytes(AppliedLayer& applied) {
  return applied.program().HeldBytes() + applied.network().HeldBytes();
}

}  // namespace

AppliedCache::Lent AppliedCache::Take(const std::shared_ptr<const Layer>& layer, const Shape& x, Mode mode) {
  const Settings now = CurrentSettings();
  const std::string key =
      fmt::format("{} {} {} {} {} {}", ToString(*layer), x.ToString(), static_cast<int>(mode), now.threads,
                  static_cast<int>(now.arithmetic.numerics), static_cast<int>(now.arithmetic.precision));
  {
    const std::lock_guard lock(mutex_);
    const auto found =
        std::find_if(layers_.begin(), layers_.end(), [&](const Lent& lent) { return lent.key == key; });
    if (found != layers_.end()) {
      Lent lent = std::move(*found);
      layers_.erase(found);
      return lent;
    }
  }
  const ProgramOptions options{.mode = mode, .threads = now.threads, .arithmetic = now.arithmetic};
  return {key, std::make_unique<AppliedLayer>(layer, x, options)};
}

void AppliedCache::Return(Lent lent) {
  if (HeldBytes(*lent.layer) > kMostBytes) return;
  const std::lock_guard lock(mutex_);
  layers_.push_front(std::move(lent));
  int64_t bytes = 0;
  std::size_t kept = 0;
  for (const Lent& each : layers_) {
    bytes += HeldBytes(*each.layer);
    if (kept == kMostLayers || bytes > kMostBytes) break;
    kept++;
  }
  while (layers_.size() > kept) layers_.pop_back();
}

}  // namespace fovea::python
