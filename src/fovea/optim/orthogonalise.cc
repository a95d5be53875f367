#include "fovea/optim/orthogonalise.h"

#include <algorithm>
#include <cmath>

#include "fovea/base/aligned.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/kernels/linear.h"
#include "fovea/optim/vectors.h"

namespace fovea {
namespace {

int64_t Padded(int64_t n) { return (n + 15) / 16 * 16; }

AlignedArray<float> Floats(int64_t count) { return MakeAligned<float>(static_cast<std::size_t>(count)); }

// A wide matrix, padded with zeros to whole blocks: so the blocked layout of the kernels is its row-major one.
class NewtonSchulz {
 public:
  NewtonSchulz(ThreadPool& pool, int64_t rows, int64_t columns)
      : pool_(pool),
        rows_(Padded(rows)),
        columns_(Padded(columns)),
        wide_{.c = columns_, .k = rows_},
        square_{.c = rows_, .k = rows_},
        x_(Floats(rows_ * columns_)),
        bx_(Floats(rows_ * columns_)),
        a_(Floats(rows_ * rows_)),
        aa_(Floats(rows_ * rows_)),
        packed_(Floats(wide_.PackedFloats())),
        scratch_(Floats(LinearScratch(wide_, rows_, pool.threads()))) {}

  // Calls visit(row of x, column of x, value of x) for every value that is not padding.
  template <class Visit>
  void ForEach(int64_t rows, int64_t columns, const Visit& visit) {
    pool_.For(rows, [&](int64_t r, int) {
      for (int64_t c = 0; c < columns; c++) visit(r, c, x_[static_cast<std::size_t>(r * columns_ + c)]);
    });
  }

  void Clear() { std::fill_n(x_.get(), rows_ * columns_, 0.0f); }

  bool Normalise() {
    const double norm = std::sqrt(SumOfSquares(pool_, rows_ * columns_, x_.get()));
    if (norm > 0) ScaleBy(pool_, static_cast<float>(1 / norm), rows_ * columns_, x_.get());
    return norm > 0;
  }

  void Step() {
    const KernelTable& table = Kernels();
    LinearPackWeights(pool_, wide_, x_.get(), packed_.get());
    LinearForward(pool_, table, wide_, rows_, x_.get(), packed_.get(), nullptr, a_.get(), scratch_.get());
    LinearPackWeights(pool_, square_, a_.get(), packed_.get());
    LinearForward(pool_, table, square_, rows_, a_.get(), packed_.get(), nullptr, aa_.get(), scratch_.get());
    Blend(pool_, -4.7750, rows_ * rows_, a_.get(), 2.0315, aa_.get());
    LinearTurnWeights(pool_, wide_, x_.get(), packed_.get());
    LinearBackwardData(pool_, table, wide_, rows_, aa_.get(), packed_.get(), bx_.get(), scratch_.get());
    Blend(pool_, 1, rows_ * columns_, bx_.get(), 3.4445, x_.get());
  }

 private:
  ThreadPool& pool_;
  const int64_t rows_, columns_;
  const LinearGeometry wide_, square_;
  const AlignedArray<float> x_, bx_, a_, aa_, packed_, scratch_;
};

}  // namespace

void Orthogonalise(ThreadPool& pool, int64_t rows, int64_t columns, int64_t steps, float* x) {
  const bool tall = rows > columns;
  const int64_t short_side = std::min(rows, columns), long_side = std::max(rows, columns);
  const auto place = [&](int64_t r, int64_t c) { return tall ? c * columns + r : r * columns + c; };
  NewtonSchulz schulz(pool, short_side, long_side);
  schulz.Clear();
  schulz.ForEach(short_side, long_side, [&](int64_t r, int64_t c, float& v) { v = x[place(r, c)]; });
  if (!schulz.Normalise()) return;
  for (int64_t i = 0; i < steps; i++) schulz.Step();
  schulz.ForEach(short_side, long_side, [&](int64_t r, int64_t c, const float& v) { x[place(r, c)] = v; });
}

}  // namespace fovea
