// A 64-bit hash of bytes whose bits are all well mixed: names that differ in one digit land far apart.
// Source: FNV-1a (Fowler, Noll, Vo), then the finalizer of MurmurHash3 (Appleby).
#pragma once

#include <cstdint>
#include <string_view>

namespace fovea {

constexpr uint64_t HashBytes(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccd;
  hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53;
  return hash ^ hash >> 33;
}

}  // namespace fovea
