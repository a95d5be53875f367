#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "fovea/base/error.h"
#include "fovea/cli/command.h"
#include "fovea/formats/network_json.h"
#include "fovea/train/start_network.h"
#include "fovea/train/training_step.h"

namespace fovea {
namespace {

constexpr const char* kHelp =
    "Show the layers of a network: shapes, parameters, multiply-adds, memory.\n\n"
    "Examples:\n"
    "  fovea summary resnet20 --input 3x32x32\n"
    "  fovea summary resnet50 --input 3x224x224 --batch 16 --memory low    what training would take\n"
    "  fovea summary runs/first --json\n"
    "  fovea summary lenet5 --graph > mine.json    a start for a network of your own: --network mine.json";

struct Flags {
  std::string network, input = "3x32x32", memory = "normal";
  int64_t classes = 10, batch = 64, threads = 0;
  bool json = false, graph = false;
  ArithmeticFlags arithmetic;
};

int64_t ParametersOf(const Network& net, const Node& node) {
  int64_t count = 0;
  for (int i = 0; i < node.parameters; i++) {
    count += net.parameters()[static_cast<std::size_t>(node.first_parameter + i)].value.size();
  }
  return count;
}

int64_t TrainingBytes(Network& net, const Flags& flags) {
  TrainConfig config;
  config.batch = flags.batch, config.threads = flags.threads, config.memory = flags.memory;
  flags.arithmetic.LayOver(config);
  return TrainingStep(config, 1, net, nullptr).MemoryBytes();
}

int RunSummary(const Flags& flags) {
  Network net = StartNetwork(flags.network, ParseShape(flags.input), flags.classes, 1);
  if (flags.graph) {
    fmt::print("{}\n", nlohmann::ordered_json::parse(NetworkToJson(net)).dump(2));
    return kGood;
  }
  const int64_t training = TrainingBytes(net, flags);
  const int64_t inference =
      net.HeldBytes() + Program(net, {.arithmetic = ArithmeticFor(flags.arithmetic)}).HeldBytes();
  nlohmann::json layers = nlohmann::json::array();
  if (!flags.json)
    fmt::print("{:<26} {:<16} {:>16} {:>12} {:>14}\n", "layer", "type", "output", "parameters",
               "multiply-adds");
  for (const Node& node : net.nodes()) {
    const Shape out(node.shape.extents().subspan(1));
    const int64_t adds = node.layer->MultiplyAdds(net.InputShapes(node, 1)),
                  parameters = ParametersOf(net, node);
    if (flags.json) {
      layers.push_back({{"name", node.name},
                        {"type", node.layer->Type()},
                        {"output", out.ToString()},
                        {"parameters", parameters},
                        {"multiply_adds", adds}});
    } else {
      fmt::print("{:<26} {:<16} {:>16} {:>12} {:>14}\n", node.name, node.layer->Type(), out.ToString(),
                 parameters, adds);
    }
  }
  if (flags.json) {
    fmt::print("{}\n", nlohmann::json{{"layers", layers},
                                      {"parameters", net.ParameterCount()},
                                      {"multiply_adds", net.MultiplyAdds()},
                                      {"training_bytes", training},
                                      {"inference_bytes", inference}}
                           .dump());
    return kGood;
  }
  fmt::print(
      "\n{} parameters, {:.2f} M multiply-adds an image\n{:.1f} MiB to train on batches of {}, {:.1f} MiB to "
      "infer one image\n",
      net.ParameterCount(), static_cast<double>(net.MultiplyAdds()) / 1e6,
      static_cast<double>(training) / (1 << 20), flags.batch, static_cast<double>(inference) / (1 << 20));
  return kGood;
}

}  // namespace

void AddSummary(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("summary", "Show the layers of a network or model");
  command->description(kHelp);
  auto flags = std::make_shared<Flags>();
  command->add_option("network", flags->network, "name of a network, model file or run folder")->required();
  command->add_option("--input", flags->input, "CxHxW [3x32x32]");
  command->add_option("--classes", flags->classes, "[10]");
  command->add_option("--batch", flags->batch, "images a training step [64]")->check(CLI::Range(1, 65536));
  AddMemory(*command, flags->memory);
  AddArithmetic(*command, flags->arithmetic);
  command
      ->add_option("--threads", flags->threads,
                   "of training, 0: all processors; each has some memory of its own")
      ->check(CLI::Range(0, 1024));
  command->add_flag("--json", flags->json, "one line of JSON");
  command->add_flag("--graph", flags->graph, "the network as JSON, for --network FILE.json");
  command->callback([&action, flags] { action = [flags] { return RunSummary(*flags); }; });
}

}  // namespace fovea
