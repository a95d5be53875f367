// For tests of the convolution's methods: random problems, the plain double loops that the kernels are held to, and a
// run of all passes on plain data.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "fovea/base/random.h"
#include "fovea/kernels/bfloat16.h"
#include "fovea/kernels/conv.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {

using Floats = std::vector<float>;

inline std::size_t Size(int64_t n) { return static_cast<std::size_t>(n); }

// How far geometries are drawn: whether in two groups too, most channels and outputs, the longest side of a kernel.
struct GeometryLimits {
  bool groups;
  uint32_t channels, kernel;
};

inline ConvGeometry RandomGeometry(RandomStream& random, const GeometryLimits& most) {
  ConvGeometry g;
  const auto below = [&](uint32_t n) { return static_cast<int64_t>(random.Below(n)); };
  if (most.groups && below(5) == 0) g.groups = 2;
  g.image = g.groups == 1 && below(4) == 0;
  g.c = g.image ? 1 + below(4) : g.groups == 2 ? 32 : 1 + below(most.channels);
  g.k = g.groups == 2 ? 32 * (1 + below(2)) : 1 + below(most.channels);
  g.kh = 1 + below(most.kernel), g.kw = 1 + below(most.kernel), g.sh = 1 + below(3), g.sw = 1 + below(3);
  g.dh = 1 + below(2), g.dw = 1 + below(2);
  g.pt = below(3), g.pl = below(3), g.pb = below(3), g.pr = below(3);
  const int64_t need_h = g.dh * (g.kh - 1) + 1 - g.pt - g.pb, need_w = g.dw * (g.kw - 1) + 1 - g.pl - g.pr;
  g.h = std::max<int64_t>(1, need_h) + below(12), g.w = std::max<int64_t>(1, need_w) + below(20);
  return g;
}

// The plain double loops that the kernels are held to.
struct Truth {
  std::vector<double> y, dx, dw, db;
};

struct Problem {
  ConvGeometry g;
  int64_t n;
  Floats x, w, bias, dy;  // plain
};

inline Problem MakeProblem(const ConvGeometry& g, int64_t n, uint64_t seed, bool integers) {
  Problem p{g, n, {}, {}, {}, {}};
  RandomStream random({seed}, 0);
  const auto fill = [&](Floats& to, int64_t count) {
    to.resize(Size(count));
    for (float& v : to) {
      v = integers ? static_cast<float>(random.Below(7)) - 3 : static_cast<float>(random.Normal());
    }
  };
  fill(p.x, n * g.c * g.h * g.w);
  fill(p.w, g.k * (g.c / g.groups) * g.kh * g.kw);
  fill(p.bias, g.k);
  fill(p.dy, n * g.k * g.OutH() * g.OutW());
  return p;
}

inline Truth Solve(const Problem& p) {
  const ConvGeometry& g = p.g;
  const int64_t oh = g.OutH(), ow = g.OutW(), cg = g.c / g.groups, kg = g.k / g.groups;
  Truth t{std::vector<double>(p.dy.size()), std::vector<double>(p.x.size()), std::vector<double>(p.w.size()),
          std::vector<double>(p.bias.size())};
  for (int64_t n = 0; n < p.n; n++)
    for (int64_t k = 0; k < g.k; k++)
      for (int64_t i = 0; i < oh; i++)
        for (int64_t j = 0; j < ow; j++) {
          const auto at = Size(((n * g.k + k) * oh + i) * ow + j);
          const double dy = p.dy[at];
          t.y[at] = p.bias[Size(k)];
          t.db[Size(k)] += dy;
          for (int64_t c = 0; c < cg; c++)
            for (int64_t r = 0; r < g.kh; r++)
              for (int64_t s = 0; s < g.kw; s++) {
                const int64_t y = i * g.sh + r * g.dh - g.pt, x = j * g.sw + s * g.dw - g.pl;
                if (y < 0 || y >= g.h || x < 0 || x >= g.w) continue;
                const auto xi = Size(((n * g.c + k / kg * cg + c) * g.h + y) * g.w + x);
                const auto wi = Size(((k * cg + c) * g.kh + r) * g.kw + s);
                t.y[at] += static_cast<double>(p.w[wi]) * p.x[xi];
                t.dw[wi] += dy * p.x[xi];
                t.dx[xi] += dy * p.w[wi];
              }
        }
  return t;
}

