#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "fovea/formats/onnx/incoming.h"
#include "fovea/formats/onnx/operators.h"

namespace fovea::onnx {
namespace {

// A bound of Clip: an attribute in old opsets, an input in new ones.
float Bound(Incoming& in, const char* attribute, int input, float none) {
  if (in.opset() < 11)
    return static_cast<float>(in.attributes().Number(attribute, static_cast<double>(none)));
  if (!in.Has(input)) return none;
  const Constant bound = in.Held(input);
  if (bound.floats.size() != 1) in.Refuse(fmt::format("its {} is not one number", attribute));
  return bound.floats[0];
}

}  // namespace

void ReadGlobalLpPool(Incoming& in) {
  HyperList hypers = in.Hypers();
  hypers.push_back({"whole_map", true});
  in.Give(in.Add("lp_pool2d", std::move(hypers), {in.value(0)}));
}

void ReadPool(Incoming& in) {
  HyperList hypers = in.Hypers();
  if (in.IsRead(1)) in.Refuse("its output Indices is read");
  in.attributes().Ignore("storage_order");  // of Indices
  if (!in.attributes().Has("kernel_shape")) throw FormatError("it has no kernel_shape");
  in.Give(in.Add(in.row().layer, std::move(hypers), {in.map()}));
}

void ReadConcat(Incoming& in) {
  std::vector<Value> inputs;
  inputs.reserve(static_cast<std::size_t>(in.Count()));
  for (int i = 0; i < in.Count(); i++) inputs.push_back(in.value(i));
  if (inputs.empty()) throw FormatError("it has no inputs");
  const int64_t axis = in.NetworkAxis(inputs[0], in.attributes().Integer("axis", 1));
  in.Give(in.Add("concat", {{"axis", axis}}, inputs));
}

void ReadClip(Incoming& in) {
  constexpr float kLowest = std::numeric_limits<float>::lowest(),
                  kHighest = std::numeric_limits<float>::max();
  const float low = Bound(in, "min", 1, kLowest), high = Bound(in, "max", 2, kHighest);
  if (low <= kLowest && high >= kHighest) return in.Give(in.value(0));
  const auto within = [&](float bound) {
    return std::clamp(Meant(bound), static_cast<double>(kLowest), static_cast<double>(kHighest));
  };
  const Value x = in.value(0);
  const auto nodes = in.reading().network.nodes();
  // PyTorch writes ReLU6 as Relu and a Clip from above.
  const bool from_zero = low == 0 || (low < 0 && x.number > 0 &&
                                      nodes[static_cast<std::size_t>(x.number - 1)].layer->Type() == "relu");
  const bool rectifies = low == 0 && high >= kHighest;
  if (!rectifies && !(from_zero && high == 6))
    return in.Give(in.Add("clip", {{"min", within(low)}, {"max", within(high)}}, {x}));
  in.Give(in.Add(rectifies ? "relu" : "relu6", {}, {x}));
}

void ReadDropout(Incoming& in) {
  double rate = in.attributes().Number("ratio", 0.5);
  in.attributes().Ignore("seed");
  in.attributes().Ignore("is_test");  // opset 6: what is imported predicts
  if (in.Has(1)) {
    const Constant ratio = in.Held(1);
    if (ratio.floats.size() != 1) in.Refuse("its ratio is not one number");
    rate = Meant(ratio.floats[0]);
  }
  if (in.Has(2)) {
    const Constant training = in.Held(2);
    if (training.integers.size() != 1 || training.integers[0] != 0)
      in.Refuse("training_mode is on; export the model for inference");
  }
  if (in.IsRead(1)) in.Refuse("its output mask is read");
  in.Give(in.Add("dropout", {{"rate", rate}}, {in.value(0)}));
}

void ReadNothing(Incoming& in) {
  const int64_t to = in.attributes().Integer("to", proto::TensorProto::FLOAT);
  in.attributes().Ignore("saturate");
  if (to != proto::TensorProto::FLOAT) in.Refuse(fmt::format("to={}: values of networks are floats", to));
  in.Give(in.value(0));
}

}  // namespace fovea::onnx
