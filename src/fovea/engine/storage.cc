#include "fovea/engine/storage.h"

#include <algorithm>
#include <type_traits>

#include "fovea/base/error.h"
#include "fovea/kernels/bfloat16.h"

namespace fovea {
namespace {

constexpr int64_t kLanes = 16;

// Calls body(image, first channel, channels, plain, stored) for every block of every image; in image layout
// the one block of an image is its C channels.
template <class Plain, class Stored, class Body>
void ForEachBlock(ThreadPool& pool, const Storage& s, int64_t n, Plain* plain, Stored* stored,
                  const Body& body) {
  const int64_t lanes = s.InBlocks() ? kLanes : s.c;
  const int64_t blocks = (s.c + lanes - 1) / lanes, plane = s.h * s.w;
  // Maps of one pixel are too small for a task each.
  const int64_t group = plane == 1 ? blocks : 1;
  pool.For(n * blocks / group, [&](int64_t task, int) {
    for (int64_t i = task * group; i < (task + 1) * group; i++) {
      const int64_t image = i / blocks, first = i % blocks * lanes;
      body(std::min(lanes, s.c - first), lanes, plain + image * s.c * plane + s.PlainPlace(first, 0),
           stored + i * lanes * plane);
    }
  });
}

}  // namespace

Storage BlockedStorage(const Shape& shape) {
  const int rank = shape.rank();
  if (rank == 0) throw ShapeError("the engine runs batches (N, ...), got a scalar");
  Storage storage{.c = rank > 1 ? shape[1] : 1};
  for (int axis = 2; axis < rank - 1; axis++) storage.h *= shape[axis];
  if (rank > 2) storage.w = shape[rank - 1];
  return storage;
}

Storage TurnedStorage(const Shape& shape) {
  return {.layout = Layout::kTurned, .c = shape[3], .h = shape[1], .w = shape[2]};
}

namespace {

template <class T>
T Rounded(float v) {
  if constexpr (std::is_same_v<T, float>) {
    return v;
  } else {
    return RoundToBfloat16(v);
  }
}
float Widened(float v) { return v; }
float Widened(Bfloat16 v) { return WidenBfloat16(v); }

template <class T>
void Store(ThreadPool& pool, const Storage& s, int64_t n, const float* plain, T* stored) {
  const int64_t plane = s.h * s.w;
  ForEachBlock(pool, s, n, plain, stored, [&](int64_t channels, int64_t lanes, const float* from, T* to) {
    for (int64_t p = 0; p < plane; p++) {
      for (int64_t c = 0; c < channels; c++) to[p * lanes + c] = Rounded<T>(from[s.PlainPlace(c, p)]);
      for (int64_t c = channels; c < lanes; c++) to[p * lanes + c] = 0;
    }
  });
}

template <class T>
void Load(ThreadPool& pool, const Storage& s, int64_t n, const T* stored, float* plain) {
  const int64_t plane = s.h * s.w;
  ForEachBlock(pool, s, n, plain, stored, [&](int64_t channels, int64_t lanes, float* to, const T* from) {
    for (int64_t c = 0; c < channels; c++) {
      for (int64_t p = 0; p < plane; p++) to[s.PlainPlace(c, p)] = Widened(from[p * lanes + c]);
    }
  });
}

}  // namespace

void FromPlain(ThreadPool& pool, const Storage& s, int64_t n, const float* plain, float* stored) {
  if (s.element == Element::kFloat) return Store(pool, s, n, plain, stored);
  Store(pool, s, n, plain, As<Bfloat16>(stored));
}

void ToPlain(ThreadPool& pool, const Storage& s, int64_t n, const float* stored, float* plain) {
  if (s.element == Element::kFloat) return Load(pool, s, n, stored, plain);
  Load(pool, s, n, As<Bfloat16>(stored), plain);
}

}  // namespace fovea
