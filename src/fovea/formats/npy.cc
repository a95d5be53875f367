#include "fovea/formats/npy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cstring>
#include <optional>
#include <vector>

#include "fovea/base/checked.h"
#include "fovea/base/error.h"
#include "fovea/formats/number_type.h"

namespace fovea {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);

class Reader {
 public:
  Reader(const std::string& where, std::string_view bytes) : where_(where), bytes_(bytes) {}

  Tensor<float> Read() {
    if (!bytes_.starts_with(kMagic) || bytes_.size() < 12) Fail(0, "not an .npy file");
    const int version = static_cast<unsigned char>(bytes_[6]);
    if (version < 1 || version > 3) Fail(6, fmt::format("version {}; 1 to 3 are read", version));
    uint32_t length = 0;
    const std::size_t width = version == 1 ? 2 : 4, start = 8 + width;
    std::memcpy(&length, bytes_.data() + 8, width);
    if (length > bytes_.size() - start)
      Fail(8, fmt::format("the header claims {} bytes, {} are left", length, bytes_.size() - start));
    header_ = bytes_.substr(start, length);
    if (After("'fortran_order'").starts_with("True"))
      Fail(start, "the array is in Fortran order; save numpy.ascontiguousarray(x)");
    return Values(TypeOf(start), ShapeOf(start), start + length);
  }

 private:
  [[noreturn]] void Fail(std::size_t offset, const std::string& reason) const {
    throw FormatError(fmt::format("{}: at offset {}: {}", where_, offset, reason));
  }

  // What stands behind a key of the header's dict.
  std::string_view After(std::string_view key) const {
    const std::size_t at = header_.find(key);
    if (at == std::string_view::npos) Fail(10, fmt::format("the header has no {}", key));
    const std::size_t value = header_.find_first_not_of(": ", at + key.size());
    return value == std::string_view::npos ? std::string_view() : header_.substr(value);
  }

  const NumberType& TypeOf(std::size_t offset) const {
    const std::string_view text = After("'descr'");
    for (const NumberType& type : NumberTypes()) {
      if (!type.npy.empty() && text.starts_with(fmt::format("'{}'", type.npy))) return type;
    }
    Fail(offset,
         fmt::format("dtype {} is not read; save x.astype('float32')", text.substr(0, text.find(','))));
  }

  Shape ShapeOf(std::size_t offset) const {
    std::string_view text = After("'shape'");
    const std::size_t end = text.find(')');
    if (!text.starts_with('(') || end == std::string_view::npos) Fail(offset, "the shape is not a tuple");
    text = text.substr(1, end - 1);
    std::vector<int64_t> extents;
    for (;;) {
      text.remove_prefix(std::min(text.find_first_not_of(", "), text.size()));
      if (text.empty()) break;
      int64_t extent = 0;
      const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), extent);
      if (error != std::errc() || extents.size() == Shape::kMaxRank)
        Fail(offset, "the shape is not one of at most 6 extents");
      extents.push_back(extent);
      text.remove_prefix(static_cast<std::size_t>(next - text.data()));
    }
    try {
      return Shape(extents);
    } catch (const Error& error) {
      Fail(offset, error.what());
    }
  }

  Tensor<float> Values(const NumberType& type, const Shape& shape, std::size_t start) const {
    const auto size = static_cast<std::size_t>(shape.Size());
    const std::size_t have = bytes_.size() - start;
    if (have % type.bytes != 0 || have / type.bytes != size)
      Fail(start,
           fmt::format("{} bytes of values do not fill {} values of {} bytes", have, size, type.bytes));
    Tensor<float> array(shape);
    LoadNumbers(type, bytes_.data() + start, array.values());
    return array;
  }

  const std::string& where_;
  const std::string_view bytes_;
  std::string_view header_;
};

}  // namespace

Tensor<float> ParseNpy(const std::string& where, std::string_view bytes) {
  return Reader(where, bytes).Read();
}

std::string SerialiseNpy(TensorView<const float> array) {
  const auto extents = array.shape().extents();
  std::string header = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}{}), }}",
                                   fmt::join(extents, ", "), extents.size() == 1 ? "," : "");
  // The values start aligned, behind a line's end.
  header.resize((header.size() + 1 + 10 + 63) / 64 * 64 - 11, ' ');
  header += '\n';
  const auto length = static_cast<uint16_t>(header.size());
  std::string bytes(kMagic);
  bytes += std::string_view("\1\0", 2);
  bytes.append(reinterpret_cast<const char*>(&length), 2);
  bytes += header;
  return bytes.append(reinterpret_cast<const char*>(array.data()),
                      static_cast<std::size_t>(array.size()) * sizeof(float));
}

}  // namespace fovea
