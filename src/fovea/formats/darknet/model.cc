#include <fmt/format.h>

#include <filesystem>

#include "fovea/base/class_names.h"
#include "fovea/base/error.h"
#include "fovea/formats/byte_source.h"
#include "fovea/formats/darknet/darknet.h"
#include "fovea/formats/model_file.h"

namespace fovea {
namespace {

std::string Beside(const std::string& path, const char* ending) {
  return path.substr(0, path.rfind('.')) + ending;
}

// What describes the network of a .weights.
std::string CfgOf(const std::string& path, const std::string& given) {
  if (!given.empty()) return given;
  std::string beside = Beside(path, ".cfg");
  if (!std::filesystem::exists(beside)) {
    throw IoError(fmt::format("{}: its network is described by a cfg, wanted as {}; --network names another",
                              path, beside));
  }
  return beside;
}

std::string Describe(const std::string& cfg, const Model& model) {
  const Network& net = model.network;
  std::string text = fmt::format(
      "format      darknet\nnetwork     {}\ninput       {}\noutput      {}\nnodes       {}\nparameters  {}\n",
      cfg, net.InputShape(1).ToString(), net.OutputShape(1).ToString(), net.nodes().size(),
      net.ParameterCount());
  return text + DescribeHeads(model);
}

}  // namespace

std::string DescribeHeads(const Model& model) {
  std::string text;
  for (const DetectionHead& head : model.heads)
    text += fmt::format("head        [{}] {}, {} classes\n", head.type, head.shape.ToString(), head.classes);
  return text;
}

Model LoadDarknet(const std::string& path, const ImportOptions& options) {
  if (options.input.rank() > 0 || !options.output.empty())
    throw ArgumentError(fmt::format("{}: a darknet cfg says its input and output itself", path));
  // The file pays for what the network allocates; the rest is room to name a layer whose weights are missing.
  const int64_t values = OpenFile(path)->size() / static_cast<int64_t>(sizeof(float)) + (1 << 20);
  const auto epsilon =
      options.epsilon_outside_root ? DarknetEpsilon::kOutsideRoot : DarknetEpsilon::kInsideRoot;
  Model model = ReadDarknetCfg(CfgOf(path, options.cfg), epsilon, values);
  ReadDarknetWeights(path, model.network);
  if (const std::string names = Beside(path, ".names"); std::filesystem::exists(names))
    model.classes = ReadClassNames(names, NumberedClasses(ClassCount(model)));
  return model;
}

void SaveDarknet(const std::string& path, const Model& model) { WriteDarknetWeights(path, model.network); }

std::string DescribeDarknet(const std::string& path) {
  const std::string weights = DescribeDarknetWeights(path), cfg = Beside(path, ".cfg");
  if (std::filesystem::exists(cfg)) return Describe(cfg, LoadDarknet(path, {})) + weights;
  return fmt::format("format      darknet\nnetwork     {} would describe it, which is not there\n{}", cfg,
                     weights);
}

std::string DescribeCfg(const std::string& path) { return Describe(path, ReadDarknetCfg(path)); }

}  // namespace fovea
