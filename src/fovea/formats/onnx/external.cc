#include "fovea/formats/onnx/external.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>

#include "fovea/base/error.h"

namespace fovea::onnx {
namespace {

namespace fs = std::filesystem;

int64_t Number(const std::string& key, const std::string& text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0)
    throw Error(fmt::format("its {} \"{}\" is not a number of bytes", key, text));
  return number;
}

std::string Inside(const fs::path& folder, const std::string& location) {
  const fs::path path(location);
  const bool climbs = std::find(path.begin(), path.end(), "..") != path.end();
  if (location.empty() || path.is_absolute() || climbs)
    throw Error(
        fmt::format("its values are at \"{}\", which is not a name below the model's folder", location));
  std::error_code error;
  const fs::path home = fs::canonical(folder.empty() ? fs::path(".") : folder, error),
                 real = fs::canonical(home / path, error);
  if (error) throw Error(fmt::format("its values are at \"{}\": {}", location, error.message()));
  if (std::mismatch(home.begin(), home.end(), real.begin(), real.end()).first != home.end())
    throw Error(fmt::format("its values are at \"{}\", which leads out of the model's folder", location));
  return real;
}

}  // namespace

Stored ExternalValues(const proto::TensorProto& tensor, Sources& sources) {
  const ByteSource& model = *sources.model;
  try {
    std::string location;
    int64_t offset = 0, length = -1;
    for (const auto& entry : tensor.external_data()) {
      if (entry.key() == "location") location = entry.value();
      if (entry.key() == "offset") offset = Number("offset", entry.value());
      if (entry.key() == "length") length = Number("length", entry.value());
    }
    if (!model.IsFile())
      throw Error("its values are in a file of their own, and a text in memory has no folder");
    auto& source = sources.beside[Inside(fs::path(model.name()).parent_path(), location)];
    if (!source) source = OpenFile(Inside(fs::path(model.name()).parent_path(), location));
    if (offset > source->size())
      throw Error(fmt::format("its offset {} is beyond the end of \"{}\"", offset, location));
    return {source, {offset, length < 0 ? source->size() - offset : length}, tensor.data_type()};
  } catch (const Error& error) {
    throw FormatError(fmt::format("{}: tensor \"{}\": {}", model.name(), tensor.name(), error.what()));
  }
}

int64_t BytesBeside(const proto::GraphProto& graph, Sources& sources) {
  constexpr int64_t kMost = int64_t{1} << 48;  // sums and small multiples stay far from the end of integers
  std::map<const ByteSource*, int64_t> named;
  for (const auto& tensor : graph.initializer()) {
    if (tensor.data_location() != proto::TensorProto::EXTERNAL) continue;
    try {
      const Stored stored = ExternalValues(tensor, sources);
      int64_t& bytes = named[stored.source.get()];
      bytes = std::min({bytes + std::min(stored.piece.bytes, kMost), stored.source->size(), kMost});
    } catch (const FormatError&) {  // who reads the tensor says so
    }
  }
  int64_t sum = 0;
  for (const auto& [source, bytes] : named) sum = std::min(sum + bytes, kMost);
  return sum;
}

}  // namespace fovea::onnx
