// Values (N, H, W, C) that are stored as the map (N, C, H, W) is, so that the transpositions around a layer norm or an affine layer over
// the channels (ConvNeXt) move nothing.
#pragma once

#include <vector>

#include "fovea/network/network.h"

namespace fovea {

// Which values of a network those are: they come from a transposition of a map, directly or through layers that take every number by
// itself or normalise the channels of a pixel, and only such layers and rearrangements read them.
std::vector<bool> TurnedValues(const Network& network);

// Whether a layer makes (H, W, C) of a map (C, H, W), and back: of an x that is turned.
bool Turns(const Layer& layer, const Shape& x);
bool TurnsBack(const Layer& layer, const Shape& x);

}  // namespace fovea
