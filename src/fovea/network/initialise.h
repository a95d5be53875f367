// The starting values of a parameter (layers/layer.h lists the ways).
#pragma once

#include "fovea/base/random.h"
#include "fovea/layers/layer.h"
#include "fovea/tensor/tensor.h"

namespace fovea {

// Random values are the stream (key, number) in the order of the tensor. Init::kWhiten starts as kHe does: whoever has
// the images puts the filters in their place.
void Initialise(const Initializer& init, RandomKey key, uint64_t number, TensorView<float> values);

}  // namespace fovea
