// Memory aligned to a cache line, for tensors and program arenas. Values are not initialised. From 4 MiB on it lies
// in huge pages where the machine has them: fewer translations to miss, and prefetchers that stop at page ends stop
// later.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

#pragma GCC visibility push(default)
namespace fovea {

inline constexpr std::size_t kCacheLine = 64, kHugePage = 2 << 20;
// A larger result has left the caches of most machines before it is read again: it is written past them.
inline constexpr int64_t kStreamBytes = 12 * 1024 * 1024;
inline constexpr int64_t kStreamFloats = kStreamBytes / static_cast<int64_t>(sizeof(float));

struct AlignedFree {
  void operator()(void* p) const { std::free(p); }
};

template <class T>
using AlignedArray = std::unique_ptr<T[], AlignedFree>;

// Whole units of this size are taken for an array of so many bytes.
constexpr std::size_t AlignmentOf(std::size_t bytes) {
  return bytes >= 2 * kHugePage ? kHugePage : kCacheLine;
}

// What an array of `count` values of T takes of memory.
template <class T>
constexpr int64_t AlignedBytes(int64_t count) {
  const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(T), unit = AlignmentOf(bytes);
  return static_cast<int64_t>(bytes == 0 ? unit : (bytes + unit - 1) / unit * unit);
}

// `count` values of T, uninitialised, aligned to kCacheLine. Throws std::bad_alloc.
template <class T>
AlignedArray<T> MakeAligned(std::size_t count) {
  static_assert(std::is_trivially_destructible_v<T>);
  if (count > (PTRDIFF_MAX - kHugePage) / sizeof(T)) throw std::bad_alloc();
  const std::size_t unit = AlignmentOf(count * sizeof(T));
  const auto bytes = static_cast<std::size_t>(AlignedBytes<T>(static_cast<int64_t>(count)));
  void* p = std::aligned_alloc(unit, bytes);
  if (p == nullptr) throw std::bad_alloc();
  if (unit == kHugePage) madvise(p, bytes, MADV_HUGEPAGE);  // a wish: its failure costs speed alone
  return AlignedArray<T>(static_cast<T*>(p));
}

}  // namespace fovea
#pragma GCC visibility pop
