// Compiled layers of earlier calls, so that the next call with the same shapes need not compile again.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "fovea/engine/apply.h"

namespace fovea::python {

// Safe from several threads: a call takes its layer out and brings it back, so two equal calls at once have two layers.
class AppliedCache {
 public:
  struct Lent {
    std::string key;
    std::unique_ptr<AppliedLayer> layer;
  };
  // Of the cache, or new.
  Lent Take(const std::shared_ptr<const Layer>& layer, const Shape& x, Mode mode);
  // Those that were longest unused are dropped when there are too many.
  void Return(Lent lent);

 private:
  std::mutex mutex_;
  std::list<Lent> layers_;  // the latest first
};

}  // namespace fovea::python
