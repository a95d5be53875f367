#include "fovea/formats/onnx/attributes.h"

#include <fmt/format.h>

#include <charconv>

namespace fovea::onnx {

using proto::AttributeProto;

const AttributeProto* Attributes::Find(const std::string& name) const {
  asked_.insert(name);
  for (const AttributeProto& attribute : node_.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

const AttributeProto* Attributes::Find(const std::string& name, AttributeProto::AttributeType type,
                                       const char* needed) const {
  const AttributeProto* found = Find(name);
  if (found != nullptr && found->type() != type)
    throw FormatError(fmt::format("attribute \"{}\" is not {}", name, needed));
  return found;
}

int64_t Attributes::Integer(const std::string& name, int64_t otherwise) const {
  const AttributeProto* found = Find(name, AttributeProto::INT, "an integer");
  return found == nullptr ? otherwise : found->i();
}

double Attributes::Number(const std::string& name, double otherwise) const {
  const AttributeProto* found = Find(name, AttributeProto::FLOAT, "a number");
  return found == nullptr ? otherwise : Meant(found->f());
}

std::string Attributes::Text(const std::string& name, const std::string& otherwise) const {
  const AttributeProto* found = Find(name, AttributeProto::STRING, "a text");
  return found == nullptr ? otherwise : found->s();
}

std::optional<std::vector<int64_t>> Attributes::Integers(const std::string& name) const {
  const AttributeProto* found = Find(name, AttributeProto::INTS, "a list of integers");
  if (found == nullptr) return std::nullopt;
  return std::vector<int64_t>(found->ints().begin(), found->ints().end());
}

std::optional<std::vector<float>> Attributes::Numbers(const std::string& name) const {
  const AttributeProto* found = Find(name, AttributeProto::FLOATS, "a list of numbers");
  if (found == nullptr) return std::nullopt;
  return std::vector<float>(found->floats().begin(), found->floats().end());
}

const proto::TensorProto* Attributes::Tensor(const std::string& name) const {
  const AttributeProto* found = Find(name, AttributeProto::TENSOR, "a tensor");
  return found == nullptr ? nullptr : &found->t();
}

void Attributes::RefuseOthers() const {
  std::set<std::string> seen;
  for (const AttributeProto& attribute : node_.attribute()) {
    if (!seen.insert(attribute.name()).second)
      throw FormatError(fmt::format("attribute \"{}\" stands twice", attribute.name()));
    if (!asked_.contains(attribute.name()))
      throw Unsupported(fmt::format("attribute \"{}\" is not known", attribute.name()));
  }
}

double Meant(float value) {
  const std::string text = fmt::format("{}", value);
  double meant = value;
  std::from_chars(text.data(), text.data() + text.size(), meant);
  return meant;
}

}  // namespace fovea::onnx
