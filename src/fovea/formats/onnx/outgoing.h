// One layer of a network that is written: what its row in the dialect and the functions beside it see and do.
#pragma once

#include <fovea_onnx.pb.h>

#include <string>
#include <vector>

#include "fovea/formats/onnx/dialect.h"
#include "fovea/network/network.h"

namespace fovea::onnx {

class Outgoing {
 public:
  // `room`: for how many more filled values.
  Outgoing(const Network& network, int number, const Operator& row, int64_t& room, proto::GraphProto& graph);

  const Operator& row() const { return row_; }
  const HyperValue& hyper(const std::string& name) const;
  template <class T>
  const T& hyper(const std::string& name) const {
    return std::get<T>(hyper(name));
  }
  // What is written instead of the layer's own value.
  void Set(const std::string& name, HyperValue value);
  const std::string& layer() const { return node_.name; }
  // Of its first input and of its output, with batch 1.
  Shape input_shape() const { return network_.ShapeOf(node_.inputs[0], 1); }
  const Shape& output_shape() const { return node_.shape; }
  // The names of the values that the layer reads.
  std::vector<std::string> Inputs() const;

  // The node that gives the layer's value; it has the layer's name.
  proto::NodeProto& AddNode(const std::string& onnx, const std::vector<std::string>& inputs);
  // A node before it; returns the name of its value.
  proto::NodeProto& AddInnerNodeOf(const std::string& onnx, const std::vector<std::string>& inputs);
  std::string AddInnerNode(const std::string& onnx, const std::vector<std::string>& inputs);
  // Constants; they return their names.
  std::string AddNumber(const std::string& name, double value);
  std::string AddFloats(const std::string& name, const std::vector<float>& values);
  // Throws ArgumentError where there is no room for them.
  std::string AddFilled(const std::string& name, int64_t count, float value);
  std::string AddIntegers(const std::string& name, const std::vector<int64_t>& values);
  // The layer's own parameter or state, with as many axes of 1 behind it as are asked for. Its values are left out.
  std::string AddTensor(const NamedTensor& tensor, int ones = 0);
  const NamedTensor* FindTensor(const std::string& name) const;

 private:
  const Network& network_;
  const Node& node_;
  const Operator& row_;
  int64_t& room_;
  proto::GraphProto& graph_;
  HyperList hypers_;
  int inner_ = 0;
};

// The name of a value: 0 is "input", the last one "output".
std::string ValueName(const Network& network, int value);

// The file of a network without metadata and without the values of its weights, which are the tensors called as its parameters and
// states. Throws ArgumentError naming a layer that ONNX has no operator for, or where constants fill more than `room` values.
proto::ModelProto FrameToProto(const Network& network, int64_t room);

// The attributes that the layer's row names.
void WriteAttributes(const Outgoing& out, proto::NodeProto& node);

// Writes a layer whose row says it all.
void WriteByRow(Outgoing& out);

}  // namespace fovea::onnx
