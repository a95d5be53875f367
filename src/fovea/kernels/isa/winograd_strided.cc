// 3x3 convolutions with stride 2. Along an axis the source rows of one parity meet taps 0 and 2, those of the other tap 1:
// Toom-Cook's F(4, 2) at the points 0, 1, -1, 2 and infinity, and four plain products. These are put to the same points, so
// that they are added up before the output's transform, or share the input's: 9 products for four outputs.
// docs/derivations/winograd.md.
#include "fovea/kernels/isa/table.h"
#include "fovea/kernels/isa/winograd_tiles.h"

namespace fovea::FOVEA_ISA {
namespace {

// Bt of F(4, 2).
FOVEA_INLINE void TwoTapInput(Vec a, Vec b, Vec c, Vec e, Vec f, Vec* d, int s) {
  const Vec g = e - b, h = e - c;
  d[0] = Axpy(2, a - c, g);
  d[s] = Axpy(-2, b, h);
  d[2 * s] = Axpy(2, b - c, h);
  d[3 * s] = g;
  d[4 * s] = Axpy(-2, g, f - c);
}

// At of F(4, 2) without infinity: values at 0, 1, -1, 2 -> outputs `step` apart.
FOVEA_INLINE void ValuesToOutputs(Vec a, Vec b, Vec c, Vec e, Vec* d, int step) {
  const Vec p = b + c, m = b - c;
  d[0] = a + p + e;
  d[step] = Axpy(2, e, m);
  d[2 * step] = Axpy(4, e, p);
  d[3 * step] = Axpy(8, e, m);
}

// Weights 0..4 are G of taps 0 and 2, the last is tap 1.
struct Strided {
  static constexpr int kWeights = 6;

  FOVEA_INLINE void Weights(Vec* d, int s) {
    const Vec a = d[0], b = d[s], c = d[2 * s];
    d[0] = Times(0.5f, a);
    d[s] = Times(-0.5f, a + c);
    d[2 * s] = Times(1.0f / 6, c - a);
    d[3 * s] = Times(1.0f / 6, Axpy(2, c, a));
    d[4 * s] = c;
    d[5 * s] = b;
  }
};

// Nine values of x for four outputs. Inputs 0..4 are those of F(4, 2), 5..8 belong to tap 1 at 0, 1, -1 and infinity:
// there At, without its column of 2, has a simple inverse.
struct Forward : Strided {
  static constexpr int kStep = 8, kSource = 9, kTile = 4, kInputs = 9, kOutputs = 5;

  FOVEA_INLINE void Input(Vec* d, int s) {
    const Vec a = d[s], b = d[3 * s], c = d[5 * s], e = d[7 * s];
    TwoTapInput(d[0], d[2 * s], d[4 * s], d[6 * s], d[8 * s], d, s);
    d[5 * s] = a - c;
    d[6 * s] = Times(0.5f, b + c);
    d[7 * s] = Times(0.5f, c - b);
    d[8 * s] = e - b;
  }
  FOVEA_INLINE void Output(Vec* d, int s) {
    const Vec last = d[4 * s];
    ValuesToOutputs(d[0], d[s], d[2 * s], d[3 * s], d, s);
    d[3 * s] += last;
  }
};

// Five values of dy for eight of dx, which meet tap 1 and taps 0 and 2 in turns. Outputs 0..4 are those of F(4, 2), 5..8 are
// tap 1 times its inputs at 0, 1, -1 and 2: these depend on the first four values alone.
struct BackwardData : Strided {
  static constexpr int kStep = 4, kSource = 5, kTile = 8, kInputs = 5, kOutputs = 9;

  FOVEA_INLINE void Input(Vec* d, int s) { TwoTapInput(d[0], d[s], d[2 * s], d[3 * s], d[4 * s], d, s); }
  FOVEA_INLINE void Output(Vec* d, int s) {
    const Vec last = d[4 * s], a = Times(0.5f, d[5 * s]), b = Times(-0.5f, d[6 * s]),
              c = Times(-1.0f / 6, d[7 * s]), e = Times(1.0f / 6, d[8 * s]);
    ValuesToOutputs(d[0], d[s], d[2 * s], d[3 * s], d + s, 2 * s);
    d[7 * s] += last;
    ValuesToOutputs(a, b, c, e, d, 2 * s);
  }
};

}  // namespace

void FillStridedWinograd(WinogradTable& forward, WinogradTable& backward_data);
void FillStridedWinograd(WinogradTable& forward, WinogradTable& backward_data) {
  forward = TableFor<Forward>(), backward_data = TableFor<BackwardData>();
}

}  // namespace fovea::FOVEA_ISA
