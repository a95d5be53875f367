// A network that grows section by section, as darknet numbers its layers.
#pragma once

#include <string>
#include <vector>

#include "fovea/formats/darknet/cfg_text.h"
#include "fovea/formats/darknet/darknet.h"
#include "fovea/formats/value_budget.h"

namespace fovea {

class CfgBuilder {
 public:
  CfgBuilder(const Shape& input, DarknetEpsilon epsilon, int64_t max_values);

  // One more of darknet's layers begins; Add names its nodes after it.
  void Begin(CfgSection& section);
  // It is over: its output is the last value, unless Pass has said otherwise.
  void End();

  // A node that reads the current value, or these; returns its value.
  int Add(const char* name, std::string_view type, const HyperList& hyper = {});
  int Add(const char* name, std::string_view type, const HyperList& hyper, std::vector<int> inputs);
  // By darknet's name of it.
  void Activate(const std::string& activation);
  void Normalise();
  // The layer gives this value, and adds nothing.
  void Pass(int value) { current_ = value; }

  int current() const { return current_; }
  Shape CurrentShape() const { return network_.ShapeOf(current_, 1); }
  Shape ShapeOf(int value) const { return network_.ShapeOf(value, 1); }
  // The output of a layer by its number, or counted back from this one when negative.
  int OutputOf(int64_t layer) const;
  void AddHead(DetectionHead head);

  // Joins the heads, or makes features of a classifier's scores.
  Model Finish(Preprocessing preprocessing);

 private:
  Network network_;
  const DarknetEpsilon epsilon_;
  ValueBudget budget_;
  CfgSection* section_ = nullptr;
  std::vector<int> outputs_;  // of darknet's layers
  int current_ = 0;
  std::vector<DetectionHead> heads_;
  std::vector<int> head_values_;
};

}  // namespace fovea
