#include "fovea/train/start_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/data/whiten.h"
#include "fovea/formats/darknet/darknet.h"
#include "fovea/formats/network_json.h"
#include "fovea/formats/registry.h"
#include "fovea/network/architectures.h"
#include "fovea/train/run_folder.h"
#include "fovea/train/scores.h"

namespace fovea {
namespace {

bool NamesAModel(const std::string& name) {
  std::error_code unreadable;
  return HasFormat(name) || std::filesystem::is_directory(name, unreadable);
}

Model ModelAround(Network network) {
  const auto channels = static_cast<std::size_t>(network.InputShape(1)[1]);
  return {std::move(network), {std::vector<double>(channels, 0), std::vector<double>(channels, 1)}, {}};
}

// A graph in a file, or an architecture.
Model DescribedModel(const std::string& name, const Shape& image, int64_t classes) {
  constexpr int64_t kMaxGraph = 64 << 20;
  if (name.ends_with(".cfg")) return ReadDarknetCfg(name);
  if (name.ends_with(".json")) return ModelAround(NetworkFromJson(name, ReadFile(name, kMaxGraph)));
  if (name.find('/') != std::string::npos)
    throw IoError(name + ": there is no such model file or run folder");
  return ModelAround(BuildNetwork(name, image, classes));
}

// The parameters that start from the images.
void Whiten(const Dataset& data, const TrainSplit& split, int threads, Model& model) {
  for (std::size_t i = 0; i < model.network.parameters().size(); i++) {
    const NamedTensor& p = model.network.parameters()[i];
    if (p.spec.init.kind != Init::kWhiten) continue;
    const Node& node = model.network.nodes()[static_cast<std::size_t>(p.node)];
    if (node.inputs != std::vector<int>{0}) {
      throw ArgumentError(fmt::format(
          "layer {}: init=whiten whitens images; only a layer that reads the network's input starts so",
          node.name));
    }
    const Tensor<float> filters =
        WhiteningFilters(data, split.train, model.preprocessing, p.value.shape(), threads);
    std::copy(filters.values().begin(), filters.values().end(),
              model.network.MutableParameter(static_cast<int>(i)).data());
  }
}

}  // namespace

Model NamedModel(const std::string& name, const Shape& image, int64_t classes, uint64_t seed) {
  if (NamesAModel(name)) return LoadAnyModel(FindModel(name));
  Model model = DescribedModel(name, image, classes);
  model.network.Initialise(seed);
  return model;
}

Network StartNetwork(const std::string& name, const Shape& image, int64_t classes, uint64_t seed) {
  return NamedModel(name, image, classes, seed).network;
}

bool DescribesNetwork(const std::string& name) {
  const auto known = NetworkNames();
  return name.ends_with(".cfg") || name.ends_with(".json") ||
         std::find(known.begin(), known.end(), name.substr(0, name.find(':'))) != known.end();
}

Model StartModel(const TrainConfig& config, const Dataset& data, const TrainSplit& split) {
  const auto classes = config.classes > 0 ? config.classes : static_cast<int64_t>(data.Classes().size());
  Model start = NamedModel(config.network, data.ImageShape(), classes, static_cast<uint64_t>(config.seed));
  RefuseDetector(config.network, start);
  Model model{std::move(start.network), {}, data.Classes()};
  EndAtScores(model.network);
  const auto outputs = static_cast<std::size_t>(model.network.OutputShape(1)[1]);
  while (model.classes.size() < outputs)
    model.classes.push_back(fmt::format("class {}", model.classes.size()));
  const ChannelStatistics statistics = MeasureChannels(data, split.train, static_cast<int>(config.threads));
  model.preprocessing = {statistics.mean, statistics.deviation};
  if (!NamesAModel(config.network)) Whiten(data, split, static_cast<int>(config.threads), model);
  return model;
}

}  // namespace fovea
