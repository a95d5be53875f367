#include "fovea/formats/onnx/graph.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "fovea/base/error.h"

namespace fovea::onnx {
namespace {

constexpr int kMaxNodes = 20000;

// The one input that is no weight; of several, the one that the nodes read.
const proto::ValueInfoProto& ImageOf(const proto::GraphProto& graph, const std::set<std::string>& read) {
  std::set<std::string> weights;
  for (const auto& tensor : graph.initializer()) weights.insert(tensor.name());
  std::vector<const proto::ValueInfoProto*> images;
  for (const auto& input : graph.input()) {
    if (!weights.contains(input.name())) images.push_back(&input);
  }
  if (images.size() > 1)
    std::erase_if(images, [&](const auto* image) { return !read.contains(image->name()); });
  if (images.size() != 1) {
    std::vector<std::string> names;
    names.reserve(images.size());
    for (const auto* image : images) names.push_back(image->name());
    throw FormatError(fmt::format("the graph has {} inputs ({}); a network has one", images.size(),
                                  fmt::join(names, ", ")));
  }
  return *images[0];
}

[[noreturn]] void RefuseOpen(const proto::ValueInfoProto& image) {
  throw FormatError(fmt::format("input \"{}\" leaves its size open; say it (--shape CxHxW, in Python input=)",
                                image.name()));
}

void ReadExtents(const proto::ValueInfoProto& image, const ImportOptions& options, Frame& frame) {
  const auto& type = image.type().tensor_type();
  if (type.elem_type() != proto::TensorProto::FLOAT)
    throw FormatError(
        fmt::format("input \"{}\" has type {}; it must be float", image.name(), type.elem_type()));
  if (!type.has_shape() && options.input.rank() == 0) RefuseOpen(image);
  frame.rank = type.has_shape() ? type.shape().dim_size() : options.input.rank() + 1;
  if (frame.rank < 2 || frame.rank > 4)
    throw FormatError(fmt::format("input \"{}\" has {} axes; images have 4, 3 for one dimension, features 2",
                                  image.name(), frame.rank));
  frame.batch = type.has_shape() ? std::max<int64_t>(type.shape().dim(0).dim_value(), 0) : 0;
  std::vector<int64_t> extents;
  for (int i = 1; i < frame.rank; i++)
    extents.push_back(type.has_shape() ? type.shape().dim(i).dim_value() : 0);
  const bool open = std::any_of(extents.begin(), extents.end(), [](int64_t extent) { return extent < 1; });
  if (extents.size() == 2) extents.insert(extents.begin() + 1, 1);
  if (options.input.rank() > 0) {
    if (options.input.rank() != (frame.rank == 2 ? 1 : 3))
      throw ArgumentError(fmt::format("an input of {} does not fit input \"{}\" of {} axes",
                                      options.input.ToString(), image.name(), frame.rank));
    frame.resized = !open && options.input != Shape(extents);
    extents.assign(options.input.extents().begin(), options.input.extents().end());
  } else if (open) {
    RefuseOpen(image);
  }
  frame.image = Shape(extents);
}

std::string OutputOf(const proto::GraphProto& graph, const ImportOptions& options) {
  if (!options.output.empty()) return options.output;
  std::vector<std::string> names;
  for (const auto& output : graph.output()) names.push_back(output.name());
  if (names.size() != 1)
    throw FormatError(
        fmt::format("the graph has {} outputs ({}); choose one (--from NAME, in Python output=)",
                    names.size(), fmt::join(names, ", ")));
  return names[0];
}

// The nodes that the output needs, in the order of the file, and the names that these read.
std::vector<const proto::NodeProto*> NeededNodes(const proto::GraphProto& graph, const std::string& output,
                                                 std::set<std::string>& read) {
  std::map<std::string, int> givers;
  std::set<std::string> given;  // before any node
  for (const auto& input : graph.input()) given.insert(input.name());
  for (const auto& tensor : graph.initializer()) given.insert(tensor.name());
  for (int i = 0; i < graph.node_size(); i++) {
    for (const std::string& name : graph.node(i).output()) {
      if (!name.empty() && !givers.emplace(name, i).second)
        throw FormatError(fmt::format("two nodes give \"{}\"", name));
      if (given.contains(name))
        throw FormatError(fmt::format("a node gives \"{}\", which is an input or a weight", name));
    }
  }
  std::set<int> needed;
  std::vector<std::string> wanted{output};
  while (!wanted.empty()) {
    const auto giver = givers.find(wanted.back());
    wanted.pop_back();
    if (giver == givers.end() || !needed.insert(giver->second).second) continue;
    const auto& inputs = graph.node(giver->second).input();
    wanted.insert(wanted.end(), inputs.begin(), inputs.end());
    read.insert(inputs.begin(), inputs.end());
  }
  std::vector<const proto::NodeProto*> nodes;
  for (const int i : needed) nodes.push_back(&graph.node(i));
  if (nodes.empty()) throw FormatError(fmt::format("no node gives the output \"{}\"", output));
  return nodes;
}

}  // namespace

Frame FrameOf(const proto::ModelProto& model, const ImportOptions& options) {
  const proto::GraphProto& graph = model.graph();
  if (graph.node_size() > kMaxNodes)
    throw FormatError(
        fmt::format("the graph has {} nodes; at most {} are read", graph.node_size(), kMaxNodes));
  if (graph.sparse_initializer_size() > 0) throw FormatError("the graph has sparse weights");
  Frame frame;
  frame.output = OutputOf(graph, options);
  std::set<std::string> read;
  frame.nodes = NeededNodes(graph, frame.output, read);
  const proto::ValueInfoProto& image = ImageOf(graph, read);
  frame.input = image.name();
  ReadExtents(image, options, frame);
  return frame;
}

int64_t OpsetOf(const proto::ModelProto& model) {
  for (const auto& set : model.opset_import()) {
    if (set.domain() != "" && set.domain() != "ai.onnx") continue;
    if (set.version() < kFirstOpset || set.version() > kLastOpset)
      throw FormatError(fmt::format("opset {}; {} to {} are read", set.version(), kFirstOpset, kLastOpset));
    return set.version();
  }
  throw FormatError("it does not say which opset of ONNX it is written in");
}

}  // namespace fovea::onnx
