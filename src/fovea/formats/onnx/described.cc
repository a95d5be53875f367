#include "fovea/formats/onnx/described.h"

#include <algorithm>
#include <map>

#include "fovea/base/error.h"
#include "fovea/formats/network_json.h"
#include "fovea/formats/onnx/outgoing.h"
#include "fovea/formats/value_budget.h"

namespace fovea::onnx {
namespace {

using Weights = std::map<std::string, Constant>;

// The file as FrameToProto gives it; values that `written` leaves out are moved to `weights`.
proto::ModelProto FrameOf(const proto::ModelProto& file, const proto::GraphProto& written, Sources& sources,
                          Weights& weights) {
  proto::ModelProto frame = file;
  frame.clear_metadata_props();
  auto& tensors = *frame.mutable_graph()->mutable_initializer();
  for (int i = 0; i < std::min(tensors.size(), written.initializer_size()); i++) {
    proto::TensorProto& tensor = tensors[i];
    if (tensor.data_type() != proto::TensorProto::FLOAT) continue;
    Constant values = ConstantFrom(tensor, sources);
    const int count = written.initializer(i).float_data_size();
    tensor.clear_raw_data();
    if (count == 0) {
      tensor.clear_external_data();
      tensor.clear_data_location();
      weights[tensor.name()] = std::move(values);
    } else if (values.size() == count) {
      for (const float v : Held(values).floats) tensor.add_float_data(v);
    }
  }
  return frame;
}

int NumberOf(const std::string& value, const Network& network) {
  for (int i = 1; i < network.ValueCount(); i++) {
    if (ValueName(network, i) == value) return i;
  }
  throw ArgumentError("no layer gives it");
}

// What the value `last` needs, for images `input`.
Network PartOf(const Network& network, int last, const Shape& input, int64_t room) {
  std::vector<bool> needed(static_cast<std::size_t>(network.ValueCount()));
  needed[static_cast<std::size_t>(last)] = true;
  for (std::size_t i = network.nodes().size(); i > 0; i--) {
    if (!needed[i]) continue;
    for (const int value : network.nodes()[i - 1].inputs) needed[static_cast<std::size_t>(value)] = true;
  }
  Network part(input);
  ValueBudget budget(room);
  std::vector<int> numbers(needed.size());
  for (std::size_t i = 1; i < needed.size(); i++) {
    if (!needed[i]) continue;
    const Node& node = network.nodes()[i - 1];
    std::vector<int> inputs;
    for (const int value : node.inputs) inputs.push_back(numbers[static_cast<std::size_t>(value)]);
    budget.Take(*node.layer, inputs, part);
    numbers[i] = part.Add(node.name, node.layer, inputs);
  }
  return part;
}

Network Asked(Network network, const ImportOptions& options, int64_t room) {
  const Shape whole = network.InputShape(1), own(whole.extents().subspan(1));
  const Shape& input = options.input.rank() > 0 ? options.input : own;
  const int end = network.ValueCount() - 1,
            last = options.output.empty() ? end : NumberOf(options.output, network);
  return input == own && last == end ? std::move(network) : PartOf(network, last, input, room);
}

void Read(const Weights& weights, const NamedTensor& tensor, TensorView<float> to) {
  const Constant& from = weights.at(tensor.name);
  if (from.size() != to.size()) throw ShapeError("weights of another size");
  ReadFloats(from, 0, to.size(), to.data());
}

}  // namespace

std::optional<Network> DescribedNetwork(const proto::ModelProto& file, const std::string& text,
                                        const ImportOptions& options, int64_t room, Sources& sources) {
  try {
    Network network = NetworkFromJson(sources.model->name(), text, room);
    const proto::ModelProto written = FrameToProto(network, room);
    Weights weights;
    const proto::ModelProto frame = FrameOf(file, written.graph(), sources, weights);
    if (frame.SerializeAsString() != written.SerializeAsString()) return {};
    network = Asked(std::move(network), options, room);
    for (int i = 0; i < static_cast<int>(network.parameters().size()); i++)
      Read(weights, network.parameters()[static_cast<std::size_t>(i)], network.MutableParameter(i));
    for (int i = 0; i < static_cast<int>(network.states().size()); i++)
      Read(weights, network.states()[static_cast<std::size_t>(i)], network.MutableState(i));
    return network;
  } catch (const IoError&) {
    throw;
  } catch (const Error&) {
    return {};  // the graph says what is wrong, or is right without the description
  }
}

}  // namespace fovea::onnx
