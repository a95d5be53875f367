#include "fovea/formats/darknet/cfg_builder.h"

#include <fmt/format.h>

#include "fovea/base/error.h"
#include "fovea/base/suggest.h"
#include "fovea/layers/registry.h"

namespace fovea {
namespace {

struct Piece {
  const char* type;
  HyperList hyper = {};
};
struct Activation {
  const char* darknet;
  std::vector<Piece> pieces;
};

const std::vector<Activation>& Activations() {
  static const std::vector<Activation> rows = {
      {"leaky", {{"leaky_relu", {{"slope", 0.1}}}}},
      {"relu", {{"relu"}}},
      {"relu6", {{"relu6"}}},
      {"logistic", {{"sigmoid"}}},
      {"tanh", {{"tanh"}}},
      {"mish", {{"mish"}}},
      {"swish", {{"silu"}}},
      {"elu", {{"elu"}}},
      {"selu", {{"selu"}}},
      {"hardtan", {{"clip", {{"min", -1.0}, {"max", 1.0}}}}},
      // 1.1x where x > 0, else 0.1x: -leaky(-x) has its slope where x > 0.
      {"ramp", {{"neg"}, {"leaky_relu", {{"slope", 1.1}}}, {"neg"}, {"leaky_relu", {{"slope", 0.1}}}}},
  };
  return rows;
}

}  // namespace

CfgBuilder::CfgBuilder(const Shape& input, DarknetEpsilon epsilon, int64_t max_values)
    : network_(input), epsilon_(epsilon), budget_(max_values) {}

void CfgBuilder::Begin(CfgSection& section) { section_ = &section; }

void CfgBuilder::End() { outputs_.push_back(current_); }

int CfgBuilder::Add(const char* name, std::string_view type, const HyperList& hyper) {
  return Add(name, type, hyper, {current_});
}

int CfgBuilder::Add(const char* name, std::string_view type, const HyperList& hyper,
                    std::vector<int> inputs) {
  try {
    const auto layer = MakeLayer(type, hyper);
    budget_.Take(*layer, inputs, network_);
    return current_ =
               network_.Add(fmt::format("layer{}.{}", outputs_.size(), name), layer, std::move(inputs));
  } catch (const FormatError&) {
    throw;
  } catch (const Error& error) {
    section_->Fail(error.what());
  }
}

void CfgBuilder::Activate(const std::string& activation) {
  if (activation == "linear") return;
  std::vector<std::string> names = {"linear"};
  for (const Activation& row : Activations()) {
    names.emplace_back(row.darknet);
    if (activation != row.darknet) continue;
    for (std::size_t i = 0; i < row.pieces.size(); i++) {
      const std::string name = row.pieces.size() == 1 ? row.darknet : fmt::format("{}{}", row.darknet, i);
      Add(name.c_str(), row.pieces[i].type, row.pieces[i].hyper);
    }
    return;
  }
  section_->Fail(fmt::format("activation={} is not supported{}", activation, DidYouMean(activation, names)));
}

void CfgBuilder::Normalise() {
  const double eps = epsilon_ == DarknetEpsilon::kInsideRoot ? kEpsilonInsideRoot : kEpsilonOutsideRoot;
  Add("norm", "batch_norm", {{"eps", eps}, {"momentum", 0.01}});
}

int CfgBuilder::OutputOf(int64_t layer) const {
  const auto here = static_cast<int64_t>(outputs_.size());
  const int64_t index = layer < 0 ? here + layer : layer;
  if (index < 0 || index >= here)
    section_->Fail(fmt::format("layer {} does not stand before this one, layer {}", layer, here));
  return outputs_[static_cast<std::size_t>(index)];
}

void CfgBuilder::AddHead(DetectionHead head) {
  head.shape = Shape(CurrentShape().extents().subspan(1));
  head.offset = heads_.empty() ? 0 : heads_.back().offset + heads_.back().shape.Size();
  heads_.push_back(std::move(head));
  head_values_.push_back(current_);
}

Model CfgBuilder::Finish(Preprocessing preprocessing) {
  if (outputs_.empty()) section_->Fail("no layer follows");
  if (heads_.size() == 1) current_ = head_values_[0];  // what follows it gives darknet nothing
  if (heads_.size() > 1) {
    std::vector<int> flat;
    for (std::size_t i = 0; i < heads_.size(); i++)
      flat.push_back(Add(fmt::format("head{}", i).c_str(), "flatten", {}, {head_values_[i]}));
    Add("heads", "concat", {}, flat);
  } else if (const Shape last = CurrentShape();
             heads_.empty() && last.rank() == 4 && last[2] * last[3] == 1) {
    Add("scores", "flatten");
  } else if (current_ != network_.ValueCount() - 1) {
    Add("output", "concat");
  }
  return {
      .network = std::move(network_), .preprocessing = std::move(preprocessing), .heads = std::move(heads_)};
}

}  // namespace fovea
