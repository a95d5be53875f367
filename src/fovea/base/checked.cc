#include "fovea/base/checked.h"

#include <fmt/format.h>

#include "fovea/base/error.h"

namespace fovea {

int64_t CheckedAdd(int64_t a, int64_t b) {
  int64_t sum;
  if (__builtin_add_overflow(a, b, &sum)) throw ArgumentError(fmt::format("size {} + {} is too large", a, b));
  return sum;
}

int64_t CheckedMultiply(int64_t a, int64_t b) {
  int64_t product;
  if (__builtin_mul_overflow(a, b, &product)) {
    throw ArgumentError(fmt::format("size {} x {} is too large", a, b));
  }
  return product;
}

int64_t CheckedProduct(std::initializer_list<int64_t> factors) {
  int64_t product = 1;
  for (int64_t factor : factors) product = CheckedMultiply(product, factor);
  return product;
}

}  // namespace fovea
