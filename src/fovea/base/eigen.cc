#include "fovea/base/eigen.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fovea {
namespace {

class Jacobi {
 public:
  Jacobi(std::vector<double> matrix, std::size_t n) : n_(n), a_(std::move(matrix)), v_(n * n) {
    for (std::size_t i = 0; i < n; i++) v_[i * n + i] = 1;
  }

  // Each sweep squares the relative size of what is off the diagonal: a dozen do for any size in use.
  void Run() {
    constexpr int kMostSweeps = 60;
    constexpr double kDone = 1e-32;
    for (int sweep = 0; sweep < kMostSweeps && OffDiagonal() > kDone * Squares(); sweep++) {
      for (std::size_t p = 0; p + 1 < n_; p++) {
        for (std::size_t q = p + 1; q < n_; q++) Rotate(p, q);
      }
    }
  }

  SymmetricEigen Sorted() const {
    std::vector<std::size_t> order(n_);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t i, std::size_t j) { return a_[i * n_ + i] > a_[j * n_ + j]; });
    SymmetricEigen result;
    for (const std::size_t i : order) {
      result.values.push_back(a_[i * n_ + i]);
      const double* row = &v_[i * n_];
      const double* largest =
          std::max_element(row, row + n_, [](double x, double y) { return std::abs(x) < std::abs(y); });
      for (std::size_t k = 0; k < n_; k++) result.vectors.push_back(*largest < 0 ? -row[k] : row[k]);
    }
    return result;
  }

 private:
  double Squares() const { return std::inner_product(a_.begin(), a_.end(), a_.begin(), 0.0); }
  double OffDiagonal() const {
    double sum = 0;
    for (std::size_t i = 0; i < n_ * n_; i++) sum += i % (n_ + 1) == 0 ? 0 : a_[i] * a_[i];
    return sum;
  }

  // Turns the plane of axes p and q so that a[p][q] vanishes.
  void Rotate(std::size_t p, std::size_t q) {
    const double apq = a_[p * n_ + q];
    if (apq == 0) return;
    const double theta = (a_[q * n_ + q] - a_[p * n_ + p]) / (2 * apq);
    const double t = (theta < 0 ? -1 : 1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
    const double c = 1 / std::sqrt(t * t + 1), s = t * c;
    const auto turn = [&](double& x, double& y) {
      const double old = x;
      x = c * old - s * y, y = s * old + c * y;
    };
    for (std::size_t k = 0; k < n_; k++) turn(a_[k * n_ + p], a_[k * n_ + q]);
    for (std::size_t k = 0; k < n_; k++) {
      turn(a_[p * n_ + k], a_[q * n_ + k]);
      turn(v_[p * n_ + k], v_[q * n_ + k]);
    }
  }

  const std::size_t n_;
  std::vector<double> a_, v_;  // row i of v_ is the axis that a_[i][i] belongs to
};

}  // namespace

SymmetricEigen EigenOf(std::vector<double> matrix, int64_t n) {
  Jacobi jacobi(std::move(matrix), static_cast<std::size_t>(n));
  jacobi.Run();
  return jacobi.Sorted();
}

}  // namespace fovea
