// Bytes as text: base64 with the standard alphabet and padding. Source: RFC 4648, section 4.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

std::string EncodeBase64(std::span<const uint8_t> bytes);

// Throws FormatError for a character outside the alphabet. Padding may be missing.
std::vector<uint8_t> DecodeBase64(std::string_view text);

}  // namespace fovea
