// Local response norms as PyTorch spells them, x / (bias + alpha*mean)^beta: the means of the squares over neighbouring channels are
// an average pooling along one more axis.
#include <algorithm>
#include <initializer_list>

#include "fovea/formats/onnx/incoming.h"
#include "fovea/formats/onnx/operators.h"
#include "fovea/formats/onnx/squeezes.h"

namespace fovea::onnx {
namespace {

using Dims = std::vector<int64_t>;
constexpr int64_t kFar = int64_t{1} << 40;  // beyond any extent

struct Window {
  int64_t size = 0, before = 0, after = 0;
};

struct Norm {
  Window window;
  double alpha = 0, beta = 0, bias = 0;
};

bool HasOnly(const proto::NodeProto& node, std::initializer_list<std::string_view> names) {
  return std::all_of(node.attribute().begin(), node.attribute().end(), [&](const auto& attribute) {
    return std::find(names.begin(), names.end(), attribute.name()) != names.end();
  });
}

// The nodes behind one, each the only reader of the one before.
class Chain {
 public:
  explicit Chain(Incoming& in) : in_(in), last_(&in.node()) {}

  // The next node where it is this operator, whose `input` is the last one's value; nullptr where it is another.
  const proto::NodeProto* Take(std::string_view onnx, int input = 0) {
    const proto::NodeProto* next = in_.OnlyReaderOf(*last_);
    const bool fits = next != nullptr && next->op_type() == onnx && next->domain().empty() &&
                      next->input_size() > input && next->input(input) == last_->output(0);
    if (!fits) return nullptr;
    nodes_.push_back(next);
    return last_ = next;
  }

  // The number that the next node, this operator, joins to the last value, which is its first input or, where `sides` are alike,
  // any of two.
  std::optional<double> TakeNumber(std::string_view onnx, bool alike, int rank) {
    int side = 0;
    const proto::NodeProto* node = Take(onnx);
    if (node == nullptr && alike) side = 1, node = Take(onnx, 1);
    if (node == nullptr || node->input_size() != 2 || node->attribute_size() != 0) return {};
    const Constant* number = in_.FindConstant(node->input(1 - side));
    const bool one = number != nullptr && !number->stored && number->size() == 1 && !number->HasBatch() &&
                     static_cast<int>(number->dims.size()) <= rank;
    if (!one) return {};
    return Meant(AsFloats(*number).floats[0]);
  }

  // Integers that an attribute of a node says, or an input.
  std::optional<Dims> Integers(const proto::NodeProto& node, const char* attribute, int input) const {
    if (auto list = Attributes(node).Integers(attribute)) return list;
    const Constant* found = node.input_size() > input ? in_.FindConstant(node.input(input)) : nullptr;
    if (found == nullptr || found->stored || found->HasBatch() || found->kind != Constant::Kind::kInteger)
      return {};
    return found->integers;
  }

  // A Reshape to these extents, if it is the next node.
  void TakeReshape(const Dims& extents) {
    const proto::NodeProto* next = in_.OnlyReaderOf(*last_);
    if (next != nullptr && AsksFor(in_, *next, extents)) Take("Reshape");
  }

  bool IsZero(const proto::NodeProto& node, int input) const {
    if (node.input_size() <= input || node.input(input).empty()) return true;
    const Constant* value = in_.FindConstant(node.input(input));
    return value != nullptr && value->floats == std::vector<float>{0};
  }

  void Absorb() const {
    for (const auto* node : nodes_) in_.Absorb(*node);
  }

