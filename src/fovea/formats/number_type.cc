#include "fovea/formats/number_type.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "fovea/formats/half.h"

namespace fovea {
namespace {

static_assert(std::endian::native == std::endian::little, "the formats are little-endian");

template <class From>
From Value(const char* at) {
  From value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
template <class From>
float Load(const char* at) {
  return static_cast<float>(Value<From>(at));
}
float LoadHalf(const char* at) { return HalfToFloat(Value<uint16_t>(at)); }
float LoadBfloat16(const char* at) { return Bfloat16ToFloat(Value<uint16_t>(at)); }

constexpr NumberType kTypes[] = {
    {"<f4", "F32", 4, Load<float>},    {"<f8", "F64", 8, Load<double>},   {"<f2", "F16", 2, LoadHalf},
    {"", "BF16", 2, LoadBfloat16},     {"|b1", "BOOL", 1, Load<uint8_t>}, {"|u1", "U8", 1, Load<uint8_t>},
    {"|i1", "I8", 1, Load<int8_t>},    {"<u2", "U16", 2, Load<uint16_t>}, {"<i2", "I16", 2, Load<int16_t>},
    {"<u4", "U32", 4, Load<uint32_t>}, {"<i4", "I32", 4, Load<int32_t>},  {"<u8", "U64", 8, Load<uint64_t>},
    {"<i8", "I64", 8, Load<int64_t>},
};

}  // namespace

std::span<const NumberType> NumberTypes() { return kTypes; }

void LoadNumbers(const NumberType& type, const char* from, std::span<float> to) {
  if (type.load == Load<float>) {
    if (!to.empty()) std::memcpy(to.data(), from, to.size_bytes());
    return;
  }
  for (float& value : to) {
    value = type.load(from);
    from += type.bytes;
  }
}

}  // namespace fovea
