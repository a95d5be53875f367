// Every layer and every loss by name: one row each.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/layers/layer.h"
#include "fovea/layers/loss.h"

#pragma GCC visibility push(default)
namespace fovea {

// Throws ArgumentError for an unknown type (with the nearest known one) or hyper-parameters that do not fit.
std::shared_ptr<const Layer> MakeLayer(std::string_view type, const HyperList& hyper = {});

std::vector<std::string> LayerTypes();

// The same of losses.
std::shared_ptr<const Loss> MakeLoss(std::string_view type, const HyperList& hyper = {});

std::vector<std::string> LossTypes();

}  // namespace fovea
#pragma GCC visibility pop
