// Elementary functions with the same bits on every machine: only IEEE additions, multiplications, divisions and
// exact scalings by powers of two, in a fixed order.
// Errors stay below 3 units in the last place for Exp, Log, Sin and Cos, 4 for Expm1 and Log1p, 8 for Tanh, 2e-14 relative for Pow with
// |y log x| < 30, and 4e-15 absolute for Erf. The float versions compute in double and round once.
// Source: reductions as in Cody & Waite 1980, "Software Manual for the Elementary Functions".
#pragma once

#pragma GCC visibility push(default)
namespace fovea {

double Exp(double x);
double Log(double x);    // -infinity at 0, NaN below
double Expm1(double x);  // exp(x) - 1 without cancellation near 0
double Log1p(double x);  // log(1 + x) likewise
double Tanh(double x);
double Erf(double x);
double Sin(double x);  // |x| <= 1e6
double Cos(double x);  // |x| <= 1e6
// x > 0, or x = 0 with y > 0, or any x with an integer y.
double Pow(double x, double y);

inline float Exp(float x) { return static_cast<float>(Exp(static_cast<double>(x))); }
inline float Log(float x) { return static_cast<float>(Log(static_cast<double>(x))); }
inline float Expm1(float x) { return static_cast<float>(Expm1(static_cast<double>(x))); }
inline float Log1p(float x) { return static_cast<float>(Log1p(static_cast<double>(x))); }
inline float Erf(float x) { return static_cast<float>(Erf(static_cast<double>(x))); }
inline float Tanh(float x) { return static_cast<float>(Tanh(static_cast<double>(x))); }

}  // namespace fovea
#pragma GCC visibility pop