 private:
  Incoming& in_;
  const proto::NodeProto* last_;
  std::vector<const proto::NodeProto*> nodes_;
};

// Padding by zeros along one axis of `count` alone: [before ..., after ...].
bool TakePadding(const Dims& pads, std::size_t axis, std::size_t count, Window& window) {
  if (pads.size() != 2 * count) return false;
  for (std::size_t i = 0; i < pads.size(); i++) {
    if (pads[i] < 0 || pads[i] > kFar || (pads[i] != 0 && i % count != axis)) return false;
  }
  window.before += pads[axis], window.after += pads[count + axis];
  return true;
}

bool TakePads(Chain& chain, std::size_t count, Window& window) {
  while (const proto::NodeProto* pad = chain.Take("Pad")) {
    const Attributes attributes(*pad);
    const auto pads = chain.Integers(*pad, "pads", 1);
    const bool zeros = HasOnly(*pad, {"mode", "value", "pads"}) && pad->input_size() <= 3 &&
                       attributes.Text("mode", "constant") == "constant" &&
                       attributes.Number("value", 0) == 0 && chain.IsZero(*pad, 2);
    if (!zeros || !pads || !TakePadding(*pads, 2, count, window)) return false;
  }
  return true;
}

// Whether the next node is a pooling along the first of `count` axes behind the second one, to as many places as there were.
bool TakePooling(Chain& chain, std::size_t count, Window& window) {
  const proto::NodeProto* pool = chain.Take("AveragePool");
  if (pool == nullptr ||
      !HasOnly(*pool, {"kernel_shape", "strides", "pads", "ceil_mode", "count_include_pad"}))
    return false;
  const Attributes attributes(*pool);
  const Dims ones(count, 1), none(2 * count), pads = attributes.Integers("pads").value_or(none);
  Dims kernel = attributes.Integers("kernel_shape").value_or(Dims{});
  if (kernel.size() != count || attributes.Integers("strides").value_or(ones) != ones) return false;
  if (pads != none && attributes.Integer("count_include_pad", 0) == 0) return false;
  window.size = std::exchange(kernel[0], 1);
  return kernel == ones && TakePadding(pads, 0, count, window) && window.size > 0 &&
         window.before + window.after == window.size - 1;
}

// The norm that the nodes behind a square make of it.
std::optional<Norm> TakeNorm(Chain& chain, const Dims& dims, const std::string& x) {
  const int rank = static_cast<int>(dims.size());
  Norm norm;
  const proto::NodeProto* more = chain.Take("Unsqueeze");
  if (more == nullptr || chain.Integers(*more, "axes", 1) != Dims{1}) return {};
  Dims with_axis = dims;
  with_axis.insert(with_axis.begin() + 1, 1);
  chain.TakeReshape(with_axis);
  if (!TakePads(chain, with_axis.size(), norm.window)) return {};
  if (!TakePooling(chain, dims.size() - 1, norm.window)) return {};
  const proto::NodeProto* less = chain.Take("Squeeze");
  if (less == nullptr) less = chain.Take(kSqueezeOfOne);
  if (less == nullptr || chain.Integers(*less, "axes", 1) != Dims{1}) return {};
  chain.TakeReshape(dims);
  const auto alpha = chain.TakeNumber("Mul", true, rank), bias = chain.TakeNumber("Add", true, rank),
             beta = chain.TakeNumber("Pow", false, rank);
  const proto::NodeProto* quotient = chain.Take("Div", 1);
  const bool all = alpha && bias && beta && quotient != nullptr && quotient->input_size() == 2 &&
                   quotient->input(0) == x && quotient->attribute_size() == 0;
  if (!all) return {};
  norm.alpha = *alpha, norm.bias = *bias, norm.beta = *beta;
  return norm;
}

Value Mirrored(Incoming& in, Value x) {
  return in.Add("slice", {{"starts", Dims{-1}}, {"ends", Dims{-kFar}}, {"steps", Dims{-1}}}, {x});
}

}  // namespace

bool ReadResponseNorm(Incoming& in) {
  if (in.Count() != 2 || in.node().input(0) != in.node().input(1)) return false;
  Chain chain(in);
  Value x = in.value(0);
  const auto norm = TakeNorm(chain, in.Dims(x), in.node().input(0));
  if (!norm) return false;
  // Of an even size, PyTorch's windows have the odd channel before theirs, the layer's behind it.
  const int64_t before = (norm->window.size - 1) / 2;
  const bool mirrored = norm->window.before != before;
  if (mirrored && norm->window.after != before) return false;
  chain.Absorb();
  if (mirrored) x = Mirrored(in, x);
  const Value y = in.Add(
      "local_response_norm",
      {{"size", norm->window.size}, {"alpha", norm->alpha}, {"beta", norm->beta}, {"bias", norm->bias}}, {x});
  in.Give(mirrored ? Mirrored(in, y) : y);
  return true;
}

}  // namespace fovea::onnx
