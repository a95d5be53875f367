#include "settings.h"

#include <mutex>

namespace fovea::python {
namespace {

std::mutex mutex;
Settings settings;

}  // namespace

Settings CurrentSettings() {
  const std::lock_guard lock(mutex);
  return settings;
}

void ChangeSettings(const Settings& changed) {
  const std::lock_guard lock(mutex);
  settings = changed;
}

}  // namespace fovea::python
