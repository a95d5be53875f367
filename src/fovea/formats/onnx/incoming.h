// One node of a graph that is read: what its row in the dialect and the functions beside it see and do.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "fovea/formats/onnx/attributes.h"
#include "fovea/formats/onnx/constant.h"
#include "fovea/formats/onnx/dialect.h"
#include "fovea/formats/onnx/names.h"
#include "fovea/network/network.h"

namespace fovea::onnx {

// A value of the network, and how many axes it has in the file: 2 for features, 3 for maps of one dimension, 4 for maps.
struct Value {
  int number = 0;
  int rank = 0;
};

// What a name of the graph stands for: a constant, a value, or, behind a node that Fovea has no layer for, nothing.
struct Operand {
  std::shared_ptr<const Constant> constant = nullptr;
  Value value = {};
  bool unknown = false;
};

// Memory that a file may ask for, in bytes: so that no few bytes are worth gigabytes.
class Budget {
 public:
  explicit Budget(int64_t bytes) : left_(bytes) {}
  void Take(int64_t bytes) {
    if (bytes > left_) throw FormatError("it asks for more memory than its file is worth");
    left_ -= bytes;
  }

 private:
  int64_t left_;
};

// What the nodes of one file share.
struct Reading {
  Network network;
  Sources sources;
  Budget budget;
  int64_t opset = 0;
  int64_t batch = 0;  // which the file was made for; 0: any
  NodeNames names = {};
  std::unordered_map<std::string, Operand> operands = {};
  std::unordered_map<std::string, std::vector<const proto::NodeProto*>> readers =
      {};                   // of the nodes that are needed
  std::string output = {};  // of the network
};

// A parameter or a state of a new layer.
struct Weight {
  const char* name;
  const Constant* from;
  bool transposed = false;  // the file has rows and columns the other way round
  float scale = 1;
};

class Incoming {
 public:
  Incoming(const proto::NodeProto& node, const Operator& row, Reading& reading)
      : node_(node), row_(row), reading_(reading), attributes_(node) {}

  const proto::NodeProto& node() const { return node_; }
  const Operator& row() const { return row_; }
  const Attributes& attributes() const { return attributes_; }
  Reading& reading() { return reading_; }
  int64_t opset() const { return reading_.opset; }

  int Count() const { return node_.input_size(); }
  bool Has(int input) const;
  bool IsConstant(int input) const;
  // Throws Unsupported where the input is not what is asked for.
  Value value(int input = 0) const;
  // The same for layers of maps: what has three axes is a map of one dimension from here on.
  Value map(int input = 0);
  const Constant& constant(int input) const;
  // The same with its values in its vectors, which the file must be worth.
  Constant Held(int input) const;
  // Integers that an attribute says in old opsets and an input in new ones.
  std::optional<std::vector<int64_t>> IntegersFrom(const char* attribute, int input) const;
  // Whether a value is a map of one dimension, of which the network has the axis of height 1 too.
  bool IsLine(Value value) const;
  // The extents of a value as the file has them, with batch 1.
  std::vector<int64_t> Dims(Value value) const;
  // Whether somebody reads this output.
  bool IsRead(int output) const;
  // The only node that reads this node's output 0; nullptr where it is none, several or the network's output.
  const proto::NodeProto* OnlyReader() const { return OnlyReaderOf(node_); }
  const proto::NodeProto* OnlyReaderOf(const proto::NodeProto& node) const;
  // The constant that a name of the graph stands for; nullptr where it is none.
  const Constant* FindConstant(const std::string& name) const;
  // An axis of a value as the network has it, from one that may count from the end: maps of one dimension have one more. Throws
  // FormatError when there is none, Unsupported for the batch.
  int64_t NetworkAxis(Value value, int64_t axis) const;

  // The hyper-parameters that the row finds in the attributes, without padding where auto_pad is VALID; checks those that are fixed.
  HyperList Hypers() const;
  // Adds a layer that reads `inputs`, with its weights. It is named after its weight in the file, or the node.
  Value Add(std::string_view type, HyperList hypers, const std::vector<Value>& inputs,
            const std::vector<Weight>& weights = {});

  // What output 0 is from now on.
  void Give(Value value, int output = 0) { reading_.operands[node_.output(output)] = {nullptr, value}; }
  void Give(Constant constant, int output = 0);
  // Makes another node part of this one: its output is then output 0.
  void Absorb(const proto::NodeProto& other) { absorbed_.push_back(&other); }
  const std::vector<const proto::NodeProto*>& absorbed() const { return absorbed_; }

  [[noreturn]] void Refuse(const std::string& reason) const { throw Unsupported(reason); }

 private:
  const Operand* Find(int input) const;
  void Fill(const Node& node, const Weight& weight);

  const proto::NodeProto& node_;
  const Operator& row_;
  Reading& reading_;
  const Attributes attributes_;
  std::vector<const proto::NodeProto*> absorbed_;
};

// The numbers of x in the axes `to`, whose batch is 1: nothing to do, another count of axes, or a layer.
Value Reshaped(Incoming& in, Value x, const std::vector<int64_t>& to);
// Whether a node is a Reshape to these extents, whatever the batch.
bool AsksFor(const Incoming& in, const proto::NodeProto& node, const std::vector<int64_t>& extents);

// Reads a node whose row says it all.
void ReadByRow(Incoming& in);

}  // namespace fovea::onnx
