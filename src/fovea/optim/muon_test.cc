#include "fovea/optim/muon.h"

#include <gtest/gtest.h>

#include <vector>

#include "fovea/base/eigen.h"
#include "fovea/base/random.h"
#include "fovea/optim/optimizer.h"
#include "fovea/optim/orthogonalise.h"
#include "fovea/optim/reference.h"

namespace fovea {
namespace {

using Floats = std::vector<float>;
using Doubles = std::vector<double>;

struct Size {
  int64_t rows, columns;
  std::size_t Count() const { return static_cast<std::size_t>(rows * columns); }
};
// Blocks of 16 filled and not, tall, one row.
const Size kSizes[] = {{16, 48}, {10, 27}, {33, 20}, {64, 216}, {1, 40}};

Floats Normal(const Size& size, uint64_t index) {
  Floats x(size.Count());
  RandomStream random({41}, index);
  for (float& v : x) v = static_cast<float>(random.Normal());
  return x;
}

// (rows, inner) times (inner, columns).
Doubles Product(const Doubles& a, const Doubles& b, std::size_t rows, std::size_t inner,
                std::size_t columns) {
  Doubles c(rows * columns);
  for (std::size_t i = 0; i < rows; i++)
    for (std::size_t k = 0; k < inner; k++)
      for (std::size_t j = 0; j < columns; j++) c[i * columns + j] += a[i * inner + k] * b[k * columns + j];
  return c;
}
Doubles Transpose(const Doubles& a, std::size_t rows, std::size_t columns) {
  Doubles t(a.size());
  for (std::size_t i = 0; i < rows; i++)
    for (std::size_t j = 0; j < columns; j++) t[j * rows + i] = a[i * columns + j];
  return t;
}

TEST(Orthogonalise, FollowsItsReference) {
  for (const Size& size : kSizes) {
    const Floats start = Normal(size, 1);
    Doubles want(start.begin(), start.end());
    ReferenceOrthogonalise(size.rows, size.columns, 3, want.data());
    Floats first;
    for (const int threads : {1, 2, 7}) {
      ThreadPool pool(threads);
      Floats x = start;
      Orthogonalise(pool, size.rows, size.columns, 3, x.data());
      // Sums of up to 216 products of size 0.1, three steps whose slope is at most 3.4: some 1e-6.
      for (std::size_t i = 0; i < x.size(); i++) ASSERT_NEAR(x[i], want[i], 1e-5) << size.rows << " " << i;
      if (first.empty()) first = x;
      EXPECT_EQ(x, first) << threads << " threads";
    }
  }
}

TEST(Orthogonalise, FiveStepsBringTheSingularValuesNearOne) {
  ThreadPool pool(2);
  const Size size{24, 100};
  Floats x = Normal(size, 2);
  Orthogonalise(pool, size.rows, size.columns, 5, x.data());
  const Doubles wide(x.begin(), x.end());
  for (const double square : EigenOf(Product(wide, Transpose(wide, 24, 100), 24, 100, 24), 24).values) {
    EXPECT_GT(square, 0.68 * 0.68);
    EXPECT_LT(square, 1.21 * 1.21);
  }
}

TEST(Orthogonalise, ZerosStayZero) {
  ThreadPool pool(1);
  Floats x(60);
  Orthogonalise(pool, 5, 12, 5, x.data());
  EXPECT_EQ(x, Floats(60));
}

TEST(Muon, FollowsItsReference) {
  ThreadPool pool(2);
  const Size size{10, 27};
  for (const bool nesterov : {false, true}) {
    for (const bool renormalise : {false, true}) {
      const OptimizerOptions options{.kind = "muon",
                                     .momentum = 0.6,
                                     .nesterov = nesterov,
                                     .weight_decay = 0.1,
                                     .renormalise = renormalise,
                                     .newton_schulz = 3};
      Floats p = Normal(size, 0), velocity(size.Count());
      Doubles want(p.begin(), p.end()), v(size.Count());
      for (int t = 1; t <= 4; t++) {
        const Floats g = Normal(size, static_cast<uint64_t>(t));
        Floats half = g;  // the rule scales it
        for (float& x : half) x *= 0.5f;
        const double rate = 0.2 / t;
        OptimizerStep(pool, options, {rate, t, 10, 270, half.data(), {velocity.data()}, p.data(), 2});
        Doubles whole(g.begin(), g.end());
        ReferenceStep(options, {rate, t, 10, 270, whole.data(), {v.data()}, want.data()});
      }
      for (std::size_t i = 0; i < v.size(); i++) ASSERT_NEAR(p[i], want[i], 1e-5) << i;  // as above
    }
  }
}

TEST(Muon, DoesNotFeelTheScaleOfTheGradient) {
  ThreadPool pool(1);
  const Size size{16, 48};
  std::vector<Floats> results;
  for (const float scale : {1.0f, 0x1p-20f}) {
    Floats p = Normal(size, 0), v(size.Count()), g = Normal(size, 1);
    for (float& x : g) x *= scale;
    MuonStep(pool, {}, 0.1, size.rows, size.columns, g.data(), v.data(), p.data());
    results.push_back(p);
  }
  for (std::size_t i = 0; i < results[0].size(); i++) EXPECT_NEAR(results[0][i], results[1][i], 1e-6);
}

TEST(Muon, AVectorLearnsByMomentum) {
  ThreadPool pool(1);
  const OptimizerOptions muon{.kind = "muon", .momentum = 0.5, .weight_decay = 0.25},
      sgd{.kind = "sgd", .momentum = 0.5, .weight_decay = 0.25};
  Floats p(6, 1.0f), q = p, v(6), w(6), g(6, 0.5f);
  OptimizerStep(pool, muon, {0.1, 1, 0, 6, g.data(), {v.data()}, p.data()});
  OptimizerStep(pool, sgd, {0.1, 1, 0, 6, g.data(), {w.data()}, q.data()});
  EXPECT_EQ(p, q);
}

}  // namespace
}  // namespace fovea
