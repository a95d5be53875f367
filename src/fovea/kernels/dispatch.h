// Which instruction set the kernels use. Chosen once, the best that the machine has; the environment variable
// FOVEA_ISA (amx, avx512_bf16, avx512, avx2, baseline, neon) forces another. Every choice gives the same bits.
#pragma once

#include <string>
#include <vector>

#include "fovea/kernels/isa/table.h"

namespace fovea {

// The table in use. Throws ArgumentError when FOVEA_ISA names a set that is unknown or that this machine
// lacks.
const KernelTable& Kernels();

// The table of one set by name; throws as above.
const KernelTable& KernelsFor(const std::string& isa);

// The sets that this machine can run, best first.
std::vector<std::string> AvailableIsas();

}  // namespace fovea
