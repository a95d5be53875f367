#include <fmt/format.h>

#include "fovea/base/error.h"
#include "fovea/formats/byte_source.h"
#include "fovea/formats/darknet/darknet.h"

namespace fovea {
namespace {

std::string CfgOf(const std::string& path) { return path.substr(0, path.rfind('.')) + ".cfg"; }

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

std::string DescribeDarknet(const std::string& path) {
  const Model model = LoadDarknet(path, {});
  return fmt::format("format      darknet\nnetwork     {}\nnodes       {}\nparameters  {}\n", CfgOf(path),
                     model.network.nodes().size(), model.network.ParameterCount());
}

}  // namespace fovea
