// Arithmetic on sizes that come from outside: throws ArgumentError where it would overflow.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace fovea {

int64_t CheckedAdd(int64_t a, int64_t b);
int64_t CheckedMultiply(int64_t a, int64_t b);
int64_t CheckedProduct(std::initializer_list<int64_t> factors);

// ceil(a / b) for a >= 0, b > 0.
constexpr int64_t CeilDivide(int64_t a, int64_t b) { return (a + b - 1) / b; }
constexpr int64_t RoundUp(int64_t a, int64_t b) { return CeilDivide(a, b) * b; }
// Size of the pieces that cut `extent` into the fewest equal parts of at most `most`.
constexpr int64_t EvenPiece(int64_t extent, int64_t most) {
  return CeilDivide(extent, CeilDivide(extent, most));
}

}  // namespace fovea
