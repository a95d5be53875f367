#include "fovea/base/math.h"

#include <array>
#include <cmath>
#include <limits>

namespace fovea {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// ln 2 and pi/2 as a head with trailing zero bits and a tail, so that k*head is exact for the k that occur.
constexpr double kLn2Head = 0x1.62e42feep-1, kLn2Tail = 0x1.a39ef35793c76p-33;
constexpr double kHalfPiHead = 0x1.921fb544p0, kHalfPiMiddle = 0x1.0b4611a6p-34,
                 kHalfPiTail = 0x1.3198a2e037073p-69;
constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1, kInverseLn2 = 0x1.71547652b82fep0;

// Taylor coefficients 1/k!, 1/(2k+1)! ... evaluated by Horner from the highest power down.
template <std::size_t N>
double Horner(double x, const std::array<double, N>& coefficients) {
  double sum = coefficients[N - 1];
  for (std::size_t i = N - 1; i-- > 0;) sum = sum * x + coefficients[i];
  return sum;
}

template <std::size_t N>
constexpr std::array<double, N> InverseFactorials(int first, int step, double sign) {
  std::array<double, N> c{};
  double factorial = 1;
  int reached = 1;
  double s = 1;
  for (std::size_t i = 0; i < N; i++) {
    for (; reached <= first + static_cast<int>(i) * step; reached++) factorial *= reached;
    c[i] = s / factorial;
    s *= sign;
  }
  return c;
}

// sin and cos on |x| <= pi/4: the first term left out is below 2^-56 of the sum.
double SinKernel(double x) {
  static constexpr auto kTerms = InverseFactorials<8>(3, 2, -1);
  const double square = x * x;
  return x - x * square * Horner(square, kTerms);
}
double CosKernel(double x) {
  static constexpr auto kTerms = InverseFactorials<8>(4, 2, -1);
  const double square = x * x;
  return 1 - (0.5 * square - square * square * Horner(square, kTerms));
}

double SinQuarter(double x, int shift) {
  if (!(std::abs(x) <= 1e6)) return std::numeric_limits<double>::quiet_NaN();
  const double k = std::floor(x * kTwoOverPi + 0.5);
  const double reduced = ((x - k * kHalfPiHead) - k * kHalfPiMiddle) - k * kHalfPiTail;
  switch ((static_cast<long>(k) + shift) & 3) {
    case 0:
      return SinKernel(reduced);
    case 1:
      return CosKernel(reduced);
    case 2:
      return -SinKernel(reduced);
    default:
      return -CosKernel(reduced);
  }
}

// exp(x) = 2^power * (1 + above_one).
struct Reduced {
  int power;
  double above_one;
};

Reduced Reduce(double x) {
  const double k = std::floor(x * kInverseLn2 + 0.5);
  const double r = (x - k * kLn2Head) - k * kLn2Tail;
  static constexpr auto kTerms = InverseFactorials<12>(2, 1, 1);
  return {static_cast<int>(k), r + r * r * Horner(r, kTerms)};
}

double IntegerPow(double x, long n) {
  double result = 1;
  for (unsigned long left = static_cast<unsigned long>(n < 0 ? -n : n); left != 0; left >>= 1) {
    if (left & 1) result *= x;
    x *= x;
  }
  return n < 0 ? 1 / result : result;
}

}  // namespace

double Exp(double x) {
  if (std::isnan(x)) return x;
  if (x > 710) return kInfinity;
  if (x < -746) return 0;
  const Reduced p = Reduce(x);
  const double fraction = 1 + p.above_one;
  // In two halves: 2^k alone may overflow or be subnormal where the product is not.
  const int half = p.power / 2;
  return std::ldexp(std::ldexp(fraction, half), p.power - half);
}

double Expm1(double x) {
  if (!(std::abs(x) < 40)) return x < 0 ? -1 : Exp(x);
  const Reduced p = Reduce(x);
  return std::ldexp(p.above_one, p.power) + (std::ldexp(1.0, p.power) - 1);
}

double Log(double x) {
  if (std::isnan(x) || x < 0) return std::numeric_limits<double>::quiet_NaN();
  if (x == 0) return -kInfinity;
  if (std::isinf(x)) return x;
  int exponent = 0;
  double m = std::frexp(x, &exponent);  // in [1/2, 1)
  if (m < 0x1.6a09e667f3bcdp-1) m *= 2, exponent--;
  // log m = 2 atanh(s), s = (m-1)/(m+1), |s| < 0.172
  const double f = m - 1, s = f / (m + 1), square = s * s;
  static constexpr std::array<double, 10> kTerms = {2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11,
                                                    2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21};
  const double tail = square * Horner(square, kTerms);
  const double k = exponent, half = 0.5 * f * f;
  // f - (f^2/2 - s (f^2/2 + tail)) loses nothing when x is near 1.
  return k * kLn2Head - ((half - (s * (half + tail) + k * kLn2Tail)) - f);
}

// The error of 1 + x is that of (1 + x) - 1, by which the result is corrected (Kahan).
double Log1p(double x) {
  const double sum = 1 + x;
  if (sum == 1 || std::isinf(sum)) return x;
  return Log(sum) * (x / (sum - 1));
}

double Tanh(double x) {
  if (std::isnan(x)) return x;
  const double size = std::abs(x);
  if (size > 20) return x < 0 ? -1 : 1;
  if (size < 0.25) {
    // sinh / cosh by their series: no cancellation near 0.
    static constexpr auto kSinh = InverseFactorials<7>(1, 2, 1);
    static constexpr auto kCosh = InverseFactorials<7>(0, 2, 1);
    const double square = x * x;
    return x * Horner(square, kSinh) / Horner(square, kCosh);
  }
  const double e = Exp(2 * size), t = 1 - 2 / (e + 1);
  return x < 0 ? -t : t;
}

double Erf(double x) {
  if (std::isnan(x)) return x;
  const double size = std::abs(x);
  if (size > 6) return x < 0 ? -1 : 1;
  constexpr double kTwoOverRootPi = 1.12837916709551257390;
  // erf x = 2/sqrt(pi) exp(-x^2) sum of (2 x^2)^k x / (1*3*...*(2k+1)): all terms positive.
  double term = size, sum = size;
  for (int k = 1; k < 200 && term > sum * 0x1p-55; k++) {
    term *= 2 * size * size / (2 * k + 1);
    sum += term;
  }
  const double result = std::fmin(1.0, kTwoOverRootPi * Exp(-size * size) * sum);
  return x < 0 ? -result : result;
}

double Sin(double x) { return SinQuarter(x, 0); }
double Cos(double x) { return SinQuarter(x, 1); }

double Pow(double x, double y) {
  if (y == std::floor(y) && std::abs(y) <= 1024) return IntegerPow(x, static_cast<long>(y));
  if (x == 0) return y > 0 ? 0 : kInfinity;
  return Exp(y * Log(x));
}

}  // namespace fovea
