// The upper half of a float: 8 bits of exponent, 7 of fraction.
#pragma once

#include <stdint.h>

namespace fovea {

using Bfloat16 = uint16_t;

}  // namespace fovea
