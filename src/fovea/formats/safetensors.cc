#include "fovea/formats/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "fovea/base/checked.h"
#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/formats/number_type.h"

namespace fovea {
namespace {

using Json = nlohmann::json;
constexpr uint64_t kMaxHeader = 64 << 20;
constexpr int64_t kMaxFile = int64_t{1} << 36;

struct Piece {
  const NumberType* type;
  uint64_t begin, end;
  std::string name;
  Shape shape;
};

const NumberType* TypeOf(const Json& dtype) {
  for (const NumberType& type : NumberTypes()) {
    if (dtype.is_string() && dtype.get_ref<const std::string&>() == type.safetensors) return &type;
  }
  return nullptr;
}

class Parser {
 public:
  Parser(const std::string& path, const std::string& bytes) : path_(path), bytes_(bytes) {}

  TensorFile Parse() {
    uint64_t length = 0;
    if (bytes_.size() < 8) Fail(0, fmt::format("{} bytes are too few for a safetensors file", bytes_.size()));
    std::memcpy(&length, bytes_.data(), 8);
    if (length > kMaxHeader || length > bytes_.size() - 8) {
      Fail(0, fmt::format("the header claims {} bytes, the file has {}", length, bytes_.size() - 8));
    }
    data_ = 8 + length;
    Json header;
    try {
      header = Json::parse(bytes_.data() + 8, bytes_.data() + data_);
    } catch (const Json::exception& error) {
      Fail(8, fmt::format("the header is not JSON: {}", error.what()));
    }
    if (!header.is_object()) Fail(8, "the header is not a JSON object");
    TensorFile file;
    std::vector<Piece> pieces;
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        ReadMetadata(entry, file);
      } else {
        pieces.push_back(ReadPiece(name, entry));
      }
    }
    CheckCoverage(pieces);
    for (const Piece& piece : pieces) {
      Tensor<float> tensor(piece.shape);
      LoadNumbers(*piece.type, bytes_.data() + data_ + piece.begin, tensor.values());
      file.tensors.emplace(piece.name, std::move(tensor));
    }
    return file;
  }

 private:
  [[noreturn]] void Fail(uint64_t offset, const std::string& reason) const {
    throw FormatError(fmt::format("{}: at offset {}: {}", path_, offset, reason));
  }

  void ReadMetadata(const Json& entry, TensorFile& file) const {
    if (!entry.is_object()) Fail(8, "__metadata__ is not an object");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) Fail(8, fmt::format("metadata \"{}\" is not a text", key));
      file.metadata[key] = value.get<std::string>();
    }
  }

  Piece ReadPiece(const std::string& name, const Json& entry) const {
    const auto fail = [&](const std::string& reason) {
      Fail(8, fmt::format("tensor \"{}\": {}", name, reason));
    };
    if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") ||
        !entry.contains("data_offsets")) {
      fail("needs dtype, shape and data_offsets");
    }
    const NumberType* type = TypeOf(entry["dtype"]);
    if (!entry["dtype"].is_string()) fail("its dtype is not a text");
    if (type == nullptr)
      fail(fmt::format("dtype \"{}\" is not read; save it as F32", entry["dtype"].get<std::string>()));
    const Json &extents = entry["shape"], &offsets = entry["data_offsets"];
    if (!extents.is_array() || extents.size() > Shape::kMaxRank)
      fail("its shape is not a list of at most 6 extents");
    std::vector<int64_t> shape;
    for (const Json& extent : extents) {
      if (!extent.is_number_integer() || extent < 0 || extent > int64_t{1} << 40)
        fail("its shape has a wrong extent");
      shape.push_back(extent.get<int64_t>());
    }
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned()) {
      fail("its data_offsets are not two numbers");
    }
    Piece piece{type, offsets[0].get<uint64_t>(), offsets[1].get<uint64_t>(), name, {}};
    int64_t size = 0;
    try {
      piece.shape = Shape(shape);
      size = CheckedMultiply(piece.shape.Size(), static_cast<int64_t>(type->bytes));
    } catch (const Error& error) {
      fail(error.what());
    }
    const uint64_t have = bytes_.size() - data_;
    if (piece.begin > piece.end || piece.end > have) fail("its values lie outside the file");
    if (piece.end - piece.begin != static_cast<uint64_t>(size)) fail("its values do not fill its shape");
    return piece;
  }

  // The tensors must cover the data without gap or overlap.
  void CheckCoverage(std::vector<Piece>& pieces) const {
    std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    });
    uint64_t at = 0;
    for (const Piece& piece : pieces) {
      if (piece.begin != at)
        Fail(data_ + at, fmt::format("tensor \"{}\" leaves a gap or overlaps", piece.name));
      at = piece.end;
    }
    if (at != bytes_.size() - data_) Fail(data_ + at, "values that belong to no tensor");
  }

  const std::string& path_;
  const std::string& bytes_;
  uint64_t data_ = 0;
};

}  // namespace

TensorFile ParseTensorFile(const std::string& path, const std::string& bytes) {
  return Parser(path, bytes).Parse();
}

TensorFile ReadTensorFile(const std::string& path) { return ParseTensorFile(path, ReadFile(path, kMaxFile)); }

std::string SerialiseTensorFile(const TensorFile& file) {
  Json header = Json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::size_t at = 0;
  for (const auto& [name, tensor] : file.tensors) {
    const std::size_t bytes = static_cast<std::size_t>(tensor.size()) * 4;
    const auto extents = tensor.shape().extents();
    header[name] = {{"dtype", "F32"},
                    {"shape", std::vector<int64_t>(extents.begin(), extents.end())},
                    {"data_offsets", {at, at + bytes}}};
    at += bytes;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the values start aligned
  const uint64_t length = text.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  bytes += text;
  bytes.reserve(bytes.size() + at);
  for (const auto& [name, tensor] : file.tensors) {
    bytes.append(reinterpret_cast<const char*>(tensor.data()), static_cast<std::size_t>(tensor.size()) * 4);
  }
  return bytes;
}

void WriteTensorFile(const std::string& path, const TensorFile& file) {
  WriteFileAtomic(path, SerialiseTensorFile(file));
}

}  // namespace fovea
