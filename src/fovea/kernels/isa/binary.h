// Functions of two elements on planes: `pixels` blocks of 16 channels of T. The second side is a map like the first, or one block of
// floats that stands for every pixel. Members of the table of an instruction set.
#pragma once

#include <stdint.h>

#include "fovea/kernels/isa/bfloat16.h"

namespace fovea {

// Each f(a, b); layers/arithmetic.h and prelu.h have the equations.
enum class BinaryKind : uint8_t {
  kAdd,
  kSubtract,
  kSubtractFrom,  // b - a
  kMultiply,
  kDivide,
  kDivideInto,  // b / a
  kMinimum,
  kMaximum,
  kPrelu,  // a where a > 0, else b*a
};

template <class T>
struct BinarySides {
  const T* a;
  const T* b;          // a map, or null:
  const float* fixed;  // a block
};

template <class T>
struct BinaryGradients {
  T* da;  // (+)=; null where not wanted; may be dy
  bool accumulate_a;
  T* db;  // of a map b, likewise
  bool accumulate_b;
  float* sum;  // of a block: assigned, summed over the pixels; null where not wanted
};

template <class T>
struct BinaryTable {
  void (*forward)(BinaryKind kind, const BinarySides<T>& sides, int64_t pixels, T* y);
  void (*backward)(BinaryKind kind, const BinarySides<T>& sides, const T* dy, int64_t pixels,
                   const BinaryGradients<T>& gradients);
};

}  // namespace fovea
