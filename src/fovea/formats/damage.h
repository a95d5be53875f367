// For tests: a file damaged in every way that matters to a reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "fovea/base/error.h"

namespace fovea {

// Calls visit(bytes) with `good` cut at each byte, then with each of its bytes in turn zero, full, and with its lowest and
// highest bit flipped.
inline void ForEachDamage(const std::string& good,
                          const std::function<void(const std::string& bytes)>& visit) {
  for (std::size_t size = 0; size < good.size(); size++) visit(good.substr(0, size));
  for (std::size_t at = 0; at < good.size(); at++) {
    const char byte = good[at];
    for (const char other : {'\0', '\xff', static_cast<char>(byte ^ 1), static_cast<char>(byte ^ 0x80)}) {
      std::string bytes = good;
      bytes[at] = other;
      if (other != byte) visit(bytes);
    }
  }
}

struct Damaged {
  int refused = 0, read = 0;
  std::string unnamed;  // a FormatError that does not begin with the file's name, empty for none
};

// Reads every damaged file by read(bytes), which calls it `name`. What is not a FormatError leaves.
inline Damaged ReadDamaged(const std::string& good, const std::string& name,
                           const std::function<void(const std::string& bytes)>& read) {
  Damaged damaged;
  ForEachDamage(good, [&](const std::string& bytes) {
    try {
      read(bytes);
      damaged.read++;
    } catch (const FormatError& error) {
      damaged.refused++;
      if (!std::string(error.what()).starts_with(name)) damaged.unnamed = error.what();
    }
  });
  return damaged;
}

}  // namespace fovea
