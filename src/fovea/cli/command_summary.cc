#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>

#include "fovea/base/error.h"
#include "fovea/cli/command.h"
#include "fovea/formats/network_json.h"
#include "fovea/network/architectures.h"
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

// What it takes to make something, or nothing where this machine has not as much.
template <class Make>
std::optional<int64_t> BytesOf(const Make& make) {
  try {
    return make();
  } catch (const std::bad_alloc&) {
    return std::nullopt;
  }
}

std::optional<int64_t> TrainingBytes(Network& net, const Flags& flags) {
  TrainConfig config;
  config.batch = flags.batch, config.threads = flags.threads, config.memory = flags.memory;
  flags.arithmetic.LayOver(config);
  return BytesOf([&] { return TrainingStep(config, 1, net, nullptr).MemoryBytes(); });
}

std::optional<int64_t> InferenceBytes(Network& net, const Flags& flags) {
  return BytesOf([&] {
    return net.HeldBytes() + Program(net, {.arithmetic = ArithmeticFor(flags.arithmetic)}).HeldBytes();
  });
}

struct Row {
  const Node& node;
  std::string output;
  int64_t parameters, multiply_adds;
};

std::vector<Row> RowsOf(const Network& net) {
  std::vector<Row> rows;
  for (const Node& node : net.nodes()) {
    rows.push_back({node, Shape(node.shape.extents().subspan(1)).ToString(), net.ParameterCount(node),
                    node.layer->MultiplyAdds(net.InputShapes(node, 1))});
  }
  return rows;
}

void PrintTable(const Network& net) {
  fmt::print("{:<26} {:<16} {:>16} {:>12} {:>14}\n", "layer", "type", "output", "parameters",
             "multiply-adds");
  for (const Row& row : RowsOf(net)) {
    fmt::print("{:<26} {:<16} {:>16} {:>12} {:>14}\n", row.node.name, row.node.layer->Type(), row.output,
               row.parameters, row.multiply_adds);
  }
  fmt::print("\n{} parameters, {:.2f} M multiply-adds an image\n", net.ParameterCount(),
             static_cast<double>(net.MultiplyAdds()) / 1e6);
  std::fflush(stdout);
}

std::string Mebibytes(std::optional<int64_t> bytes) {
  return bytes ? fmt::format("{:.1f} MiB", static_cast<double>(*bytes) / (1 << 20))
               : "more memory than this machine has";
}

nlohmann::json ToJson(std::optional<int64_t> bytes) {
  return bytes ? nlohmann::json(*bytes) : nlohmann::json(nullptr);
}

void PrintJson(Network& net, const Flags& flags) {
  nlohmann::json layers = nlohmann::json::array();
  for (const Row& row : RowsOf(net)) {
    layers.push_back({{"name", row.node.name},
                      {"type", row.node.layer->Type()},
                      {"output", row.output},
                      {"parameters", row.parameters},
                      {"multiply_adds", row.multiply_adds}});
  }
  fmt::print("{}\n", nlohmann::json{{"layers", layers},
                                    {"parameters", net.ParameterCount()},
                                    {"multiply_adds", net.MultiplyAdds()},
                                    {"training_bytes", ToJson(TrainingBytes(net, flags))},
                                    {"inference_bytes", ToJson(InferenceBytes(net, flags))}}
                         .dump());
}

int RunSummary(const Flags& flags) {
  Network net = StartNetwork(flags.network, ParseShape(flags.input), flags.classes, 1);
  if (flags.graph) {
    fmt::print("{}\n", nlohmann::ordered_json::parse(NetworkToJson(net)).dump(2));
  } else if (flags.json) {
    PrintJson(net, flags);
  } else {
    PrintTable(net);
    const std::string training = Mebibytes(TrainingBytes(net, flags));
    fmt::print("{} to train on batches of {}, {} to infer one image\n", training, flags.batch,
               Mebibytes(InferenceBytes(net, flags)));
  }
  return kGood;
}

}  // namespace

void AddSummary(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("summary", "Show the layers of a network or model");
  command->description(fmt::format("{}\n\nNetworks: {}", kHelp, fmt::join(NetworkNames(), ", ")));
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
