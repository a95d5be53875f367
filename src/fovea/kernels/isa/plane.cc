#include "fovea/kernels/isa/plane.h"

#include "fovea/kernels/isa/normalised.h"
#include "fovea/kernels/isa/vec.h"

namespace fovea::FOVEA_ISA {
namespace {

const Block kZero{};

FOVEA_INLINE Block Scale(const Block& x, float s) { return x * Splat(s); }

// Four interleaved sums: the order is part of the bits, and hides the latency of the additions.
template <class Value>
FOVEA_INLINE Block SumPixels(int64_t pixels, const Value& value) {
  Block sum[4] = {kZero, kZero, kZero, kZero};
  int64_t p = 0;
  for (; p + 4 <= pixels; p += 4) {
    for (int i = 0; i < 4; i++) sum[i] = sum[i] + value(p + i);
  }
  for (; p < pixels; p++) sum[p % 4] = sum[p % 4] + value(p);
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

template <class T>
void Sum(const T* x, int64_t pixels, float* sum) {
  Store(sum, Load(sum) + SumPixels(pixels, [&](int64_t p) { return Load(x + p * 16); }));
}

template <class T>
void Statistics(const T* x, int64_t pixels, float* mean, float* m2) {
  const Block average = Scale(SumPixels(pixels, [&](int64_t p) { return Load(x + p * 16); }),
                              1.0f / static_cast<float>(pixels));
  Store(mean, average);
  Store(m2, SumPixels(pixels, [&](int64_t p) {
          const Block d = Load(x + p * 16) - average;
          return d * d;
        }));
}

FOVEA_INLINE Block Rectified(const Block& v, const Rectifier& r) {
  Block y;
  FOVEA_EACH_VEC y.v[i] = RectifiedVec(v.v[i], r);
  return y;
}

// The gradient g of a rectifier's output y, taken to its input.
FOVEA_INLINE Block Gated(const Block& g, const Block& y, const Rectifier& r) {
  Block d = WherePositive(y, g, r.slope == 0 ? kZero : Scale(g, r.slope));
  const Vec cap = SplatVec(r.cap);
  FOVEA_EACH_VEC d.v[i] = y.v[i] >= cap ? Vec{} : d.v[i];
  return d;
}
template <class T>
FOVEA_INLINE Block Gradient(const T* dy, const T* y, int64_t p, const Rectifier* r) {
  const Block g = Load(dy + p);
  return r ? Gated(g, Load(y + p), *r) : g;
}

// A Normalisation in registers.
struct Norm {
  Block mean, scale, shift;
  const Rectifier* rectifier;

  explicit Norm(const Normalisation& n)
      : mean(Load(n.mean)), scale(Load(n.scale)), shift(Load(n.shift)), rectifier(n.rectifier) {}
};

// The gradient g of a normalisation's rectified output, taken to the value before the rectifier.
FOVEA_INLINE Block Gate(const Norm& n, const Block& g, const Block& centred) {
  return n.rectifier ? Gated(g, Fma(centred, n.scale, n.shift), *n.rectifier) : g;
}

template <class T>
void Normalise(const Normalisation& norm, const T* x, const T* other, int64_t pixels, bool stream, T* y) {
  const Norm n(norm);
  for (int64_t p = 0; p < pixels * 16; p += 16) {
    Block v = Fma(Load(x + p) - n.mean, n.scale, n.shift);
    if (other) v = v + Load(other + p);
    const Block value = n.rectifier ? Rectified(v, *n.rectifier) : v;
    stream ? Stream(y + p, value) : Store(y + p, value);
  }
  if (stream) FenceStores();
}

template <class T>
void NormaliseSums(const Normalisation& norm, const T* x, const T* dy, int64_t pixels, float* sum_dy,
                   float* sum_dyx) {
  const Norm n(norm);
  Block s[2] = {kZero, kZero}, t[2] = {kZero, kZero};
  for (int64_t p = 0; p < pixels; p++) {
    const Block centred = Load(x + p * 16) - n.mean, g = Gate(n, Load(dy + p * 16), centred);
    s[p % 2] = s[p % 2] + g;
    t[p % 2] = Fma(g, centred, t[p % 2]);
  }
  Store(sum_dy, s[0] + s[1]);
  Store(sum_dyx, t[0] + t[1]);
}

template <class T>
void NormaliseBackward(const Normalisation& norm, const T* x, const T* dy, int64_t pixels, const float* a,
                       const float* b, const float* c, bool accumulate, T* dx) {
  const Norm n(norm);
  const Block va = Load(a), vb = Load(b), vc = Load(c);
  for (int64_t p = 0; p < pixels * 16; p += 16) {
    const Block centred = Load(x + p) - n.mean, g = Gate(n, Load(dy + p), centred);
    const Block v = Fma(g, va, Fma(centred, vb, vc));
    Store(dx + p, accumulate ? Load(dx + p) + v : v);
  }
}

template <class T>
void Rectify(const T* x, int64_t pixels, const Rectifier* rectifier, T* y) {
  for (int64_t p = 0; p < pixels * 16; p += 16) Store(y + p, Rectified(Load(x + p), *rectifier));
}

template <class T>
void RectifyBackward(const T* y, const T* dy, int64_t pixels, const Rectifier* rectifier, bool accumulate,
                     T* dx) {
  for (int64_t p = 0; p < pixels * 16; p += 16) {
    const Block v = Gradient(dy, y, p, rectifier);
    Store(dx + p, accumulate ? Load(dx + p) + v : v);
  }
}

template <class T>
void Drop(const T* x, const uint8_t* keep, int64_t pixels, float scale, bool accumulate, T* y) {
  const Vec factor = SplatVec(scale);
  for (int64_t p = 0; p < pixels * 16; p += kLanes) {
    const Vec v = LoadPlaces(keep + p) != 0 ? LoadVec(x + p) * factor : Vec{};
    StoreVec(y + p, accumulate ? LoadVec(y + p) + v : v);
  }
}

template <class T>
void AddPlanes(const T* a, const T* b, int64_t pixels, const Rectifier* rectifier, T* sum) {
  for (int64_t p = 0; p < pixels * 16; p += 16) {
    const Block v = Load(a + p) + Load(b + p);
    Store(sum + p, rectifier ? Rectified(v, *rectifier) : v);
  }
}

struct Span {
  int64_t begin, end, padded;  // of the window inside the map; its extent inside map and padding
};

FOVEA_INLINE Span WindowSpan(int64_t p, int64_t extent, int64_t before, int64_t after, int64_t kernel,
                             int64_t stride) {
  const int64_t begin = p * stride - before, most = extent + after;
  const int64_t end = begin + kernel < most ? begin + kernel : most;
  return {begin > 0 ? begin : 0, end < extent ? end : extent, end - begin};
}

// Calls visit(output pixel, rows, columns) for every window of the plane.
template <class Visit>
FOVEA_INLINE void ForEachWindow(const PoolShape& s, const Visit& visit) {
  for (int64_t p = 0; p < s.out_h; p++) {
    const Span rows = WindowSpan(p, s.h, s.pt, s.pb, s.kh, s.sh);
    for (int64_t q = 0; q < s.out_w; q++)
      visit(p * s.out_w + q, rows, WindowSpan(q, s.w, s.pl, s.pr, s.kw, s.sw));
  }
}

template <class T>
void MaxPool(const PoolShape& s, const T* x, const Rectifier* rectifier, T* y, uint8_t* place) {
  ForEachWindow(s, [&](int64_t out, const Span& rows, const Span& columns) {
    FOVEA_EACH_VEC {
      const int lane = i * kLanes;
      Vec best = LoadVec(x + (rows.begin * s.w + columns.begin) * 16 + lane);
      IntVec at{}, k{};
      for (int64_t h = rows.begin; h < rows.end; h++) {
        for (int64_t w = columns.begin; w < columns.end; w++, k += 1) {
          const Vec v = LoadVec(x + (h * s.w + w) * 16 + lane);
          // Larger, or the first NaN: never true once the best is a NaN.
          const IntVec wins = ~(v <= best) & (best == best);
          at = wins ? k : at;
          best = wins ? v : best;
        }
      }
      if (rectifier) {
        best = RectifiedVec(best, *rectifier);
        const IntVec stops = (best <= Vec{}) | (best >= SplatVec(rectifier->cap));
        at = stops ? IntVec{} + kNoPlace : at;
      }
      StoreVec(y + out * 16 + lane, best);
      StorePlaces(place + out * 16 + lane, at);
    }
  });
}

template <class T>
void MaxPoolBackward(const PoolShape& s, const T* dy, const uint8_t* place, float* dx) {
  ForEachWindow(s, [&](int64_t out, const Span& rows, const Span& columns) {
    FOVEA_EACH_VEC {
      const int lane = i * kLanes;
      const Vec g = LoadVec(dy + out * 16 + lane);
      const IntVec at = LoadPlaces(place + out * 16 + lane);
      IntVec k{};
      for (int64_t h = rows.begin; h < rows.end; h++) {
        for (int64_t w = columns.begin; w < columns.end; w++, k += 1) {
          float* d = dx + (h * s.w + w) * 16 + lane;
          StoreVec(d, LoadVec(d) + (at == k ? g : Vec{}));
        }
      }
    }
  });
}

FOVEA_INLINE float Divisor(const PoolShape& s, const Span& rows, const Span& columns) {
  const int64_t inside = (rows.end - rows.begin) * (columns.end - columns.begin);
  return static_cast<float>(s.count_include_pad ? rows.padded * columns.padded : inside);
}

template <class T>
void AvgPool(const PoolShape& s, const T* x, T* y) {
  ForEachWindow(s, [&](int64_t out, const Span& rows, const Span& columns) {
    Block sum = kZero;
    for (int64_t h = rows.begin; h < rows.end; h++) {
      for (int64_t w = columns.begin; w < columns.end; w++) sum = sum + Load(x + (h * s.w + w) * 16);
    }
    Store(y + out * 16, Scale(sum, 1.0f / Divisor(s, rows, columns)));
  });
}

template <class T>
void AvgPoolBackward(const PoolShape& s, const T* dy, float* dx) {
  ForEachWindow(s, [&](int64_t out, const Span& rows, const Span& columns) {
    const Block share = Scale(Load(dy + out * 16), 1.0f / Divisor(s, rows, columns));
    for (int64_t h = rows.begin; h < rows.end; h++) {
      for (int64_t w = columns.begin; w < columns.end; w++) {
        float* d = dx + (h * s.w + w) * 16;
        Store(d, Load(d) + share);
      }
    }
  });
}

template <class From, class To>
void Convert(const From* x, int64_t pixels, To* y) {
  for (int64_t p = 0; p < pixels * 16; p += 16) Store(y + p, Load(x + p));
}

template <class T>
constexpr PlaneTable<T> kTable = {Sum<T>,
                                  Statistics<T>,
                                  Normalise<T>,
                                  NormaliseSums<T>,
                                  NormaliseBackward<T>,
                                  Rectify<T>,
                                  RectifyBackward<T>,
                                  Drop<T>,
                                  AddPlanes<T>,
                                  MaxPool<T>,
                                  MaxPoolBackward<T>,
                                  AvgPool<T>,
                                  AvgPoolBackward<T>,
                                  Convert<T, float>,
                                  Convert<float, T>};

}  // namespace

void FillPlanes(PlaneTable<float>& table);
void FillPlanes(PlaneTable<Bfloat16>& table);
void FillPlanes(PlaneTable<float>& table) { table = kTable<float>; }
void FillPlanes(PlaneTable<Bfloat16>& table) { table = kTable<Bfloat16>; }

}  // namespace fovea::FOVEA_ISA
