// A network: a named graph of layers over one image input, with its parameters and state.
//
//   Network net({3, 32, 32});
//   int x = net.Add("conv1", Conv2d({.filters = 16, .padding = PadAll(1)}));   // follows the last value
//   int y = net.Add("relu1", Relu());
//   net.Add("join", fovea::Add(), {x, y});                                     // or named inputs
//
// Values are numbered: 0 is the network's input, i + 1 the output of node i. Nodes are in graph order: a node
// reads only values that exist. Shapes are inferred when a node is added; an error names the layer and the
// shapes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/layers/layer.h"
#include "fovea/tensor/tensor.h"

#pragma GCC visibility push(default)
namespace fovea {

struct Node {
  std::string name;
  std::shared_ptr<const Layer> layer;
  std::vector<int> inputs;  // value numbers
  Shape shape;              // of the output, with batch 1
  int first_parameter = 0, parameters = 0;
  int first_state = 0, states = 0;
};

// A parameter or a state tensor: "conv1.weight", "bn1.running_mean".
struct NamedTensor {
  std::string name;
  ParameterSpec spec;
  int node = 0;
  Tensor<float> value;
};

class Network {
 public:
  // `input` is (C, H, W) or (C), without the batch. Throws ShapeError for an empty extent, or one beyond 2^24.
  explicit Network(Shape input);

  // Appends a layer that reads the last value; returns the number of its value. Throws ArgumentError for a
  // name that is empty, taken or has a character outside [A-Za-z0-9_.-], ShapeError naming the layer when its
  // inputs do not fit.
  int Add(std::string name, std::shared_ptr<const Layer> layer);
  int Add(std::string name, std::shared_ptr<const Layer> layer, std::vector<int> inputs);
  template <class L>
  requires std::derived_from<L, Layer>
  int Add(std::string name, L layer) {
    return Add(std::move(name), std::make_shared<const L>(std::move(layer)));
  }
  template <class L>
  requires std::derived_from<L, Layer>
  int Add(std::string name, L layer, std::vector<int> inputs) {
    return Add(std::move(name), std::make_shared<const L>(std::move(layer)), std::move(inputs));
  }

  // Takes the last layer away, with its parameters. The network must have one.
  void RemoveLast();

  std::span<const Node> nodes() const { return nodes_; }
  int ValueCount() const { return static_cast<int>(nodes_.size()) + 1; }
  // The shape of a value for a batch of n.
  Shape ShapeOf(int value, int64_t n) const;
  std::vector<Shape> InputShapes(const Node& node, int64_t n) const;
  Shape InputShape(int64_t n) const { return ShapeOf(0, n); }
  Shape OutputShape(int64_t n) const { return ShapeOf(ValueCount() - 1, n); }

  std::span<const NamedTensor> parameters() const { return parameters_; }
  std::span<const NamedTensor> states() const { return states_; }
  // Writable values. Taking one raises version(), by which programs know that they must pack the weights
  // anew.
  TensorView<float> MutableParameter(int i);
  TensorView<float> MutableState(int i);
  // For who keeps a writable view: take it without raising version(), and raise it after each writing.
  TensorView<float> KeptState(int i) { return states_[static_cast<std::size_t>(i)].value; }
  void RaiseVersion() { version_++; }
  uint64_t version() const { return version_; }

  int64_t ParameterCount() const;
  int64_t ParameterCount(const Node& node) const;
  int64_t MultiplyAdds() const;  // of one image
  int64_t HeldBytes() const;     // by parameters and states

  // Sets every parameter by its initialiser and every state to its start, from `seed` alone: each value is
  // drawn by the position of its parameter in the graph and its index.
  void Initialise(uint64_t seed);

 private:
  std::vector<NamedTensor> MakeTensors(const Node& node, std::vector<ParameterSpec> specs) const;

  Shape input_;  // with batch 1
  std::vector<Node> nodes_;
  std::vector<NamedTensor> parameters_, states_;
  uint64_t version_ = 1;
};

// Two networks with the same input, nodes, layers and connections (weights aside).
bool SameGraph(const Network& a, const Network& b);

}  // namespace fovea
#pragma GCC visibility pop
