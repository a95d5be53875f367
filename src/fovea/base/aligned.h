// Memory aligned to a cache line, for tensors and program arenas. Values are not initialised.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace fovea {

inline constexpr std::size_t kCacheLine = 64;

struct AlignedFree {
  void operator()(void* p) const { std::free(p); }
};

template <class T>
using AlignedArray = std::unique_ptr<T[], AlignedFree>;

// `count` values of T, uninitialised, aligned to kCacheLine. Throws std::bad_alloc.
template <class T>
AlignedArray<T> MakeAligned(std::size_t count) {
  static_assert(std::is_trivially_destructible_v<T>);
  const std::size_t bytes = (count * sizeof(T) + kCacheLine - 1) / kCacheLine * kCacheLine;
  void* p = std::aligned_alloc(kCacheLine, bytes == 0 ? kCacheLine : bytes);
  if (p == nullptr) throw std::bad_alloc();
  return AlignedArray<T>(static_cast<T*>(p));
}

}  // namespace fovea
