// A dual number value + derivative*e with e*e = 0: running a function on x + v*e gives f(x) and the exact
// directional derivative J(x) v, without step size and without cancellation. Comparisons look at the value
// alone, so a branch (the maximum of a window, the sign of an activation) is taken as it is for the value.
// Source: Griewank & Walther 2008, "Evaluating Derivatives", chapter 3.
#pragma once

#include <cmath>
#include <compare>

#include "fovea/base/math.h"

#pragma GCC visibility push(default)
namespace fovea {

struct Dual {
  double value = 0;
  double derivative = 0;

  constexpr Dual() = default;
  constexpr Dual(double v, double d = 0) : value(v), derivative(d) {}  // NOLINT: a constant is a dual number
  explicit constexpr operator double() const { return value; }
  explicit constexpr operator float() const { return static_cast<float>(value); }

  constexpr Dual operator-() const { return {-value, -derivative}; }
  constexpr Dual& operator+=(Dual b) { return *this = {value + b.value, derivative + b.derivative}; }
  constexpr Dual& operator-=(Dual b) { return *this = {value - b.value, derivative - b.derivative}; }
  constexpr Dual& operator*=(Dual b) {
    return *this = {value * b.value, derivative * b.value + value * b.derivative};
  }
  constexpr Dual& operator/=(Dual b) {
    const double q = value / b.value;
    return *this = {q, (derivative - q * b.derivative) / b.value};
  }

  friend constexpr Dual operator+(Dual a, Dual b) { return a += b; }
  friend constexpr Dual operator-(Dual a, Dual b) { return a -= b; }
  friend constexpr Dual operator*(Dual a, Dual b) { return a *= b; }
  friend constexpr Dual operator/(Dual a, Dual b) { return a /= b; }
  friend constexpr bool operator==(Dual a, Dual b) { return a.value == b.value; }
  friend constexpr std::partial_ordering operator<=>(Dual a, Dual b) { return a.value <=> b.value; }
};

inline Dual Exp(Dual x) {
  const double e = Exp(x.value);
  return {e, e * x.derivative};
}
inline Dual Log(Dual x) { return {Log(x.value), x.derivative / x.value}; }
inline Dual Expm1(Dual x) { return {Expm1(x.value), Exp(x.value) * x.derivative}; }
inline Dual Log1p(Dual x) { return {Log1p(x.value), x.derivative / (1 + x.value)}; }
inline Dual Sqrt(Dual x) {
  const double root = std::sqrt(x.value);
  return {root, x.derivative / (2 * root)};
}
inline Dual Tanh(Dual x) {
  const double t = Tanh(x.value);
  return {t, (1 - t * t) * x.derivative};
}
inline Dual Erf(Dual x) {
  constexpr double kTwoOverRootPi = 1.12837916709551257390;
  return {Erf(x.value), kTwoOverRootPi * Exp(-x.value * x.value) * x.derivative};
}
inline Dual Pow(Dual x, double exponent) {
  return {Pow(x.value, exponent), exponent * Pow(x.value, exponent - 1) * x.derivative};
}
inline Dual Pow(Dual x, Dual y) {
  const double value = Pow(x.value, y.value);
  return {value, (y.derivative == 0 ? 0 : value * Log(x.value) * y.derivative) + Pow(x, y.value).derivative};
}
inline double Pow(float x, double y) { return Pow(static_cast<double>(x), y); }
inline float Pow(float x, float y) {
  return static_cast<float>(Pow(static_cast<double>(x), static_cast<double>(y)));
}
inline double Sqrt(double x) { return std::sqrt(x); }
inline float Sqrt(float x) { return std::sqrt(x); }
inline bool IsNan(Dual x) { return std::isnan(x.value); }
inline bool IsNan(double x) { return std::isnan(x); }
inline bool IsNan(float x) { return std::isnan(x); }

}  // namespace fovea
#pragma GCC visibility pop
