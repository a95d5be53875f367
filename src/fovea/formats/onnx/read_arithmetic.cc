#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

#include "fovea/formats/onnx/incoming.h"
#include "fovea/formats/onnx/operators.h"

namespace fovea::onnx {
namespace {

// The shape of a constant operand as the layer has it: without the batch, leading axes of 1, and with the height of maps of one
// dimension.
std::vector<int64_t> OperandShape(const Incoming& in, const Constant& constant, const Value& value) {
  std::vector<int64_t> dims = constant.dims;
  const auto rank = static_cast<std::size_t>(value.rank);
  if (const int64_t axis = in.opset() < 7 ? in.attributes().Integer("axis", -1) : -1; axis >= 0) {
    while (dims.size() + static_cast<std::size_t>(axis) < rank) dims.push_back(1);
  }
  if (dims.size() == rank && dims[0] == 1) dims.erase(dims.begin());
  if (dims.size() >= rank) {
    in.Refuse(fmt::format("its constant of {} axes has a batch; the value has {} axes", dims.size(), rank));
  }
  while (dims.size() > 1 && dims[0] == 1) dims.erase(dims.begin());
  if (dims.empty()) dims = {1};
  if (in.IsLine(value) && dims.size() == 2) dims.insert(dims.begin() + 1, 1);
  return dims;
}

// add, multiply, ...: a constant on one side.
Value WithConstant(Incoming& in, int constant) {
  const Value x = in.value(1 - constant);
  const std::string_view type = in.row().layer;
  Constant exponent;
  if (type == "power" && constant == 1) exponent = AsFloats(in.Held(1));  // an integer it may be
  const Constant& operand = exponent.floats.empty() ? in.constant(constant) : exponent;
  HyperList hypers{{"operand", OperandShape(in, operand, x)}};
  const bool directed = type == "subtract" || type == "divide" || type == "power";
  if (directed && constant == 0) hypers.push_back({"operand_first", true});
  return in.Add(type, std::move(hypers), {x}, {{"operand", &operand}});
}

// Any slopes, spread over x: what is above 0, and what is below times the slopes.
Value WithSlopes(Incoming& in, Value x) {
  constexpr auto kLowest = static_cast<double>(std::numeric_limits<float>::lowest());
  const Constant& slopes = in.constant(1);
  const Value above = in.Add("relu", {}, {x}), below = in.Add("clip", {{"min", kLowest}, {"max", 0.0}}, {x}),
              scaled = in.Add("multiply", {{"operand", OperandShape(in, slopes, x)}}, {below},
                              {{"operand", &slopes}});
  return in.Add("add", {}, {above, scaled});
}

}  // namespace

void ReadArithmetic(Incoming& in) {
  if (in.Count() == 0) throw FormatError("it has no inputs");
  in.attributes().Ignore("broadcast");  // opset 6: whether shapes may differ
  if (in.opset() < 7) in.attributes().Ignore("axis");
  if (in.row().layer == std::string_view("multiply") && ReadResponseNorm(in)) return;
  if (in.Count() == 2) {
    for (const int side : {0, 1}) {
      if (in.IsConstant(side)) return in.Give(WithConstant(in, side));
    }
  }
  std::vector<Value> values;
  for (int i = 0; i < in.Count(); i++) {
    values.push_back(in.value(i));
    if (values.back().rank != values[0].rank) {
      in.Refuse(fmt::format("its inputs have {} and {} axes; values need the same number of axes",
                            values[0].rank, values.back().rank));
    }
  }
  if (values.size() == 1) return in.Give(values[0]);
  if (in.row().layer == std::string_view("add")) return in.Give(in.Add("add", {}, values));
  Value joined = values[0];  // Min, Max: of any number
  for (std::size_t i = 1; i < values.size(); i++) joined = in.Add(in.row().layer, {}, {joined, values[i]});
  in.Give(joined);
}

void ReadPRelu(Incoming& in) {
  const Constant& slope = in.constant(1);
  const Value x = in.value(0);
  const int64_t count = slope.size();
  // Up to opset 6 a list is one for each channel; later it is spread over the last axes, as all constants are.
  const std::size_t behind =
      in.opset() < 7 && slope.dims.size() == 1 ? 0 : static_cast<std::size_t>(x.rank - 2);
  const bool per_channel = x.rank > 1 && count == in.Dims(x)[1] && slope.dims.size() > behind &&
                           slope.dims[slope.dims.size() - 1 - behind] == count;
  if (!per_channel && count != 1) return in.Give(WithSlopes(in, x));
  in.Give(in.Add("prelu", {{"per_channel", per_channel}}, {x}, {{"weight", &slope}}));
}

void ReadSoftmax(Incoming& in) {
  const Value x = in.value(0);
  const int64_t axis = in.attributes().Integer("axis", in.opset() < 13 ? 1 : -1);
  if (axis == 0 || axis == -x.rank) in.Refuse(fmt::format("axis={} is the batch", axis));
  // Before opset 13 all axes from this one on are one.
  const std::vector<int64_t> dims = in.Dims(x);
  const int64_t at = in.NetworkAxis(x, axis), behind = (axis < 0 ? axis + x.rank : axis) + 1;
  const bool alone =
      std::all_of(dims.begin() + behind, dims.end(), [](int64_t extent) { return extent == 1; });
  if (in.opset() >= 13 || alone) return in.Give(in.Add(in.row().layer, {{"axis", at}}, {x}));
  std::vector<int64_t> joined(dims.begin(), dims.begin() + behind - 1);
  joined.push_back(std::accumulate(dims.begin() + behind - 1, dims.end(), int64_t{1}, std::multiplies<>()));
  const Value flat = Reshaped(in, x, joined),
              y = in.Add(in.row().layer, {{"axis", in.NetworkAxis(flat, -1)}}, {flat});
  in.Give(Reshaped(in, {y.number, flat.rank}, dims));
}

}  // namespace fovea::onnx
