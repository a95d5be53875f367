#include "fovea/formats/registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

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

// What the metadata say of a model, where there is one.
std::string DescribeMetadata(const std::string& path, const TensorFile& file) try {
  if (!file.metadata.contains("fovea.format")) return "";
  const Model model = ModelFromFile(path, file);
  std::string text =
      fmt::format("input       {}\noutput      {}\nmean        {}\ndeviation   {}\n",
                  model.network.InputShape(1).ToString(), model.network.OutputShape(1).ToString(),
                  fmt::join(model.preprocessing.mean, ", "), fmt::join(model.preprocessing.deviation, ", "));
  if (!model.classes.empty())
    text += fmt::format("classes     {}, {}\n", model.classes.size(), nlohmann::json(model.classes).dump());
  return text + DescribeHeads(model);
} catch (const FormatError& error) {
  return fmt::format("cannot be run: {}\n", error.what());
}

std::string DescribeOwn(const std::string& path) {
  const TensorFile file = ReadTensorFile(path);
  std::string text = "format      safetensors\n" + DescribeMetadata(path, file);
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
  const NamedArrays arrays = ReadArrays(path);
  if (arrays.empty()) text += "no arrays\n";
  for (const auto& [name, array] : arrays)
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

void RequireModel(const std::string& path) {
  if (path.ends_with(".cfg")) {
    throw ArgumentError(
        path +
        ": a cfg has no weights; name the .weights, which is read with the .cfg of its name beside it");
  }
  if (path.ends_with(".json")) throw ArgumentError(path + ": a graph has no weights; name a model file");
  if (path.ends_with(".npz") || path.ends_with(".npy"))
    throw ArgumentError(
        path +
        ": weights alone, not a model; --network NAME says of which network they are, in Python "
        "load_weights and save_weights take them");
}

// A file of another name is one of Fovea's own, or a mistake.
Model LoadOfAnyName(const std::string& path, const ImportOptions& options) try {
  return LoadOwn(path, options);
} catch (const FormatError& error) {
  throw FormatError(fmt::format("{}; the names of other models' files end in {}", error.what(),
                                fmt::join(FormatEndings(), ", ")));
}

}  // namespace

const FileFormat& FormatOf(const std::string& path) {
  if (const FileFormat* found = Find(path)) return *found;
  throw ArgumentError(
      fmt::format("{}: its name does not end as that of a model file: {}; nor in .npz, for weights alone",
                  path, fmt::join(FormatEndings(), ", ")));
}

bool HasFormat(const std::string& path) { return Find(path) != nullptr; }

std::vector<std::string> FormatEndings() {
  std::vector<std::string> endings;
  for (const FileFormat& f : kFormats) endings.emplace_back(f.ending);
  return endings;
}

Model LoadAnyModel(const std::string& path, const ImportOptions& options) {
  RequireModel(path);
  if (!path.ends_with(".weights") && (!options.cfg.empty() || options.epsilon_outside_root))
    throw ArgumentError(path +
                        ": a cfg beside it, and an epsilon outside the root, are for darknet's .weights");
  const FileFormat* format = Find(path);
  return (format == nullptr ? LoadOfAnyName : format->load)(path, options);
}

void SaveAnyModel(const std::string& path, const Model& model) {
  RequireModel(path);
  const FileFormat* format = Find(path);
  (format == nullptr ? SaveModel : format->save)(path, model);
}

std::string DescribeFile(const std::string& path) {
  if (path.ends_with(".npy") || path.ends_with(".npz")) return DescribeArrays(path);
  if (path.ends_with(".cfg")) return DescribeCfg(path);
  if (const FileFormat* format = Find(path)) return format->describe(path);
  throw ArgumentError(fmt::format("{}: its name does not end in {}, .cfg, .npz or .npy", path,
                                  fmt::join(FormatEndings(), ", ")));
}

}  // namespace fovea
