// F(M x M, 3 x 3) with T = M + 2 points: 0, 1, -1, inf for M = 2, and 2, -2 besides for M = 4.
//   forward, backward-data: y = At ((G w Gt) . (Bt d B)) A      weight gradient: dw = Ct ((H dy Ht) . (Bt d B)) C
//
// Source: A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks, 2016; docs/derivations/winograd.md.
#include "fovea/kernels/isa/winograd.h"

#include "fovea/kernels/isa/table.h"
#include "fovea/kernels/isa/winograd_tiles.h"

namespace fovea::FOVEA_ISA {
namespace {

template <int M>
struct Sizes {
  static constexpr int kStep = M, kTile = M, kSource = M + 2, kInputs = M + 2, kOutputs = M + 2,
                       kWeights = M + 2;
};

template <int M>
struct Points;

template <>
struct Points<2> : Sizes<2> {
  FOVEA_INLINE void Input(Vec* d, int s) {
    const Vec a = d[0], b = d[s], c = d[2 * s], e = d[3 * s];
    d[0] = a - c;
    d[s] = b + c;
    d[2 * s] = c - b;
    d[3 * s] = b - e;
  }
  FOVEA_INLINE void Output(Vec* d, int s) {
    const Vec a = d[0], b = d[s], c = d[2 * s], e = d[3 * s];
    d[0] = a + b + c;
    d[s] = b - c - e;
  }
  FOVEA_INLINE void Weights(Vec* d, int s) {
    const Vec a = d[0], b = d[s], c = d[2 * s], p = Times(0.5f, a + c), q = Times(0.5f, b);
    d[s] = p + q;
    d[2 * s] = p - q;
    d[3 * s] = c;
  }
  FOVEA_INLINE void Gradient(Vec* d, int s) {
    const Vec a = d[0], b = d[s];
    d[s] = Times(0.5f, a + b);
    d[2 * s] = Times(0.5f, a - b);
    d[3 * s] = b;
  }
  FOVEA_INLINE void WeightGradient(Vec* d, int s) {
    const Vec a = d[0], b = d[s], c = d[2 * s], e = d[3 * s];
    d[0] = a + b + c;
    d[s] = b - c;
    d[2 * s] = b + c - e;
  }
};

template <>
struct Points<4> : Sizes<4> {
  FOVEA_INLINE void Input(Vec* d, int s) {
    const Vec a = d[0], b = d[s], c = d[2 * s], e = d[3 * s], f = d[4 * s], g = d[5 * s];
    const Vec even = Axpy(-4, c, f), odd = Axpy(-4, b, e), even2 = f - c, odd2 = e - b;
    d[0] = Axpy(4, a, Axpy(-5, c, f));
    d[s] = even + odd;
    d[2 * s] = even - odd;
    d[3 * s] = Axpy(2, odd2, even2);
    d[4 * s] = Axpy(-2, odd2, even2);
    d[5 * s] = Axpy(4, b, Axpy(-5, e, g));
  }
  FOVEA_INLINE void Output(Vec* d, int s) {
    const Vec a = d[0], g = d[5 * s], p = d[s] + d[2 * s], m = d[s] - d[2 * s], q = d[3 * s] + d[4 * s],
              n = d[3 * s] - d[4 * s];
    d[0] = a + p + q;
    d[s] = Axpy(2, n, m);
    d[2 * s] = Axpy(4, q, p);
    d[3 * s] = Axpy(8, n, m) + g;
  }
  FOVEA_INLINE void Weights(Vec* d, int s) {
    const Vec a = d[0], b = d[s], c = d[2 * s];
    const Vec p = Times(-1.0f / 6, a + c), q = Times(-1.0f / 6, b), r = Times(1.0f / 24, Axpy(4, c, a)),
              t = Times(1.0f / 12, b);
    d[0] = Times(0.25f, a);
    d[s] = p + q;
    d[2 * s] = p - q;
    d[3 * s] = r + t;
    d[4 * s] = r - t;
    d[5 * s] = c;
  }
  FOVEA_INLINE void Gradient(Vec* d, int s) {
    const Vec a = d[0], b = d[s], c = d[2 * s], e = d[3 * s];
    const Vec p = Times(-1.0f / 6, a + c), q = Times(-1.0f / 6, b + e), r = Times(1.0f / 24, Axpy(4, c, a)),
              t = Times(1.0f / 12, Axpy(4, e, b));
    d[0] = Times(0.25f, a);
    d[s] = p + q;
    d[2 * s] = p - q;
    d[3 * s] = r + t;
    d[4 * s] = r - t;
    d[5 * s] = e;
  }
  FOVEA_INLINE void WeightGradient(Vec* d, int s) {
    const Vec a = d[0], g = d[5 * s], p = d[s] + d[2 * s], m = d[s] - d[2 * s], q = d[3 * s] + d[4 * s],
              n = d[3 * s] - d[4 * s];
    d[0] = a + p + q;
    d[s] = Axpy(2, n, m);
    d[2 * s] = Axpy(4, q, p) + g;
  }
};

}  // namespace

void FillWinograd(WinogradTable& two, WinogradTable& four);
void FillWinograd(WinogradTable& two, WinogradTable& four) {
  two = TableWithGradients<Points<2>>(), four = TableWithGradients<Points<4>>();
}

}  // namespace fovea::FOVEA_ISA
