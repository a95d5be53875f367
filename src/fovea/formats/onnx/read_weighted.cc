#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fovea/base/checked.h"
#include "fovea/formats/onnx/incoming.h"
#include "fovea/formats/onnx/operators.h"

namespace fovea::onnx {
namespace {

void Set(const std::string& name, HyperValue value, HyperList& hypers) {
  for (Hyper& h : hypers) {
    if (h.name == name) {
      h.value = std::move(value);
      return;
    }
  }
  hypers.push_back({name, std::move(value)});
}

// A constant that the only reader of this node adds to its output, one value for each of `count` channels at the axis that lies
// `after` axes before the last: a bias by another name. The Add is then part of this node.
const Constant* FollowingBias(Incoming& in, int64_t count, std::size_t after) {
  const proto::NodeProto* add = in.OnlyReader();
  if (add == nullptr || add->op_type() != "Add" || add->input_size() != 2 || add->attribute_size() != 0)
    return nullptr;
  const std::string& other = add->input(add->input(0) == in.node().output(0) ? 1 : 0);
  const Constant* found = in.FindConstant(other);
  if (found == nullptr) return nullptr;
  const Constant& bias = *found;
  const bool fits = bias.kind == Constant::Kind::kFloat && bias.dims.size() > after && bias.size() == count &&
                    bias.dims[bias.dims.size() - 1 - after] == count;
  if (!fits) return nullptr;
  in.Absorb(*add);
  return &bias;
}

// The bias of a Gemm is spread over what it lacks; the layer's has a value for each feature.
Constant Spread(const Constant& bias, int64_t features, float scale) {
  Constant spread = Held(bias);
  if (spread.floats.size() == 1) spread.floats.resize(static_cast<std::size_t>(features), spread.floats[0]);
  spread.dims = {static_cast<int64_t>(spread.floats.size())};
  for (float& v : spread.floats) v *= scale;
  return spread;
}

// An input with a number for each group of channels, with one for each channel.
Constant SpreadGroups(Incoming& in, int input, int64_t groups, int64_t channels) {
  const Constant each = in.Held(input);
  if (each.kind != Constant::Kind::kFloat)
    throw FormatError(fmt::format("its input {} holds integers", input));
  if (each.size() != groups)
    throw FormatError(fmt::format("its input {} has {} numbers for {} groups", input, each.size(), groups));
  Constant spread;
  spread.dims = {channels};
  for (int64_t c = 0; c < channels; c++)
    spread.floats.push_back(each.floats[static_cast<std::size_t>(c / (channels / groups))]);
  return spread;
}

void AddLinear(Incoming& in, Weight weight, const Constant* bias) {
  const int64_t features = weight.from->dims[weight.transposed ? 1 : 0];
  std::vector<Weight> weights{weight};
  if (bias != nullptr) weights.push_back({"bias", bias});
  in.Give(in.Add("linear", {{"features", features}, {"bias", bias != nullptr}}, {in.value(0)}, weights));
}

// The last axis of a map times a matrix: a convolution of single places, with that axis in the channels' place.
void AddPointConvolution(Incoming& in, Value x, const Constant& w, const Constant* bias) {
  std::vector<Weight> weights{{"weight", &w, true}};
  if (bias != nullptr) weights.push_back({"bias", bias});
  const Value turned = in.Add("transpose", {{"perm", std::vector<int64_t>{3, 1, 2}}}, {x});
  const Value product = in.Add(
      "conv2d", {{"filters", w.dims[1]}, {"kernel", std::vector<int64_t>{1, 1}}, {"bias", bias != nullptr}},
      {turned}, weights);
  const Value y = in.Add("transpose", {{"perm", std::vector<int64_t>{2, 3, 1}}}, {product});
  in.Give({y.number, x.rank});
}

}  // namespace

void ReadConv(Incoming& in) {
  const Constant& w = in.constant(1);
  const Value x = in.map();
  if (w.dims.size() != 3 && w.dims.size() != 4)
    in.Refuse(fmt::format("weights {} have more than two dimensions of space", fmt::join(w.dims, "x")));
  HyperList hypers = in.Hypers();
  const std::vector<int64_t> kernel{w.dims.size() == 4 ? w.dims[2] : 1, w.dims.back()};
  for (const Hyper& h : hypers) {
    if (h.name == "kernel" && h.value != HyperValue(std::vector<int64_t>{}) && h.value != HyperValue(kernel))
      throw FormatError(
          fmt::format("kernel_shape is {}, its weights are {}", ToString(h.value), fmt::join(w.dims, "x")));
  }
  Set("kernel", kernel, hypers);
  Set("filters", w.dims[0], hypers);
  const Constant* bias = in.Has(2) ? &in.constant(2) : FollowingBias(in, w.dims[0], w.dims.size() - 2);
  Set("bias", bias != nullptr, hypers);
  std::vector<Weight> weights{{"weight", &w}};
  if (bias != nullptr) weights.push_back({"bias", bias});
  in.Give(in.Add("conv2d", std::move(hypers), {x}, weights));
}

void ReadConvTranspose(Incoming& in) {
  const Constant& w = in.constant(1);
  const Value x = in.map();
  if (w.dims.size() != 3 && w.dims.size() != 4)
    in.Refuse(fmt::format("weights {} have more than two dimensions of space", fmt::join(w.dims, "x")));
  const std::string auto_pad = in.attributes().Text("auto_pad", "NOTSET");
  if (auto_pad != "NOTSET" && auto_pad != "VALID") in.Refuse(fmt::format("auto_pad={}", auto_pad));
  if (in.attributes().Has("output_shape"))
    in.Refuse("output_shape is given; only pads say how large the output is");
  HyperList hypers = in.Hypers();
  Set("kernel", std::vector<int64_t>{w.dims.size() == 4 ? w.dims[2] : 1, w.dims.back()}, hypers);
  Set("filters", CheckedMultiply(w.dims[1], in.attributes().Integer("group", 1)), hypers);
  Set("bias", in.Has(2), hypers);
  std::vector<Weight> weights{{"weight", &w}};
  if (in.Has(2)) weights.push_back({"bias", &in.constant(2)});
  in.Give(in.Add("conv_transpose2d", std::move(hypers), {x}, weights));
}

void ReadInstanceNormalization(Incoming& in) {
  HyperList hypers = in.Hypers();
  Set("affine", true, hypers);
  in.Give(in.Add("instance_norm", std::move(hypers), {in.map()},
                 {{"weight", &in.constant(1)}, {"bias", &in.constant(2)}}));
}

void ReadGroupNormalization(Incoming& in) {
  in.attributes().Ignore("stash_type");  // as in ReadLayerNormalization
  const Value x = in.value(0);
  const int64_t groups = in.attributes().Integer("num_groups", 0);
  const int64_t channels = in.reading().network.ShapeOf(x.number, 1)[1];
  if (groups < 1 || channels % groups != 0)
    throw FormatError(fmt::format("num_groups={} of {} channels", groups, channels));
  in.reading().budget.Take(CheckedMultiply(channels, 8));
  const Constant scale = SpreadGroups(in, 1, groups, channels), bias = SpreadGroups(in, 2, groups, channels);
  in.Give(in.Add("group_norm", in.Hypers(), {x}, {{"weight", &scale}, {"bias", &bias}}));
}

void ReadLayerNormalization(Incoming& in) {
  for (const int output : {1, 2}) {
    if (in.IsRead(output)) in.Refuse("its mean or deviation is read");
  }
  in.attributes().Ignore("stash_type");  // sums of more than single precision do no harm
  const Value x = in.value(0);
  const int64_t axis = in.NetworkAxis(x, in.attributes().Integer("axis", -1));
  const Shape shape = in.reading().network.ShapeOf(x.number, 1);
  HyperList hypers = in.Hypers();
  Set("shape", std::vector<int64_t>(shape.extents().begin() + axis, shape.extents().end()), hypers);
  Constant none;
  const Constant& scale = in.constant(1);
  if (!in.Has(2)) {
    in.reading().budget.Take(scale.size() * 4);
    none.dims = scale.dims;
    none.floats.resize(static_cast<std::size_t>(scale.size()));
  }
  in.Give(in.Add("layer_norm", std::move(hypers), {x},
                 {{"weight", &scale}, {"bias", in.Has(2) ? &in.constant(2) : &none}}));
}

void ReadBatchNormalization(Incoming& in) {
  for (int output = 1; output < in.node().output_size(); output++) {
    if (in.IsRead(output)) in.Refuse("its outputs for training are read; only y is supported");
  }
  in.attributes().Ignore("is_test");  // opset 6: what is imported predicts
  // Before opset 14 further outputs are what says so.
  const auto& outputs = in.node().output();
  const bool more = std::any_of(outputs.begin() + 1, outputs.end(), [](const auto& o) { return !o.empty(); });
  const bool outputs_say = more && in.opset() > 6 && in.opset() < 14;
  if (in.attributes().Integer("training_mode", outputs_say ? 1 : 0) != 0)
    in.Refuse("it is written for training; export the model for inference");
  ReadByRow(in);
}

void ReadGemm(Incoming& in) {
  if (in.attributes().Integer("transA", 0) != 0) in.Refuse("transA is on");
  in.attributes().Ignore("broadcast");  // opset 6: C is spread, as it is without a word later
  const double alpha = in.attributes().Number("alpha", 1), beta = in.attributes().Number("beta", 1);
  const bool turned = in.attributes().Integer("transB", 0) == 0;
  const Constant& w = in.constant(1);
  if (w.dims.size() != 2) throw FormatError("its B is not a matrix");
  if (!in.Has(2)) {
    AddLinear(in, {"weight", &w, turned, static_cast<float>(alpha)},
              FollowingBias(in, w.dims[turned ? 1 : 0], 0));
    return;
  }
  const int64_t features = w.dims[turned ? 1 : 0];
  in.reading().budget.Take(features * 4);
  const Constant bias = Spread(in.constant(2), features, static_cast<float>(beta));
  AddLinear(in, {"weight", &w, turned, static_cast<float>(alpha)}, &bias);
}

void ReadMatMul(Incoming& in) {
  const Constant& w = in.constant(1);
  const Value x = in.map();
  const int rank = in.reading().network.ShapeOf(x.number, 1).rank();
  if (w.dims.size() != 2 || (rank != 2 && rank != 4))
    in.Refuse(fmt::format("a product of {} axes with a constant of {}", x.rank, w.dims.size()));
  const Constant* bias = FollowingBias(in, w.dims[1], 0);
  rank == 2 ? AddLinear(in, {"weight", &w, true}, bias) : AddPointConvolution(in, x, w, bias);
}

}  // namespace fovea::onnx
