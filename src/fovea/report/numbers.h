// Numbers as people read them, and the interval that goes with a proportion.
#pragma once

#include <cstdint>
#include <string>

namespace fovea {

struct Interval {
  double low = 0, high = 1;
};

// The 95 % interval of a proportion after `correct` of `total` trials; (0, 1) for no trial. It stays inside
// (0, 1) and is right for proportions near 1, where the normal approximation is not.
// Source: Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference".
Interval Wilson(int64_t correct, int64_t total);

std::string Grouped(int64_t value);                      // 1,234,567
std::string Percent(double fraction, int decimals = 1);  // 98.8 %; "not a number" for NaN
std::string Duration(double seconds);                    // 4.2 s, 1 min 23 s, 2 h 05 min
std::string Short(double value);    // four significant digits or more: 0.01234, 12,346, 1.5e-07
std::string Scaled(int64_t value);  // 41.2 million, 268 thousand, 950
// "1 epoch", "2 epochs".
std::string Plural(int64_t count, const std::string& noun);

}  // namespace fovea
