// For tests: ProgramMatchesReference of a layer, or of a network.
#pragma once

#include <gtest/gtest.h>

#include <cmath>

#include "fovea/engine/apply.h"
#include "fovea/kernels/bfloat16.h"
#include "fovea/network/reference.h"

namespace fovea {

inline Tensor<float> Normal(const Shape& shape, uint64_t index) {
  Tensor<float> t(shape);
  RandomStream stream({13}, index);
  for (float& v : t.values()) v = static_cast<float>(stream.Normal());
  return t;
}

// The same in numbers that the program stores as they are.
inline Tensor<float> Normal(const Shape& shape, uint64_t index, const Arithmetic& arithmetic) {
  Tensor<float> t = Normal(shape, index);
  if (arithmetic.precision == Precision::kBfloat16) {
    for (float& v : t.values()) v = WidenBfloat16(RoundToBfloat16(v));
  }
  return t;
}

// rms error over rms result, and the largest error over ten times that.
inline void ExpectNear(TensorView<const float> got, TensorView<const double> want, double tolerance) {
  ASSERT_EQ(got.shape(), want.shape());
  double error = 0, size = 0, worst = 0;
  for (int64_t i = 0; i < got.size(); i++) {
    const double e = std::abs(static_cast<double>(got[i]) - want[i]);
    ASSERT_FALSE(std::isnan(e)) << i;
    error += e * e, size += want[i] * want[i], worst = std::max(worst, e);
  }
  EXPECT_LE(std::sqrt(error), tolerance * std::sqrt(size) + 1e-12);
  EXPECT_LE(worst, 10 * tolerance * std::sqrt(size / static_cast<double>(got.size())) + 1e-6);
}

template <class L>
void CheckBy(const Arithmetic& arithmetic, L layer, const Shape& shape, Mode mode = Mode::kTraining,
             const char* step = nullptr) {
  // kernels/winograd_test.cc has the reasons. A number of Bfloat16 is off by up to 2^-8 of itself: weights and results.
  const bool bf16 = arithmetic.precision == Precision::kBfloat16;
  const double tolerance = bf16 ? 5e-3 : arithmetic.numerics == Numerics::kDirect ? 2e-6 : 1e-5;
  SCOPED_TRACE(ToString(layer) + " on " + shape.ToString());
  AppliedLayer applied(std::make_shared<const L>(std::move(layer)), shape,
                       {.mode = mode, .threads = 2, .arithmetic = arithmetic, .poison = true});
  Network& net = applied.network();
  if (step != nullptr) {
    EXPECT_EQ(applied.program().Steps()[0].step, step);
  }
  const Tensor<float> x = Normal(shape, 0, arithmetic);
  std::vector<Tensor<float>> w;
  std::vector<TensorView<const float>> views;
  for (std::size_t i = 0; i < net.parameters().size(); i++)
    w.push_back(Normal(net.parameters()[i].value.shape(), i + 1));
  for (const auto& t : w) views.push_back(t);
  for (std::size_t i = 0; i < net.states().size(); i++) {
    for (float& v : net.MutableState(static_cast<int>(i)).values()) v = 0.75f;
  }
  for (std::size_t i = 0; i < w.size(); i++) {
    std::copy(w[i].values().begin(), w[i].values().end(), net.MutableParameter(static_cast<int>(i)).data());
  }
  Reference<double> reference(net);
  const auto want = reference.Forward(Cast<double>(x.view()), mode);
  ExpectNear(applied.Forward(x, views), want, tolerance);
  for (std::size_t i = 0; i < net.states().size(); i++)
    ExpectNear(net.states()[i].value, reference.states()[i], 2e-6);
  if (mode == Mode::kInference) return;
  const Tensor<float> dy = Normal(want.shape(), 99, arithmetic);
  reference.Backward(Cast<double>(dy.view()));
  ExpectNear(applied.Backward(dy), reference.ValueGradient(0), 2 * tolerance);
  for (std::size_t i = 0; i < w.size(); i++) {
    ExpectNear(applied.gradient(static_cast<int>(i)), reference.gradients()[i], 1e-5);
  }
}

inline constexpr Arithmetic kBf16{.precision = Precision::kBfloat16};

// In single precision, by this step, and on maps of Bfloat16.
template <class L>
void Check(L layer, const Shape& shape, Mode mode = Mode::kTraining, const char* step = nullptr) {
  CheckBy({Numerics::kDirect}, layer, shape, mode, step);
  CheckBy(kBf16, layer, shape, mode);
}

// Several hundred geometries a layer, drawn so that edges are common: one pixel, one sample, channels around 16,
// windows as large as the padded map, strides that do not divide.
inline constexpr int kGeometries = 300;

class Draw {
 public:
  explicit Draw(int index) : random_({17, Purpose::kTest}, static_cast<uint64_t>(index)) {}
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_.Below(static_cast<uint32_t>(high - low + 1)));
  }
  bool Coin() { return random_.Below(2) == 1; }
  Size2 Sides(int64_t low, int64_t high) { return {Between(low, high), Between(low, high)}; }
  Padding Margins(int64_t most) {
    return {Between(0, most), Between(0, most), Between(0, most), Between(0, most)};
  }
  Shape Map() { return {Between(1, 4), Between(1, 35), Between(1, 11), Between(1, 11)}; }
  Mode AnyMode() { return Between(0, 3) == 0 ? Mode::kInference : Mode::kTraining; }

 private:
  RandomStream random_;
};

// The program of a whole network, poisoned, is held to the reference; returns its steps. A few layers of Bfloat16 maps
// add an error of up to 2^-8 each.
inline std::vector<StepInfo> CheckNetwork(Network& net, int64_t batch, const Arithmetic& arithmetic = {}) {
  const bool bf16 = arithmetic.precision == Precision::kBfloat16;
  Program program(
      net,
      {.mode = Mode::kTraining, .max_batch = batch, .threads = 2, .arithmetic = arithmetic, .poison = true});
  Reference<double> reference(net);
  const Tensor<float> x = Normal(net.InputShape(batch), 0, arithmetic),
                      dy = Normal(net.OutputShape(batch), 1, arithmetic);
  ExpectNear(program.Forward(x), reference.Forward(Cast<double>(x.view()), Mode::kTraining),
             bf16 ? 5e-3 : 4e-6);
  program.Backward(dy);
  reference.Backward(Cast<double>(dy.view()));
  for (std::size_t i = 0; i < net.parameters().size(); i++) {
    SCOPED_TRACE(net.parameters()[i].name);
    ExpectNear(program.gradient(static_cast<int>(i)), reference.gradients()[i], bf16 ? 5e-3 : 1e-5);
  }
  return program.Steps();
}

}  // namespace fovea
