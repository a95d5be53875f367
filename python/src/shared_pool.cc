#include "shared_pool.h"

#include "settings.h"

namespace fovea::python {

SharedPool SharedPool::Lock() {
  static std::mutex mutex;
  static auto& pool =
      *new std::unique_ptr<ThreadPool>;  // never destroyed: threads may compute while the process ends
  std::unique_lock lock(mutex);
  const int wanted = CurrentSettings().threads > 0 ? CurrentSettings().threads : HardwareThreads();
  if (!pool || pool->threads() != wanted) pool = std::make_unique<ThreadPool>(wanted);
  return {std::move(lock), *pool};
}

}  // namespace fovea::python
