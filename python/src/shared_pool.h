// The threads of functions that have no program of their own. A pool runs one loop at a time: whoever uses it holds its
// lock, which must be taken without Python's global lock.
#pragma once

#include <memory>
#include <mutex>

#include "fovea/base/parallel.h"

namespace fovea::python {

class SharedPool {
 public:
  static SharedPool Lock();
  ThreadPool& pool() const { return *pool_; }

 private:
  SharedPool(std::unique_lock<std::mutex> lock, ThreadPool& pool) : lock_(std::move(lock)), pool_(&pool) {}
  std::unique_lock<std::mutex> lock_;
  ThreadPool* pool_;
};

}  // namespace fovea::python
