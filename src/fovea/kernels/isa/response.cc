#include "fovea/kernels/isa/response.h"

#include "fovea/kernels/isa/log.h"

namespace fovea::FOVEA_ISA {
namespace {

// A column with room for the channels that do not exist, which count as 0.
struct Column {
  float* values;
  int64_t ahead, behind;  // numbers of the window before and after its channel

  FOVEA_INLINE void Clear(const Column& c, int64_t channels) {
    for (int64_t i = 0; i < c.ahead; i++) c.values[i] = 0;
    for (int64_t i = 0; i < c.behind; i++) c.values[c.ahead + channels + i] = 0;
  }
  FOVEA_INLINE void Put(const Column& c, int64_t b, const Block& v) { Store(c.values + c.ahead + b * 16, v); }
  FOVEA_INLINE Block WindowSum(const Column& c, int64_t b) {
    Block sum = {};
    for (int64_t j = 0; j <= c.ahead + c.behind; j++) sum = sum + Load(c.values + b * 16 + j);
    return sum;
  }
};

FOVEA_INLINE void PutSquares(const ResponseShape& s, const Column& squares, const float* x) {
  for (int64_t b = 0; b < s.blocks; b++) {
    const Block v = Load(x + b * s.pixels * 16);
    Column::Put(squares, b, v * v);
  }
}

FOVEA_INLINE Block Scale(const ResponseShape& s, const Column& squares, int64_t b) {
  return Fma(Splat(s.share), Column::WindowSum(squares, b), Splat(s.bias));
}

// scale^-beta; scale is positive.
FOVEA_INLINE Block Shrink(const ResponseShape& s, const Block& scale) {
  Block r;
  FOVEA_EACH_VEC r.v[i] = ExpVec(SplatVec(-s.beta) * LogVec(scale.v[i]));
  return r;
}

void Forward(const ResponseShape& shape, const float* x, int64_t count, float* scratch, float* y) {
  const ResponseShape s = shape;
  const Column squares{scratch, s.before, s.after};
  Column::Clear(squares, s.blocks * 16);
  for (int64_t p = 0; p < count; p++) {
    PutSquares(s, squares, x + p * 16);
    for (int64_t b = 0; b < s.blocks; b++) {
      const int64_t at = (b * s.pixels + p) * 16;
      Store(y + at, Load(x + at) * Shrink(s, Scale(s, squares, b)));
    }
  }
}

void Backward(const ResponseShape& shape, const float* x, const float* dy, int64_t count, bool accumulate,
              float* scratch, float* dx) {
  const ResponseShape s = shape;
  const Column squares{scratch, s.before, s.after}, terms{scratch + s.Column(), s.after, s.before};
  float* own = scratch + 2 * s.Column();
  Column::Clear(squares, s.blocks * 16);
  Column::Clear(terms, s.blocks * 16);
  const Block factor = Splat(2 * s.beta * s.share);
  for (int64_t p = 0; p < count; p++) {
    PutSquares(s, squares, x + p * 16);
    for (int64_t b = 0; b < s.blocks; b++) {
      const int64_t at = (b * s.pixels + p) * 16;
      const Block scale = Scale(s, squares, b), g = Load(dy + at) * Shrink(s, scale);
      Store(own + b * 16, g);
      Block term = g * Load(x + at);
      FOVEA_EACH_VEC term.v[i] = term.v[i] / scale.v[i];
      Column::Put(terms, b, term);
    }
    for (int64_t b = 0; b < s.blocks; b++) {
      const int64_t at = (b * s.pixels + p) * 16;
      const Block g = Load(own + b * 16) - factor * Load(x + at) * Column::WindowSum(terms, b);
      Store(dx + at, accumulate ? Load(dx + at) + g : g);
    }
  }
}

}  // namespace

void FillResponse(ResponseTable& table);
void FillResponse(ResponseTable& table) { table = {Forward, Backward}; }

}  // namespace fovea::FOVEA_ISA
