#include "fovea/formats/npz.h"

#include <fmt/format.h>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/formats/npy.h"
#include "fovea/formats/zip.h"

namespace fovea {
namespace {

constexpr int64_t kMaxFile = int64_t{1} << 36;

}  // namespace

NamedArrays ParseNpz(const std::string& where, const std::string& bytes) {
  NamedArrays arrays;
  for (const ZipEntry& entry : ReadZip(where, bytes)) {
    const bool npy = entry.name.ends_with(".npy");
    arrays.emplace_back(npy ? entry.name.substr(0, entry.name.size() - 4) : entry.name,
                        ParseNpy(fmt::format("{}: {}", where, entry.name), entry.bytes));
  }
  return arrays;
}

void RequireArrayFile(const std::string& path) {
  if (path.ends_with(".npy") || path.ends_with(".npz")) return;
  throw ArgumentError(path + ": arrays are in files whose names end in .npy or .npz");
}

NamedArrays ReadArrays(const std::string& path) {
  RequireArrayFile(path);
  const std::string bytes = ReadFile(path, kMaxFile);
  if (path.ends_with(".npz")) return ParseNpz(path, bytes);
  NamedArrays arrays;
  arrays.emplace_back("", ParseNpy(path, bytes));
  return arrays;
}

void WriteArrays(const std::string& path, const NamedArrays& arrays) {
  RequireArrayFile(path);
  if (path.ends_with(".npz")) {
    std::vector<ZipEntry> entries;
    for (const auto& [name, array] : arrays) entries.push_back({name + ".npy", SerialiseNpy(array)});
    WriteFileAtomic(path, SerialiseZip(entries));
    return;
  }
  if (arrays.size() != 1)
    throw ArgumentError(fmt::format("{}: a .npy file holds one array, not {}", path, arrays.size()));
  WriteFileAtomic(path, SerialiseNpy(arrays[0].second));
}

}  // namespace fovea
