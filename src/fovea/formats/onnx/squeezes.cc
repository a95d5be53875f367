#include "fovea/formats/onnx/squeezes.h"

#include "fovea/formats/onnx/forms.h"
#include "fovea/formats/onnx/matcher.h"

namespace fovea::onnx {
namespace {

struct Squeeze {
  std::string value;
  int64_t axis = 0;
};

const proto::GraphProto* BranchOf(const proto::NodeProto& node, const char* name) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == name && attribute.type() == proto::AttributeProto::GRAPH &&
        attribute.g().output_size() == 1)
      return &attribute.g();
  }
  return nullptr;
}

// What a branch that is one such term reads, if it is.
std::optional<Bindings> Reads(const proto::GraphProto& branch, const Term& term, Sources& sources) {
  Bindings bound;
  if (!Matcher(branch, sources).Matches(term, branch.output(0).name(), bound)) return {};
  return bound;
}

// What a branch squeezes where the axis is the one that is asked for: an attribute up to opset 12, then a constant of the branch or
// of the graph around it.
bool Squeezes(const proto::GraphProto& branch, const Squeeze& asked, const Matcher& around,
              Sources& sources) {
  static const Term kByInput = ParseTerm("Squeeze(x, axis)");
  Term by_attribute = ParseTerm("Squeeze(x)");
  by_attribute.attributes.emplace_back("axes", static_cast<double>(asked.axis));
  if (const auto bound = Reads(branch, by_attribute, sources)) return bound->at("x") == asked.value;
  const auto bound = Reads(branch, kByInput, sources);
  if (!bound || bound->at("x") != asked.value) return false;
  const std::string& axis = bound->at("axis");
  const auto inner = Matcher(branch, sources).IntegerOf(axis);
  return (inner ? inner : around.IntegerOf(axis)) == asked.axis;
}

std::optional<Squeeze> SqueezeOf(const proto::NodeProto& node, const Matcher& matcher, Sources& sources) {
  static const Term kExtentIs = ParseTerm("Equal(Gather[axis=0](Shape(x), axis), one)"),
                    kSame = ParseTerm("Identity(x)");
  const proto::GraphProto *then = BranchOf(node, "then_branch"), *otherwise = BranchOf(node, "else_branch");
  Bindings bound;
  const bool choice = then != nullptr && otherwise != nullptr && node.input_size() == 1 &&
                      node.output_size() == 1 && matcher.Matches(kExtentIs, node.input(0), bound);
  if (!choice || matcher.IntegerOf(bound.at("one")) != 1) return {};
  const auto axis = matcher.IntegerOf(bound.at("axis"));
  const auto kept = Reads(*otherwise, kSame, sources);
  if (!axis || !kept || kept->at("x") != bound.at("x")) return {};
  const Squeeze squeeze{bound.at("x"), *axis};
  if (!Squeezes(*then, squeeze, matcher, sources)) return {};
  return squeeze;
}

}  // namespace

void FuseSqueezes(proto::GraphProto& graph, Sources& sources) {
  const Matcher matcher(graph, sources);
  for (proto::NodeProto& node : *graph.mutable_node()) {
    if (node.op_type() != "If" || !node.domain().empty()) continue;
    const auto squeeze = SqueezeOf(node, matcher, sources);
    if (!squeeze) continue;
    node.set_op_type(kSqueezeOfOne);
    node.clear_attribute();
    SetIntegers("axes", {squeeze->axis}, node);
    node.set_input(0, squeeze->value);
  }
}

}  // namespace fovea::onnx
