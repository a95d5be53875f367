#include "fovea/formats/onnx/forms.h"

#include <fmt/format.h>

namespace fovea::onnx {
namespace {

using proto::AttributeProto;
using Integers = std::vector<int64_t>;

struct AutoPad {
  const char *onnx, *hyper;
};
constexpr AutoPad kAutoPads[] = {
    {"NOTSET", "none"}, {"VALID", "none"}, {"SAME_UPPER", "same"}, {"SAME_LOWER", "same_lower"}};

std::string AutoPadHyper(const std::string& onnx) {
  for (const AutoPad& row : kAutoPads) {
    if (onnx == row.onnx) return row.hyper;
  }
  throw Unsupported(fmt::format("auto_pad=\"{}\" is not known", onnx));
}

// A list for two axes from one for one or two; `missing` stands for the height's.
Integers PerAxis(const std::string& name, const Integers& list, int64_t missing) {
  if (list.size() == 2) return list;
  if (list.size() == 1) return {missing, list[0]};
  throw Unsupported(fmt::format("attribute \"{}\" has {} numbers; maps of one or two dimensions have 1 or 2",
                                name, list.size()));
}

Integers Pads(const std::string& name, const Integers& list) {
  for (const int64_t pad : list) {
    if (pad < 0) throw Unsupported(fmt::format("attribute \"{}\" has the negative {}", name, pad));
  }
  if (list.size() == 4) return list;
  if (list.size() == 2) return {0, list[0], 0, list[1]};
  throw Unsupported(fmt::format("attribute \"{}\" has {} numbers; maps of one or two dimensions have 2 or 4",
                                name, list.size()));
}

AttributeProto& AddAttribute(const char* name, AttributeProto::AttributeType type, proto::NodeProto& node) {
  AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

}  // namespace

HyperValue FromAttribute(const AttributeRow& row, const Attributes& attributes) {
  if (!attributes.Has(row.onnx)) return row.otherwise;
  switch (row.form) {
    case Form::kInteger:
      return attributes.Integer(row.onnx, 0);
    case Form::kFlag:
      return attributes.Integer(row.onnx, 0) != 0;
    case Form::kNumber:
      return attributes.Number(row.onnx, 0);
    case Form::kText:
      return attributes.Text(row.onnx, "");
    case Form::kOneMinus:
      return Meant(static_cast<float>(1 - attributes.Number(row.onnx, 0)));
    case Form::kPair:
      return PerAxis(row.onnx, *attributes.Integers(row.onnx), 1);
    case Form::kExtra:
      return PerAxis(row.onnx, *attributes.Integers(row.onnx), 0);
    case Form::kPads:
      return Pads(row.onnx, *attributes.Integers(row.onnx));
    case Form::kAutoPad:
      return AutoPadHyper(attributes.Text(row.onnx, ""));
  }
  return row.otherwise;
}

void SetIntegers(const char* name, const Integers& values, proto::NodeProto& node) {
  AttributeProto& attribute = AddAttribute(name, AttributeProto::INTS, node);
  for (const int64_t v : values) attribute.add_ints(v);
}

void SetInteger(const char* name, int64_t value, proto::NodeProto& node) {
  AddAttribute(name, AttributeProto::INT, node).set_i(value);
}

void ToAttribute(const AttributeRow& row, const HyperValue& value, proto::NodeProto& node) {
  if (value == row.otherwise) return;
  switch (row.form) {
    case Form::kInteger:
      return SetInteger(row.onnx, std::get<int64_t>(value), node);
    case Form::kFlag:
      return SetInteger(row.onnx, std::get<bool>(value) ? 1 : 0, node);
    case Form::kNumber:
      AddAttribute(row.onnx, AttributeProto::FLOAT, node).set_f(static_cast<float>(std::get<double>(value)));
      return;
    case Form::kOneMinus:
      AddAttribute(row.onnx, AttributeProto::FLOAT, node)
          .set_f(static_cast<float>(1 - std::get<double>(value)));
      return;
    case Form::kText:
      AddAttribute(row.onnx, AttributeProto::STRING, node).set_s(std::get<std::string>(value));
      return;
    case Form::kPair:
    case Form::kExtra:
    case Form::kPads:
      return SetIntegers(row.onnx, std::get<Integers>(value), node);
    case Form::kAutoPad:
      for (const AutoPad& pad : kAutoPads) {
        if (std::get<std::string>(value) != pad.hyper) continue;
        AddAttribute(row.onnx, AttributeProto::STRING, node).set_s(pad.onnx);
        return;
      }
      return;
  }
}

}  // namespace fovea::onnx
