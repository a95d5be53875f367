#include "fovea/formats/value_budget.h"

#include "fovea/base/error.h"

namespace fovea {

void ValueBudget::Take(const Layer& layer, const std::vector<int>& inputs, const Network& network) {
  const auto count = static_cast<int>(inputs.size());
  if (count < layer.Inputs().min || count > layer.Inputs().max) return;
  std::vector<Shape> shapes;
  for (const int value : inputs) {
    if (value < 0 || value >= network.ValueCount()) return;
    shapes.push_back(network.ShapeOf(value, 1));
  }
  try {
    layer.OutputShape(shapes);
  } catch (const ShapeError&) {
    return;
  }
  for (const auto& specs : {layer.Parameters(shapes), layer.State(shapes)}) {
    for (const ParameterSpec& spec : specs) {
      left_ -= spec.shape.Size();
      if (left_ < 0) throw ArgumentError("it needs more parameters than the file may hold");
    }
  }
}

}  // namespace fovea