inline Floats Block(const Floats& plain, int64_t n, int64_t c, int64_t plane) {
  Floats blocked(Size(n * ((c + 15) / 16) * plane * 16));
  for (int64_t i = 0; i < n * c * plane; i++) {
    const int64_t image = i / (c * plane), channel = i / plane % c;
    blocked[Size(((image * ((c + 15) / 16) + channel / 16) * plane + i % plane) * 16 + channel % 16)] =
        plain[Size(i)];
  }
  return blocked;
}

inline Floats Image(const Floats& plain, int64_t n, int64_t c, int64_t plane) {
  Floats image(plain.size());
  for (int64_t i = 0; i < n * c * plane; i++) {
    image[Size((i / (c * plane) * plane + i % plane) * c + i / plane % c)] = plain[Size(i)];
  }
  return image;
}

// Back to plain; adds the tail lanes, which must be zero, into `tails`.
inline Floats Unblock(const Floats& blocked, int64_t n, int64_t c, int64_t plane, double* tails) {
  Floats plain(Size(n * c * plane));
  const int64_t blocks = (c + 15) / 16;
  for (int64_t i = 0; i < n * blocks * plane * 16; i++) {
    const int64_t channel = i / (plane * 16) % blocks * 16 + i % 16, image = i / (blocks * plane * 16);
    if (channel < c) {
      plain[Size((image * c + channel) * plane + i / 16 % plane)] = blocked[Size(i)];
    } else {
      *tails += std::isnan(blocked[Size(i)]) ? 1 : std::abs(blocked[Size(i)]);
    }
  }
  return plain;
}

// A map as a method stores it: floats, or two of Bfloat16 in the place of one.
inline Floats Stored(const Floats& blocked, ConvMethod method) {
  if (method != ConvMethod::kBfloat16) return blocked;
  Floats stored(blocked.size() / 2);
  auto* halves = reinterpret_cast<Bfloat16*>(stored.data());
  std::transform(blocked.begin(), blocked.end(), halves, RoundToBfloat16);
  return stored;
}
inline Floats Loaded(const Floats& stored, ConvMethod method) {
  if (method != ConvMethod::kBfloat16) return stored;
  Floats blocked(stored.size() * 2);
  const auto* halves = reinterpret_cast<const Bfloat16*>(stored.data());
  std::transform(halves, halves + blocked.size(), blocked.begin(), WidenBfloat16);
  return blocked;
}

struct Outcome {
  Floats y, dx, twice_dx, dw, db;  // twice_dx: accumulated onto dx
  double tails = 0;
};

// All passes, scratch and outputs filled with NaN before.
inline Outcome RunAll(const Problem& p, ConvMethod method, const KernelTable& table, ThreadPool& pool) {
  const ConvGeometry& g = p.g;
  const ConvPlan plan(g, method);
  const int64_t in_plane = g.h * g.w, out_plane = g.OutH() * g.OutW();
  const Floats x = g.image ? Image(p.x, p.n, g.c, in_plane) : Stored(Block(p.x, p.n, g.c, in_plane), method);
  const Floats dy = Stored(Block(p.dy, p.n, g.k, out_plane), method);
  Floats packed(Size(plan.PackedFloats())), turned(Size(plan.TurnedFloats()));
  plan.PackWeights(pool, table, p.w.data(), packed.data(), g.image ? nullptr : turned.data());
  Floats bias(Size(plan.OutBlocks() * 16));
  std::copy(p.bias.begin(), p.bias.end(), bias.begin());
  const int64_t scratch_floats = std::max({ConvForwardScratch(plan, p.n, pool.threads()),
                                           ConvBackwardDataScratch(plan, p.n, pool.threads()),
                                           ConvWeightGradientScratch(plan, p.n, pool.threads())});
  Floats scratch(Size(scratch_floats), kPoison), y(dy.size(), kPoison), dx(x.size(), kPoison);
  Outcome out;
  ConvForward(pool, table, plan, p.n, x.data(), packed.data(), {.bias = bias.data()}, y.data(),
              scratch.data());
  out.y = Unblock(Loaded(y, method), p.n, g.k, out_plane, &out.tails);
  if (!g.image) {
    ConvBackwardData(pool, table, plan, p.n, dy.data(), turned.data(), false, dx.data(), scratch.data());
    out.dx = Unblock(Loaded(dx, method), p.n, g.c, in_plane, &out.tails);
    ConvBackwardData(pool, table, plan, p.n, dy.data(), turned.data(), true, dx.data(), scratch.data());
    out.twice_dx = Unblock(Loaded(dx, method), p.n, g.c, in_plane, &out.tails);
  }
  std::fill(scratch.begin(), scratch.end(), kPoison);
  out.dw.assign(p.w.size(), 1), out.db.assign(p.bias.size(), 1);  // gradients of parameters accumulate
  ConvWeightGradient(pool, table, plan, p.n, x.data(), dy.data(), out.dw.data(), out.db.data(),
                     scratch.data());
  for (auto* gradient : {&out.dw, &out.db}) {
    for (float& v : *gradient) v -= 1;
  }
  return out;
}

