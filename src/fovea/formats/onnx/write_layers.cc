// Layers that ONNX writes in a way of its own.
#include <fmt/format.h>

#include <numeric>

#include "fovea/base/error.h"
#include "fovea/formats/onnx/forms.h"
#include "fovea/formats/onnx/operators.h"
#include "fovea/formats/onnx/outgoing.h"

namespace fovea::onnx {
namespace {

using Dims = std::vector<int64_t>;

// With the batch, which keeps its extent, in front.
Dims WithBatch(std::span<const int64_t> extents) {
  Dims dims{0};
  dims.insert(dims.end(), extents.begin(), extents.end());
  return dims;
}

std::string Of(Outgoing& out, const char* tensor, int64_t count, float otherwise) {
  const NamedTensor* found = out.FindTensor(tensor);
  return found != nullptr ? out.AddTensor(*found) : out.AddFilled(tensor, count, otherwise);
}

}  // namespace

void WriteReshape(Outgoing& out) {
  out.AddNode("Reshape", {out.Inputs()[0], out.AddIntegers("shape", WithBatch(out.hyper<Dims>("shape")))});
}

void WriteTranspose(Outgoing& out) {
  proto::NodeProto& node = out.AddNode("Transpose", out.Inputs());
  SetIntegers("perm", WithBatch(out.hyper<Dims>("perm")), node);
}

void WriteChannelShuffle(Outgoing& out) {
  const Shape shape = out.input_shape();
  const auto groups = out.hyper<int64_t>("groups");
  Dims split{0, groups, shape[1] / groups}, order{0, 2, 1};
  for (int axis = 2; axis < shape.rank(); axis++) split.push_back(shape[axis]), order.push_back(axis + 1);
  proto::NodeProto& first =
      out.AddInnerNodeOf("Reshape", {out.Inputs()[0], out.AddIntegers("groups", split)});
  first.set_name(out.layer());  // what reads it knows the three by the first
  const std::string parted = first.output(0);
  proto::NodeProto& turned = out.AddInnerNodeOf("Transpose", {parted});
  SetIntegers("perm", order, turned);
  const std::string value = turned.output(0);
  out.AddNode("Reshape", {value, out.AddIntegers("shape", WithBatch(shape.extents().subspan(1)))})
      .set_name(out.layer() + ":joined");
}

void WriteSlice(Outgoing& out) {
  const auto& starts = out.hyper<Dims>("starts");
  Dims axes = out.hyper<Dims>("axes"), steps = out.hyper<Dims>("steps");
  const int rank = out.input_shape().rank();
  if (axes.empty()) axes.resize(starts.size()), std::iota(axes.begin(), axes.end(), 1);
  for (int64_t& axis : axes) axis += axis < 0 ? rank : 0;
  if (steps.empty()) steps.assign(starts.size(), 1);
  out.AddNode("Slice", {out.Inputs()[0], out.AddIntegers("starts", starts),
                        out.AddIntegers("ends", out.hyper<Dims>("ends")), out.AddIntegers("axes", axes),
                        out.AddIntegers("steps", steps)});
}

void WritePad(Outgoing& out) {
  const auto& p = out.hyper<Dims>("padding");  // top, left, bottom, right
  const std::string pads = out.AddIntegers(
      "pads", {0, out.hyper<int64_t>("front"), p[0], p[1], 0, out.hyper<int64_t>("back"), p[2], p[3]});
  proto::NodeProto& node =
      out.AddNode("Pad", {out.Inputs()[0], pads, out.AddNumber("value", out.hyper<double>("value"))});
  ToAttribute({"mode", "mode", Form::kText, std::string("constant")}, out.hyper("mode"), node);
}

void WriteReduce(Outgoing& out) {
  std::string onnx;
  for (const Reduction& r : kReductions) onnx = out.hyper<std::string>("op") == r.op ? r.onnx : onnx;
  Dims axes = out.hyper<Dims>("axes");
  if (axes.empty())
    axes.resize(static_cast<std::size_t>(out.input_shape().rank() - 1)),
        std::iota(axes.begin(), axes.end(), 1);
  std::vector<std::string> inputs = out.Inputs();
  // At opset 17 the sum alone has its axes as an input.
  if (onnx == "ReduceSum") inputs.push_back(out.AddIntegers("axes", axes));
  proto::NodeProto& node = out.AddNode(onnx, inputs);
  if (onnx != "ReduceSum") SetIntegers("axes", axes, node);
  SetInteger("keepdims", out.hyper<bool>("keepdims") ? 1 : 0, node);
}

void WriteResize(Outgoing& out) {
  if (out.hyper<std::string>("coordinates") == "half_pixel_symmetric" ||
      out.hyper<std::string>("coordinates") == "tf_half_pixel_for_nn")
    throw ArgumentError(fmt::format("layer {}: opset 17 has no coordinates={}", out.layer(),
                                    out.hyper<std::string>("coordinates")));
  std::vector<std::string> inputs{out.Inputs()[0], "", ""};
  if (out.hyper<Dims>("sizes")[0] > 0) {
    // The batch and the channels as they are, which only a Shape can say.
    const std::string shape = out.AddInnerNode("Shape", out.Inputs());
    const std::string kept =
        out.AddInnerNode("Slice", {shape, out.AddIntegers("begin", {0}), out.AddIntegers("end", {2})});
    proto::NodeProto& joined =
        out.AddInnerNodeOf("Concat", {kept, out.AddIntegers("sizes", out.hyper<Dims>("sizes"))});
    SetInteger("axis", 0, joined);
    inputs.push_back(joined.output(0));
  } else {
    const double h = out.hyper<double>("scale_h"), w = out.hyper<double>("scale_w");
    inputs[2] = out.AddFloats("scales", {1, 1, static_cast<float>(h), static_cast<float>(w)});
  }
  WriteAttributes(out, out.AddNode("Resize", inputs));
}

void WriteInstanceNorm(Outgoing& out) {
  const int64_t c = out.input_shape()[1];
  const std::string x = out.Inputs()[0], scale = Of(out, "weight", c, 1), bias = Of(out, "bias", c, 0);
  WriteAttributes(out, out.AddNode("InstanceNormalization", {x, scale, bias}));
}

void WriteLayerNorm(Outgoing& out) {
  const auto& shape = out.hyper<Dims>("shape");
  int64_t size = 1;
  for (const int64_t extent : shape) size *= extent;
  const std::string x = out.Inputs()[0], scale = Of(out, "weight", size, 1), bias = Of(out, "bias", size, 0);
  proto::NodeProto& node = out.AddNode("LayerNormalization", {x, scale, bias});
  SetInteger("axis", -static_cast<int64_t>(shape.size()), node);
  WriteAttributes(out, node);
}

// As PyTorch writes it: opset 17 has no operator for it.
void WriteGroupNorm(Outgoing& out) {
  const Shape shape = out.input_shape();
  const auto groups = out.hyper<int64_t>("groups");
  proto::NodeProto& first =
      out.AddInnerNodeOf("Reshape", {out.Inputs()[0], out.AddIntegers("groups", {0, groups, -1})});
  first.set_name(out.layer());  // what reads it knows all by the first
  proto::NodeProto& norm = out.AddInnerNodeOf(
      "InstanceNormalization",
      {first.output(0), out.AddFilled("ones", groups, 1), out.AddFilled("zeros", groups, 0)});
  ToAttribute({"epsilon", "eps", Form::kNumber, 1e-5}, out.hyper("eps"), norm);
  const std::vector<std::string> joined{norm.output(0),
                                        out.AddIntegers("shape", WithBatch(shape.extents().subspan(1)))};
  if (!out.hyper<bool>("affine")) {
    out.AddNode("Reshape", joined).set_name(out.layer() + ":joined");
    return;
  }
  const int ones = shape.rank() - 2;
  const std::string y = out.AddInnerNode("Reshape", joined);
  const std::string scaled = out.AddInnerNode("Mul", {y, out.AddTensor(*out.FindTensor("weight"), ones)});
  out.AddNode("Add", {scaled, out.AddTensor(*out.FindTensor("bias"), ones)})
      .set_name(out.layer() + ":shifted");
}

// ONNX Runtime's LRN has odd sizes alone: even ones are written as PyTorch writes all.
void WriteResponseNorm(Outgoing& out) {
  const auto size = out.hyper<int64_t>("size");
  if (size % 2 != 0) return WriteByRow(out);
  const std::string x = out.Inputs()[0], axis = out.AddIntegers("axis", {1});
  const auto axes = static_cast<std::size_t>(out.input_shape().rank() - 1);
  Dims kernel(axes, 1), pads(2 * axes);
  kernel[0] = size, pads[0] = (size - 1) / 2, pads[axes] = size / 2;
  proto::NodeProto& square = out.AddInnerNodeOf("Mul", {x, x});
  square.set_name(out.layer());  // what reads it knows all by the first
  proto::NodeProto& means =
      out.AddInnerNodeOf("AveragePool", {out.AddInnerNode("Unsqueeze", {square.output(0), axis})});
  SetIntegers("kernel_shape", kernel, means);
  SetIntegers("pads", pads, means);
  SetInteger("count_include_pad", 1, means);
  const std::string mean = out.AddInnerNode("Squeeze", {means.output(0), axis}),
                    alpha = out.AddNumber("alpha", out.hyper<double>("alpha")),
                    bias = out.AddNumber("bias", out.hyper<double>("bias")),
                    beta = out.AddNumber("beta", out.hyper<double>("beta"));
  const std::string scale = out.AddInnerNode("Add", {out.AddInnerNode("Mul", {mean, alpha}), bias});
  out.AddNode("Div", {x, out.AddInnerNode("Pow", {scale, beta})}).set_name(out.layer() + ":quotient");
}

void WriteSpaceToDepth(Outgoing& out) {
  if (out.hyper<std::string>("mode") != "DCR")
    throw ArgumentError(fmt::format("layer {}: ONNX has no space to depth by CRD", out.layer()));
  WriteAttributes(out, out.AddNode("SpaceToDepth", out.Inputs()));
}

}  // namespace fovea::onnx
