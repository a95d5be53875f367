// Mutations that keep a file an ONNX model, so that what is behind the parser is reached: other operators, attributes, shapes, links.
#pragma once

#include <fovea_onnx.pb.h>

#include <random>
#include <string>

namespace fovea {

class OnnxMutator {
 public:
  explicit OnnxMutator(unsigned seed) : random_(seed) {}

  // One change of a random kind.
  void Mutate(onnx::proto::ModelProto& model);
  // The nodes and weights of `other` behind those of `model`, reading its last value.
  static void Join(onnx::proto::ModelProto& model, const onnx::proto::ModelProto& other);

 private:
  std::size_t Below(std::size_t n) {
    return static_cast<std::size_t>(random_() % std::max<std::size_t>(n, 1));
  }
  template <class List>
  auto& Any(List& list) {
    return list[static_cast<int>(Below(static_cast<std::size_t>(list.size())))];
  }
  int64_t Integer();
  float Number();
  // The name of a value of the graph, now and then of none.
  std::string Value(const onnx::proto::GraphProto& graph);

  void MutateNode(onnx::proto::GraphProto& graph);
  void MutateAttribute(onnx::proto::NodeProto& node);
  void AddAttribute(onnx::proto::NodeProto& node, const onnx::proto::GraphProto& graph);
  void MutateWeights(onnx::proto::TensorProto& tensor);
  void Reshape(onnx::proto::TensorProto& tensor);
  void MutateInput(onnx::proto::ValueInfoProto& input);
  void MoveNode(onnx::proto::GraphProto& graph);

  std::mt19937 random_;
};

}  // namespace fovea
