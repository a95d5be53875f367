#include "fovea/network/network.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/error.h"
#include "fovea/network/initialise.h"

namespace fovea {
namespace {

std::string Join(const std::vector<Shape>& shapes) {
  std::string text;
  for (const Shape& shape : shapes) text += (text.empty() ? "" : " and ") + shape.ToString();
  return text;
}

void CheckName(const std::string& name, std::span<const Node> nodes) {
  const auto allowed = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '.' || c == '-'; };
  if (name.empty() || !std::all_of(name.begin(), name.end(), allowed)) {
    throw ArgumentError(
        fmt::format("\"{}\" is not a layer name; use letters, digits, '_', '.' and '-'", name));
  }
  for (const Node& node : nodes) {
    if (node.name == name) throw ArgumentError(fmt::format("there are two layers named \"{}\"", name));
  }
}

// As of windows and strides: far beyond any image, and a number for each channel is still little.
constexpr int64_t kMaxExtent = 1 << 24;

}  // namespace

Network::Network(Shape input) {
  std::vector<int64_t> extents{1};
  for (int64_t extent : input.extents()) {
    if (extent < 1) throw ShapeError(fmt::format("the network's input {} is empty", input.ToString()));
    if (extent > kMaxExtent)
      throw ShapeError(
          fmt::format("the network's input {} has more than {} in an axis", input.ToString(), kMaxExtent));
    extents.push_back(extent);
  }
  input_ = Shape(extents);
}

int Network::Add(std::string name, std::shared_ptr<const Layer> layer) {
  return Add(std::move(name), std::move(layer), {ValueCount() - 1});
}

int Network::Add(std::string name, std::shared_ptr<const Layer> layer, std::vector<int> inputs) {
  CheckName(name, nodes_);
  const auto count = static_cast<int>(inputs.size());
  const auto arity = layer->Inputs();
  if (count < arity.min || count > arity.max) {
    throw ArgumentError(fmt::format("{} ({}): takes {} to {} inputs, got {}", name, layer->Type(), arity.min,
                                    arity.max, count));
  }
  for (int value : inputs) {
    if (value < 0 || value >= ValueCount()) {
      throw ArgumentError(fmt::format("{} ({}): reads value {}, but only 0 to {} exist", name, layer->Type(),
                                      value, ValueCount() - 1));
    }
  }
  Node node{std::move(name), std::move(layer), std::move(inputs), {}, 0, 0, 0, 0};
  const std::vector<Shape> shapes = InputShapes(node, 1);
  try {
    node.shape = node.layer->OutputShape(shapes);
    if (node.shape.Size() == 0)
      throw ShapeError(fmt::format("its output {} is empty", node.shape.ToString()));
  } catch (const ShapeError& error) {
    throw ShapeError(fmt::format("layer {} = {} on input {}: {}", node.name, ToString(*node.layer),
                                 Join(shapes), error.what()));
  }
  auto parameters = MakeTensors(node, node.layer->Parameters(shapes));
  auto states = MakeTensors(node, node.layer->State(shapes));
  node.first_parameter = static_cast<int>(parameters_.size());
  node.parameters = static_cast<int>(parameters.size());
  node.first_state = static_cast<int>(states_.size());
  node.states = static_cast<int>(states.size());
  std::move(parameters.begin(), parameters.end(), std::back_inserter(parameters_));
  std::move(states.begin(), states.end(), std::back_inserter(states_));
  nodes_.push_back(std::move(node));
  version_++;
  return ValueCount() - 1;
}

void Network::RemoveLast() {
  parameters_.resize(static_cast<std::size_t>(nodes_.back().first_parameter));
  states_.resize(static_cast<std::size_t>(nodes_.back().first_state));
  nodes_.pop_back();
  version_++;
}

std::vector<NamedTensor> Network::MakeTensors(const Node& node, std::vector<ParameterSpec> specs) const {
  std::vector<NamedTensor> tensors;
  for (ParameterSpec& spec : specs) {
    Tensor<float> value(spec.shape, static_cast<float>(spec.init.value));
    tensors.push_back(
        {node.name + "." + spec.name, std::move(spec), static_cast<int>(nodes_.size()), std::move(value)});
  }
  return tensors;
}

Shape Network::ShapeOf(int value, int64_t n) const {
  return (value == 0 ? input_ : nodes_[static_cast<std::size_t>(value - 1)].shape).WithBatch(n);
}

std::vector<Shape> Network::InputShapes(const Node& node, int64_t n) const {
  std::vector<Shape> shapes;
  for (int value : node.inputs) shapes.push_back(ShapeOf(value, n));
  return shapes;
}

TensorView<float> Network::MutableParameter(int i) {
  version_++;
  return parameters_[static_cast<std::size_t>(i)].value;
}

TensorView<float> Network::MutableState(int i) {
  version_++;
  return states_[static_cast<std::size_t>(i)].value;
}

int64_t Network::ParameterCount() const {
  int64_t count = 0;
  for (const NamedTensor& p : parameters_) count += p.value.size();
  return count;
}

int64_t Network::ParameterCount(const Node& node) const {
  int64_t count = 0;
  for (int i = 0; i < node.parameters; i++)
    count += parameters_[static_cast<std::size_t>(node.first_parameter + i)].value.size();
  return count;
}

int64_t Network::HeldBytes() const {
  int64_t bytes = 0;
  for (const auto* tensors : {&parameters_, &states_}) {
    for (const NamedTensor& t : *tensors) bytes += t.value.HeldBytes();
  }
  return bytes;
}

int64_t Network::MultiplyAdds() const {
  int64_t count = 0;
  for (const Node& node : nodes_) count += node.layer->MultiplyAdds(InputShapes(node, 1));
  return count;
}

void Network::Initialise(uint64_t seed) {
  const RandomKey key{seed, Purpose::kInitialise};
  for (std::size_t i = 0; i < parameters_.size(); i++)
    fovea::Initialise(parameters_[i].spec.init, key, i, parameters_[i].value);
  for (auto& state : states_) fovea::Initialise(state.spec.init, key, 0, state.value);
  version_++;
}

bool SameGraph(const Network& a, const Network& b) {
  if (a.InputShape(1) != b.InputShape(1)) return false;
  return std::equal(a.nodes().begin(), a.nodes().end(), b.nodes().begin(), b.nodes().end(),
                    [](const Node& x, const Node& y) {
                      return x.name == y.name && *x.layer == *y.layer && x.inputs == y.inputs;
                    });
}

}  // namespace fovea
