#include <fmt/format.h>

#include "fovea/base/error.h"
#include "fovea/formats/onnx/operators.h"
#include "fovea/formats/onnx/outgoing.h"

namespace fovea::onnx {

void WriteArithmetic(Outgoing& out) {
  std::vector<std::string> sides = out.Inputs();
  if (const NamedTensor* operand = out.FindTensor("operand")) {
    const std::string_view type = out.row().layer;
    const bool directed = type == "subtract" || type == "divide" || type == "power";
    const bool first = directed && out.hyper<bool>("operand_first");
    sides.insert(first ? sides.begin() : sides.end(), out.AddTensor(*operand));
  }
  out.AddNode(sides.size() == 2 ? out.row().onnx : "Sum", sides);
}

void WritePRelu(Outgoing& out) {
  const int spatial = out.input_shape().rank() - 2;
  out.AddNode("PRelu", {out.Inputs()[0], out.AddTensor(*out.FindTensor("weight"),
                                                       out.hyper<bool>("per_channel") ? spatial : 0)});
}

void WriteClip(Outgoing& out) {
  out.AddNode("Clip", {out.Inputs()[0], out.AddNumber("min", out.hyper<double>("min")),
                       out.AddNumber("max", out.hyper<double>("max"))});
}

void WriteSoftplus(Outgoing& out) {
  const double beta = out.hyper<double>("beta"), threshold = out.hyper<double>("threshold");
  // Beyond 17 both are x in single precision.
  if (threshold < 17)
    throw ArgumentError(
        fmt::format("layer {}: opset 17 has no softplus with threshold={}", out.layer(), threshold));
  if (beta == 1) {
    out.AddNode("Softplus", out.Inputs());
    return;
  }
  const std::string scale = out.AddNumber("beta", beta);
  out.AddNode("Div",
              {out.AddInnerNode("Softplus", {out.AddInnerNode("Mul", {out.Inputs()[0], scale})}), scale});
}

}  // namespace fovea::onnx
