// What all fuzzers share: any bytes are read or refused with an Error; whatever else leaves a reader is a finding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "fovea/base/error.h"

namespace fovea {

// Calls read(bytes) and takes an Error for an answer.
template <class Read>
int Fuzz(const uint8_t* data, std::size_t size, const Read& read) {
  try {
    read(std::string(reinterpret_cast<const char*>(data), size));
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace fovea
