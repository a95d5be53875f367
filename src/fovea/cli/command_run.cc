#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "fovea/base/error.h"
#include "fovea/cli/command.h"
#include "fovea/cli/import_flags.h"
#include "fovea/engine/program.h"
#include "fovea/formats/npz.h"
#include "fovea/train/run_folder.h"

namespace fovea {
namespace {

constexpr const char* kHelp =
    "Run a model on an array, as it is: no preprocessing. The first axis is the batch.\n\n"
    "Examples:\n"
    "  fovea run resnet50.onnx --input x.npy --output y.npy\n"
    "  fovea run runs/pets --input x.npz --output y.npz --batch 16 --threads 1";

struct Flags {
  std::string model, input, output;
  int64_t batch = 16;
  int threads = 0;
  ArithmeticFlags arithmetic;
  ImportFlags import;
};

std::vector<int64_t> WithoutOnes(const Shape& shape) {
  std::vector<int64_t> extents;
  for (const int64_t e : shape.extents().subspan(1)) {
    if (e != 1) extents.push_back(e);
  }
  return extents;
}

// The array's images in the shape of the network's input: maps of one dimension may lack the axis of height 1.
TensorView<const float> ImagesOf(const Flags& flags, const NamedArrays& arrays, const Network& network) {
  if (arrays.size() != 1)
    throw FormatError(fmt::format("{}: {} arrays; a network reads one", flags.input, arrays.size()));
  const Tensor<float>& array = arrays[0].second;
  const int64_t n = array.shape().rank() > 0 ? array.extent(0) : 0;
  if (n < 1 || WithoutOnes(array.shape()) != WithoutOnes(network.InputShape(n))) {
    throw ShapeError(fmt::format("{}: the array is {}; the network reads {} with any batch", flags.input,
                                 array.shape().ToString(), network.InputShape(1).ToString()));
  }
  return {array.data(), network.InputShape(n)};
}

int RunModel(const Flags& flags) {
  RequireArrayFile(flags.output);
  Model model = flags.import.Load(flags.model);
  const NamedArrays arrays = ReadArrays(flags.input);
  const auto x = ImagesOf(flags, arrays, model.network);
  const int64_t n = x.extent(0), image = x.size() / n;
  Program program(model.network, {.mode = Mode::kInference,
                                  .max_batch = std::min(n, flags.batch),
                                  .threads = flags.threads,
                                  .arithmetic = ArithmeticFor(flags.arithmetic, flags.model)});
  Tensor<float> y(model.network.OutputShape(n));
  for (int64_t first = 0; first < n; first += flags.batch) {
    const int64_t count = std::min(flags.batch, n - first);
    const auto part = program.Forward({x.data() + first * image, x.shape().WithBatch(count)});
    std::copy(part.values().begin(), part.values().end(), y.data() + first * (y.size() / n));
  }
  NamedArrays results;
  results.emplace_back("y", std::move(y));
  WriteArrays(flags.output, results);
  return kGood;
}

}  // namespace

void AddRun(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("run", "Run a model on an array");
  command->description(kHelp);
  auto flags = std::make_shared<Flags>();
  command->add_option("model", flags->model, "model file or run folder")->required();
  command->add_option("--input", flags->input, ".npy, or .npz of one array")->required();
  command->add_option("--output", flags->output, ".npy or .npz to write")->required();
  command->add_option("--batch", flags->batch, "images at a time [16]")->check(CLI::Range(1, 65536));
  command->add_option("--threads", flags->threads, "0: all processors")->check(CLI::Range(0, 1024));
  AddArithmetic(*command, flags->arithmetic, true);
  flags->import.AddTo(*command);
  command->callback([&action, flags] { action = [flags] { return RunModel(*flags); }; });
}

}  // namespace fovea
