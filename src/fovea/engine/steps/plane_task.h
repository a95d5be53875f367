// The loop of the element-wise steps: one task an image and channel block.
#pragma once

#include <algorithm>
#include <type_traits>

#include "fovea/base/aligned.h"
#include "fovea/engine/step.h"

namespace fovea {

// Whether a value of n images has left the caches before it is read again, so that it had better go past them.
inline bool Streams(const Storage& storage, int64_t n) { return n * storage.Floats() > kStreamFloats; }

// Calls body(image*blocks + block), or body of that and the worker, for all planes, in tasks of at least a few thousand
// floats.
template <class Body>
void ForEachPlane(ThreadPool& pool, const Storage& storage, int64_t n, const Body& body) {
  constexpr int64_t kTaskFloats = 8192;
  const int64_t plane = storage.h * storage.w * 16, planes = n * ((storage.c + 15) / 16);
  const int64_t group = std::max<int64_t>(1, kTaskFloats / plane);
  pool.For((planes + group - 1) / group, [&](int64_t task, int worker) {
    for (int64_t i = task * group; i < std::min(planes, (task + 1) * group); i++) {
      if constexpr (std::is_invocable_v<Body, int64_t, int>) {
        body(i, worker);
      } else {
        body(i);
      }
    }
  });
}

// Calls body(offset of the image) for all images, in tasks as above.
template <class Body>
void ForEachImage(ThreadPool& pool, const Storage& storage, int64_t n, const Body& body) {
  const Storage whole{.c = 16, .w = storage.Numbers() / 16};  // an image as one plane
  ForEachPlane(pool, whole, n, [&](int64_t i) { body(i * storage.Numbers()); });
}

}  // namespace fovea
