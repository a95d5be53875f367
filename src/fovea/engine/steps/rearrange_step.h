// Layers that only move values, by the maps that they give (layers/rearrangement.h); several in a row are one step, so that the
// Reshape, Transpose, Reshape of an imported ShuffleNet is its channel shuffle.
//
// The map of stored numbers must be a sum: with (channel, pixel) of one side, the other side's number is at
// channel[c] + pixel[p]. That holds for shuffles, slices and padding of channels and pixels, nearest upsampling, blocks of
// pixels to channels and back, and most transpositions and reshapes; the rest is left to the reference step.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryRearrangeStep(const Site& site);

}  // namespace fovea
