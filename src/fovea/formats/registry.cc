#include "fovea/formats/registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fovea/base/error.h"
#include "fovea/formats/darknet/darknet.h"
#include "fovea/formats/model_file.h"
#include "fovea/formats/npy.h"
#include "fovea/formats/npz.h"
#include "fovea/formats/onnx/onnx.h"

namespace fovea {
namespace {

Model LoadOwn(const std::string& path, const ImportOptions& options) {
  if (options.input.rank() > 0 || !options.output.empty())
    throw ArgumentError(fmt::format("{}: a Fovea model says its input and output itself", path));
  return LoadModel(path);
}

std::string DescribeOwn(const std::string& path) {
  const TensorFile file = ReadTensorFile(path);
  std::string text = "format      safetensors\n";
  for (const auto& [key, value] : file.metadata)
    text += fmt::format("metadata    {}: {} bytes\n", key, value.size());
  int64_t values = 0;
  for (const auto& [name, tensor] : file.tensors) values += tensor.size();
  text += fmt::format("tensors     {}, {} values\n", file.tensors.size(), values);
  for (const auto& [name, tensor] : file.tensors)
    text += fmt::format("  {:<40} {}\n", name, tensor.shape().ToString());
  return text;
}

std::string DescribeArrays(const std::string& path) {
  std::string text = path.ends_with(".npz") ? "format      npz\n" : "format      npy\n";
  for (const auto& [name, array] : ReadArrays(path))
    text += fmt::format("  {:<40} {}\n", name, array.shape().ToString());
  return text;
}

constexpr FileFormat kFormats[] = {
    {".safetensors", "Fovea's own", LoadOwn, SaveModel, DescribeOwn},
    {".onnx", "ONNX", LoadOnnx, SaveOnnx, DescribeOnnx},
    {".weights", "darknet", LoadDarknet, SaveDarknet, DescribeDarknet},
};

const FileFormat* Find(const std::string& path) {
  const auto found = std::find_if(std::begin(kFormats), std::end(kFormats),
                                  [&](const FileFormat& f) { return path.ends_with(f.ending); });
  return found == std::end(kFormats) ? nullptr : &*found;
}

void RequireWeights(const std::string& path) {
  if (path.ends_with(".cfg")) {
    throw ArgumentError(
        path +
        ": a cfg has no weights; name the .weights, which is read with the .cfg of its name beside it");
  }
  if (path.ends_with(".json")) throw ArgumentError(path + ": a graph has no weights; name a model file");
}

}  // namespace

const FileFormat& FormatOf(const std::string& path) {
  if (const FileFormat* found = Find(path)) return *found;
  throw ArgumentError(fmt::format("{}: its name does not end as that of a model file: {}", path,
                                  fmt::join(FormatEndings(), ", ")));
}

bool HasFormat(const std::string& path) { return Find(path) != nullptr; }

std::vector<std::string> FormatEndings() {
  std::vector<std::string> endings;
  for (const FileFormat& f : kFormats) endings.emplace_back(f.ending);
  return endings;
}

Model LoadAnyModel(const std::string& path, const ImportOptions& options) {
  RequireWeights(path);
  const FileFormat* format = Find(path);
  return (format == nullptr ? LoadOwn : format->load)(path, options);
}

void SaveAnyModel(const std::string& path, const Model& model) {
  RequireWeights(path);
  const FileFormat* format = Find(path);
  (format == nullptr ? SaveModel : format->save)(path, model);
}

std::string DescribeFile(const std::string& path) {
  if (path.ends_with(".npy") || path.ends_with(".npz")) return DescribeArrays(path);
  if (path.ends_with(".cfg")) return DescribeCfg(path);
  return FormatOf(path).describe(path);
}

}  // namespace fovea
