// Convolutions and poolings. Extents are known here, so padding is always written as numbers: ONNX Runtime takes SAME neither
// with dilation nor beside pads.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "fovea/base/error.h"
#include "fovea/formats/onnx/forms.h"
#include "fovea/formats/onnx/operators.h"
#include "fovea/formats/onnx/outgoing.h"
#include "fovea/layers/window.h"

namespace fovea::onnx {
namespace {

using Dims = std::vector<int64_t>;

Size2 SizeOf(const Outgoing& out, const char* hyper) {
  const auto& size = out.hyper<Dims>(hyper);
  return {size[0], size[1]};
}

Dims PadsOf(const Outgoing& out) {
  const auto& p = out.hyper<Dims>("padding");
  const Padding pad =
      ResolvePadding(out.hyper<std::string>("auto_pad"), {p[0], p[1], p[2], p[3]}, out.input_shape(),
                     SizeOf(out, "kernel"), SizeOf(out, "dilation"), SizeOf(out, "stride"));
  return {pad.top, pad.left, pad.bottom, pad.right};
}

void SetPads(Outgoing& out, const Dims& pads) {
  out.Set("padding", pads);
  out.Set("auto_pad", std::string("none"));
}

// How far the windows reach beyond map and padding, by axis; below 0: what they leave.
Dims Overhang(const Outgoing& out, const Dims& pads) {
  Dims over;
  for (std::size_t axis = 0; axis < 2; axis++) {
    const auto of = [&](const char* hyper) { return out.hyper<Dims>(hyper)[axis]; };
    const int64_t windows = out.output_shape()[static_cast<int>(axis) + 2],
                  covered = (windows - 1) * of("stride") + of("dilation") * (of("kernel") - 1) + 1;
    over.push_back(covered - out.input_shape()[static_cast<int>(axis) + 2] - pads[axis] - pads[axis + 2]);
  }
  return over;
}

// ONNX Runtime wants less padding than the kernel has places, dilated or not.
bool IsWide(const Outgoing& out, const Dims& pads) {
  const auto& kernel = out.hyper<Dims>("kernel");
  return pads[0] >= kernel[0] || pads[1] >= kernel[1] || pads[2] >= kernel[0] || pads[3] >= kernel[1];
}

// A maximum, since no other pooling is dilated: its padding as values that never win.
void WritePadded(Outgoing& out, const Dims& pads) {
  const std::string amounts = out.AddIntegers("pads", {0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]}),
                    lowest = out.AddNumber("lowest", std::numeric_limits<float>::lowest());
  const std::string x = out.AddInnerNode("Pad", {out.Inputs()[0], amounts, lowest});
  SetPads(out, {0, 0, 0, 0});
  WriteAttributes(out, out.AddNode(out.row().onnx, {x}));
}

// ONNX keeps a last window in the padding, which Fovea drops: ceil_mode is written where it drops none. Elsewhere padding at the end
// does the same, unless it is counted.
void WritePool(Outgoing& out, bool has_ceil_mode, bool counts_padding) {
  Dims pads = PadsOf(out);
  const Dims over = Overhang(out, pads);
  const auto [least, most] = std::minmax(over[0], over[1]);
  const bool ceil = has_ceil_mode && most > 0 && least >= 0;
  if (most > 0 && !ceil && counts_padding)
    throw ArgumentError(fmt::format(
        "layer {}: ONNX has no ceil_mode that adds a window along one axis and drops one along the "
        "other; write count_include_pad=false, or pad the map before it",
        out.layer()));
  if (!ceil) {
    for (const std::size_t axis : {0u, 1u}) pads[axis + 2] += std::max<int64_t>(over[axis], 0);
  }
  out.Set("ceil_mode", ceil);
  if (IsWide(out, pads)) {
    WritePadded(out, pads);
  } else {
    SetPads(out, pads);
    WriteByRow(out);
  }
}

// Of the poolings opset 17 dilates the maximum alone.
void RequireDense(const Outgoing& out) {
  if (out.hyper<Dims>("dilation") != Dims{1, 1})
    throw ArgumentError(
        fmt::format("layer {}: opset 17 has no dilations of {}", out.layer(), out.row().onnx));
}

}  // namespace

void WriteConv(Outgoing& out) {
  SetPads(out, PadsOf(out));
  WriteByRow(out);
}

void WriteMaxPool(Outgoing& out) { WritePool(out, true, false); }

void WriteAveragePool(Outgoing& out) {
  RequireDense(out);
  WritePool(out, true, out.hyper<bool>("count_include_pad"));
}

void WriteLpPool(Outgoing& out) {
  if (out.hyper<bool>("whole_map")) {
    SetInteger("p", out.hyper<int64_t>("p"), out.AddNode("GlobalLpPool", out.Inputs()));
    return;
  }
  RequireDense(out);
  WritePool(out, false, false);
}

}  // namespace fovea::onnx
