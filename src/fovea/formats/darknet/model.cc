#include <fmt/format.h>

#include "fovea/base/error.h"
#include "fovea/formats/byte_source.h"
#include "fovea/formats/darknet/darknet.h"

namespace fovea {
namespace {

std::string CfgOf(const std::string& path) { return path.substr(0, path.rfind('.')) + ".cfg"; }

std::string Describe(const std::string& cfg, const Model& model) {
  const Network& net = model.network;
  std::string text = fmt::format(
      "format      darknet\nnetwork     {}\ninput       {}\noutput      {}\nnodes       {}\nparameters  {}\n",
      cfg, net.InputShape(1).ToString(), net.OutputShape(1).ToString(), net.nodes().size(),
      net.ParameterCount());
  for (const DetectionHead& head : model.heads)
    text += fmt::format("head        [{}] {}, {} classes\n", head.type, head.shape.ToString(), head.classes);
  return text;
}

}  // namespace

Model LoadDarknet(const std::string& path, const ImportOptions& options) {
  if (options.input.rank() > 0 || !options.output.empty())
    throw ArgumentError(fmt::format("{}: a darknet cfg says its input and output itself", path));
  // The file pays for what the network allocates; the rest is room to name a layer whose weights are missing.
  const int64_t values = OpenFile(path)->size() / static_cast<int64_t>(sizeof(float)) + (1 << 20);
  Model model = ReadDarknetCfg(CfgOf(path), DarknetEpsilon::kInsideRoot, values);
  ReadDarknetWeights(path, model.network);
  return model;
}

void SaveDarknet(const std::string& path, const Model& model) { WriteDarknetWeights(path, model.network); }

std::string DescribeDarknet(const std::string& path) { return Describe(CfgOf(path), LoadDarknet(path, {})); }

std::string DescribeCfg(const std::string& path) { return Describe(path, ReadDarknetCfg(path)); }

}  // namespace fovea