inline std::string Describe(const Problem& p) {
  const ConvGeometry& g = p.g;
  std::string text = "n,c,h,w,k,kh,kw,sh,sw,dh,dw,pt,pl,pb,pr,groups,image:";
  for (int64_t v : {p.n, g.c, g.h, g.w, g.k, g.kh, g.kw, g.sh, g.sw, g.dh, g.dw, g.pt, g.pl, g.pb, g.pr,
                    g.groups, static_cast<int64_t>(g.image)}) {
    text += " " + std::to_string(v);
  }
  return text;
}

// Errors as shares of the wanted values' root mean square; NaN where a value is.
struct RelativeError {
  double rms, worst;
};

inline RelativeError ErrorOf(const Floats& got, const std::vector<double>& want) {
  double error = 0, size = 0, worst = 0;
  for (std::size_t i = 0; i < got.size(); i++) {
    const double e = std::abs(static_cast<double>(got[i]) - want[i]);
    error += e * e, size += want[i] * want[i], worst = std::max(worst, e);
  }
  const auto count = static_cast<double>(got.size());
  const double rms = std::sqrt(size / count) + 1e-30;
  return {std::sqrt(error / count) / rms, worst / rms};
}

inline void ExpectNear(const Floats& got, const std::vector<double>& want, double tolerance,
                       const char* what) {
  const RelativeError error = ErrorOf(got, want);
  EXPECT_LE(error.rms, tolerance) << what;
  EXPECT_LE(error.worst, 10 * tolerance) << what;
}

inline std::vector<double> Twice(std::vector<double> values) {
  for (double& v : values) v *= 2;
  return values;
}

inline bool SameBits(const Floats& a, const Floats& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

// An image, tails of channels, strides, maps of one tap.
inline std::vector<ConvGeometry> ShapesOfEveryKind() {
  return {
      {.c = 3,
       .h = 12,
       .w = 11,
       .k = 20,
       .kh = 3,
       .kw = 3,
       .pt = 1,
       .pl = 1,
       .pb = 1,
       .pr = 1,
       .image = true},
      {.c = 40, .h = 8, .w = 8, .k = 24, .kh = 3, .kw = 3, .pt = 1, .pl = 1, .pb = 1, .pr = 1},
      {.c = 16,
       .h = 9,
       .w = 33,
       .k = 32,
       .kh = 3,
       .kw = 3,
       .sh = 2,
       .sw = 2,
       .pt = 1,
       .pl = 1,
       .pb = 1,
       .pr = 1},
      {.c = 64, .h = 4, .w = 4, .k = 48, .kh = 1, .kw = 1},
      {.c = 32, .h = 5, .w = 6, .k = 48, .kh = 1, .kw = 1, .sh = 2, .sw = 2},
  };
}

// All passes on every instruction set of this machine, with several counts of threads, tasks shuffled.
inline void ExpectSameBitsEverywhere(const Problem& p, ConvMethod method) {
  ThreadPool one(1);
  const Outcome want = RunAll(p, method, KernelsFor(AvailableIsas().front()), one);
  for (const std::string& isa : AvailableIsas()) {
    for (const int threads : {1, 2, 3, 7}) {
      if (isa == "baseline" && threads != 2) continue;
      SCOPED_TRACE(isa + ", threads: " + std::to_string(threads));
      ThreadPool pool(threads);
      pool.ShuffleTasks(static_cast<uint64_t>(threads));
      const Outcome got = RunAll(p, method, KernelsFor(isa), pool);
      EXPECT_TRUE(SameBits(got.y, want.y));
      EXPECT_TRUE(SameBits(got.dx, want.dx));
      EXPECT_TRUE(SameBits(got.dw, want.dw));
      EXPECT_TRUE(SameBits(got.db, want.db));
    }
  }
}

}  // namespace fovea
