#include "fovea/kernels/isa/binary.h"

#include "fovea/kernels/isa/vec.h"

namespace fovea::FOVEA_ISA {
namespace {

template <BinaryKind kKind>
FOVEA_INLINE Vec ValueOf(Vec a, Vec b) {
  switch (kKind) {
    case BinaryKind::kAdd:
      return a + b;
    case BinaryKind::kSubtract:
      return a - b;
    case BinaryKind::kSubtractFrom:
      return b - a;
    case BinaryKind::kMultiply:
      return a * b;
    case BinaryKind::kDivide:
      return a / b;
    case BinaryKind::kDivideInto:
      return b / a;
    case BinaryKind::kMinimum: {
      const Vec least = a < b ? a : b;
      return a == a ? least : a;
    }
    case BinaryKind::kMaximum: {
      const Vec most = a > b ? a : b;
      return a == a ? most : a;
    }
    case BinaryKind::kPrelu:
      return a > Vec{} ? a : b * a;
  }
}

struct Pair {
  Vec a, b;
};

// All to the one that wins, half to each where neither does.
FOVEA_INLINE Pair Shared(IntVec a_wins, IntVec b_wins, Vec g) {
  const Vec half = g * SplatVec(0.5f);
  return {b_wins ? Vec{} : a_wins ? g : half, a_wins ? Vec{} : b_wins ? g : half};
}

// The gradient g of the value, taken to both sides.
template <BinaryKind kKind>
FOVEA_INLINE Pair GradientOf(Vec a, Vec b, Vec g) {
  switch (kKind) {
    case BinaryKind::kAdd:
      return {g, g};
    case BinaryKind::kSubtract:
      return {g, -g};
    case BinaryKind::kSubtractFrom:
      return {-g, g};
    case BinaryKind::kMultiply:
      return {g * b, g * a};
    case BinaryKind::kDivide:
      return {g / b, g * (-(a / b) / b)};
    case BinaryKind::kDivideInto:
      return {g * (-(b / a) / a), g / a};
    case BinaryKind::kMinimum:
      return Shared(a < b, b < a, g);
    case BinaryKind::kMaximum:
      return Shared(a > b, b > a, g);
    case BinaryKind::kPrelu:
      return {a > Vec{} ? g : b * g, a > Vec{} ? Vec{} : a * g};
  }
}

template <class T>
FOVEA_INLINE Block SecondSide(const BinarySides<T>& s, int64_t at) {
  return s.b ? Load(s.b + at) : Load(s.fixed);
}

template <class T>
FOVEA_INLINE void Put(T* to, const Block& value, bool accumulate) {
  Store(to, accumulate ? Load(to) + value : value);
}

template <BinaryKind kKind, class T>
void ForwardBy(const BinarySides<T>& sides, int64_t pixels, T* y) {
  const BinarySides<T> s = sides;
  for (int64_t at = 0; at < pixels * 16; at += 16) {
    const Block a = Load(s.a + at), b = SecondSide(s, at);
    Block value;
    FOVEA_EACH_VEC value.v[i] = ValueOf<kKind>(a.v[i], b.v[i]);
    Store(y + at, value);
  }
}

// Two interleaved sums, whose order is part of the bits.
template <BinaryKind kKind, class T>
void BackwardBy(const BinarySides<T>& sides, const T* dy, int64_t pixels, const BinaryGradients<T>& to) {
  const BinarySides<T> s = sides;
  const BinaryGradients<T> g = to;
  Block sum[2] = {};
  for (int64_t p = 0; p < pixels; p++) {
    const int64_t at = p * 16;
    const Block a = Load(s.a + at), b = SecondSide(s, at), d = Load(dy + at);
    Block da, db;
    FOVEA_EACH_VEC {
      const Pair pair = GradientOf<kKind>(a.v[i], b.v[i], d.v[i]);
      da.v[i] = pair.a, db.v[i] = pair.b;
    }
    if (g.da) Put(g.da + at, da, g.accumulate_a);
    if (g.db) Put(g.db + at, db, g.accumulate_b);
    sum[p % 2] = sum[p % 2] + db;
  }
  if (g.sum) Store(g.sum, sum[0] + sum[1]);
}

// Calls run<kind>() with the kind as a constant, so that a loop is compiled for each.
template <int kKind = 0, class Run>
void ByKind(BinaryKind kind, const Run& run) {
  if (static_cast<int>(kind) == kKind) return run.template operator()<static_cast<BinaryKind>(kKind)>();
  if constexpr (kKind < static_cast<int>(BinaryKind::kPrelu)) ByKind<kKind + 1>(kind, run);
}

template <class T>
void Forward(BinaryKind kind, const BinarySides<T>& sides, int64_t pixels, T* y) {
  ByKind(kind, [&]<BinaryKind kKind>() { ForwardBy<kKind, T>(sides, pixels, y); });
}

template <class T>
void Backward(BinaryKind kind, const BinarySides<T>& sides, const T* dy, int64_t pixels,
              const BinaryGradients<T>& gradients) {
  ByKind(kind, [&]<BinaryKind kKind>() { BackwardBy<kKind, T>(sides, dy, pixels, gradients); });
}

}  // namespace

void FillBinary(BinaryTable<float>& table);
void FillBinary(BinaryTable<Bfloat16>& table);
void FillBinary(BinaryTable<float>& table) { table = {Forward<float>, Backward<float>}; }
void FillBinary(BinaryTable<Bfloat16>& table) { table = {Forward<Bfloat16>, Backward<Bfloat16>}; }

}  // namespace fovea::FOVEA_ISA
