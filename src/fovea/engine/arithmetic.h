// How the engine calculates: what a user may choose between speed and closeness to the sum as written. Every choice gives
// the same bits everywhere; they differ from one another.
#pragma once

#pragma GCC visibility push(default)
namespace fovea {

// kFast may use algorithms that round differently where they are faster: Winograd's for 3x3 convolutions, with errors of some
// 1e-6 to 5e-6 of a result's size in place of 1e-6.
enum class Numerics { kFast, kDirect };

// kBfloat16: convolutions round both factors of every product to 8 bits and sum in single precision, and maps between the steps are
// stored so; weights and all other arithmetic are as ever. Fast where the machine multiplies such numbers (AMX, AVX512_BF16), slow elsewhere;
// the same bits everywhere.
enum class Precision { kFloat32, kBfloat16 };

struct Arithmetic {
  Numerics numerics = Numerics::kFast;
  Precision precision = Precision::kFloat32;
};

}  // namespace fovea
#pragma GCC visibility pop
