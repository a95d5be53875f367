// ONNX as a dialect: one row an operator, which says what layer it is and what its attributes are there. Rows that say it all
// serve import and export alike; an operator with ideas of its own has functions beside its row.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fovea/layers/hyper.h"

namespace fovea::onnx {

class Incoming;
class Outgoing;

// How an attribute is written as a hyper-parameter.
//   kInteger, kNumber, kText   as they are
//   kFlag       0 or 1 as a bool
//   kOneMinus   a number x as 1 - x
//   kPair       a list of two numbers, one for maps of one dimension: [k] is [1, k]
//   kExtra      likewise, but [k] is [0, k]
//   kPads       a list of four, two for maps of one dimension: [before, after] is [0, before, 0, after]
//   kAutoPad    NOTSET and VALID as none, SAME_UPPER as same, SAME_LOWER as same_lower
enum class Form { kInteger, kFlag, kNumber, kText, kOneMinus, kPair, kExtra, kPads, kAutoPad };

struct AttributeRow {
  const char* onnx;
  const char* hyper;
  Form form;
  HyperValue otherwise;  // where a file leaves the attribute out
};

// An integer attribute with one value that Fovea's layer stands for.
struct FixedRow {
  const char* onnx;
  int64_t value;
  int64_t otherwise;  // where a file leaves it out
};

struct Operator {
  const char* onnx;
  const char* layer;  // its type; nullptr where the operator vanishes or becomes several
  std::vector<AttributeRow> attributes = {};
  std::vector<FixedRow> fixed = {};
  std::vector<const char*> tensors = {};   // the parameters and states of the layer that are inputs 1, 2, ...
  void (*read)(Incoming& in) = nullptr;    // nullptr: by the row
  void (*write)(Outgoing& out) = nullptr;  // nullptr: by the row
  bool written = true;                     // whether the layer is written as this operator
  const char* note = "";                   // for the table in docs/onnx.md: what is refused, what it becomes
};

const std::vector<Operator>& Dialect();

const Operator* FindOperator(const std::string& onnx);
const Operator* FindOperatorOfLayer(std::string_view layer);

}  // namespace fovea::onnx
