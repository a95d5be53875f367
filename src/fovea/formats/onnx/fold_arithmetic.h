// Folding of arithmetic between constants.
#pragma once

#include "fovea/formats/onnx/constant.h"

namespace fovea::onnx {

class Incoming;

// Add, Sub, Mul, Div of two constants of equal shape, or of one number with another constant. Of the batch there are multiples only.
Constant FoldArithmetic(Incoming& in);
Constant FoldCast(Incoming& in);
Constant FoldFloor(Incoming& in);

}  // namespace fovea::onnx
