// The types of numbers that files of arrays hold, little-endian; all become float.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace fovea {

struct NumberType {
  std::string_view npy, safetensors;  // what each format calls it; empty: it has none
  std::size_t bytes;
  float (*load)(const char* at);
};

std::span<const NumberType> NumberTypes();

// Reads to.size() numbers that lie one after the other.
void LoadNumbers(const NumberType& type, const char* from, std::span<float> to);

}  // namespace fovea
