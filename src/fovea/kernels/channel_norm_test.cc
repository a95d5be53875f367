// Layer norms of pixels in double, and the same bits for every instruction set.
#include "fovea/kernels/isa/channel_norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "fovea/base/random.h"
#include "fovea/kernels/bfloat16.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

constexpr double kEps = 1e-3;

// A blocked map of one image, its lanes behind the last channel 0, of numbers that are Bfloat16.
struct Map {
  int64_t channels, pixels;
  std::vector<float> values{};

  std::size_t Size() const { return static_cast<std::size_t>((channels + 15) / 16 * 16 * pixels); }
  std::size_t At(int64_t c, int64_t p) const {
    return static_cast<std::size_t>((c / 16 * pixels + p) * 16 + c % 16);
  }
};

Map Draw(int64_t channels, int64_t pixels, uint64_t index) {
  Map map{channels, pixels};
  map.values.resize(map.Size());
  RandomStream random({57}, index);
  for (int64_t c = 0; c < channels; c++) {
    for (int64_t p = 0; p < pixels; p++)
      map.values[map.At(c, p)] = WidenBfloat16(RoundToBfloat16(static_cast<float>(random.Normal() + 1)));
  }
  return map;
}

struct Result {
  std::vector<float> y, dx, mean, r, sum_dy, sum_dyh;
};

template <class T>
std::vector<T> As(const std::vector<float>& values) {
  if constexpr (std::is_same_v<T, float>) {
    return values;
  } else {
    std::vector<T> rounded;
    for (const float v : values) rounded.push_back(RoundToBfloat16(v));
    return rounded;
  }
}
std::vector<float> Widened(const std::vector<float>& values) { return values; }
std::vector<float> Widened(const std::vector<Bfloat16>& values) {
  std::vector<float> wide;
  for (const Bfloat16 v : values) wide.push_back(WidenBfloat16(v));
  return wide;
}

template <class T>
Result Calculate(const std::string& isa, const Map& x, const Map& dy, const std::vector<float>& gamma,
                 const std::vector<float>& beta) {
  const auto& table = KernelsFor(isa).maps<T>().channel_norm;
  const ChannelNormShape shape{x.channels, x.pixels, static_cast<float>(kEps)};
  const auto pixels = static_cast<std::size_t>(x.pixels);
  Result result;
  result.mean.resize(pixels), result.r.resize(pixels);
  result.sum_dy.resize(gamma.size()), result.sum_dyh.resize(gamma.size());
  const std::vector<T> xs = As<T>(x.values), dys = As<T>(dy.values);
  std::vector<T> y(xs.size()), dx(xs.size());
  table.forward(shape, gamma.data(), beta.data(), xs.data(), x.pixels, y.data(), result.mean.data(),
                result.r.data());
  for (const bool accumulate : {false, true})
    table.backward(shape, gamma.data(), xs.data(), dys.data(), x.pixels, result.mean.data(), result.r.data(),
                   accumulate, dx.data(), result.sum_dy.data(), result.sum_dyh.data());
  result.y = Widened(y), result.dx = Widened(dx);
  return result;
}

// What Calculate gives, whose gradients are there twice, in double; `rounding` is that of a stored number.
void ExpectRight(const Map& x, const Map& dy, const std::vector<float>& gamma, const std::vector<float>& beta,
                 double rounding, const Result& got) {
  const auto near = [&](float value, double want, double slack) {
    ASSERT_NEAR(value, want, slack + rounding * std::abs(want));
  };
  const auto number = [](const std::vector<float>& v, std::size_t i) { return static_cast<double>(v[i]); };
  const auto count = static_cast<double>(x.channels);
  std::vector<double> sum_dy(gamma.size()), sum_dyh(gamma.size());
  for (int64_t p = 0; p < x.pixels; p++) {
    double mean = 0, var = 0, g1 = 0, g2 = 0;
    for (int64_t c = 0; c < x.channels; c++) mean += number(x.values, x.At(c, p)) / count;
    for (int64_t c = 0; c < x.channels; c++) var += std::pow(number(x.values, x.At(c, p)) - mean, 2) / count;
    const double r = 1 / std::sqrt(var + kEps);
    const auto h = [&](int64_t c) { return (number(x.values, x.At(c, p)) - mean) * r; };
    const auto g = [&](int64_t c) {
      return number(gamma, static_cast<std::size_t>(c)) * number(dy.values, x.At(c, p));
    };
    for (int64_t c = 0; c < x.channels; c++) g1 += g(c) / count, g2 += g(c) * h(c) / count;
    for (int64_t c = 0; c < x.channels; c++) {
      const auto i = static_cast<std::size_t>(c);
      near(got.y[x.At(c, p)], h(c) * number(gamma, i) + number(beta, i), 1e-5);
      near(got.dx[x.At(c, p)], 2 * r * (g(c) - g1 - h(c) * g2), 1e-4);
      sum_dy[i] += 2 * number(dy.values, x.At(c, p)), sum_dyh[i] += 2 * number(dy.values, x.At(c, p)) * h(c);
    }
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(x.channels); i++) {
    ASSERT_NEAR(got.sum_dy[i], sum_dy[i], 1e-4);
    ASSERT_NEAR(got.sum_dyh[i], sum_dyh[i], 1e-4);
  }
}

template <class T>
void Check(const Map& x, const Map& dy, const std::vector<float>& gamma, const std::vector<float>& beta) {
  const Result first = Calculate<T>(AvailableIsas().front(), x, dy, gamma, beta);
  ExpectRight(x, dy, gamma, beta, std::is_same_v<T, float> ? 0 : 0x1p-8, first);
  for (std::size_t i = 0; i < x.values.size(); i++) {
    const auto lane = static_cast<int64_t>(i % 16), block = static_cast<int64_t>(i / 16) / x.pixels;
    if (block * 16 + lane < x.channels) continue;
    ASSERT_EQ(first.y[i], 0);
    ASSERT_EQ(first.dx[i], 0);
  }
  for (const std::string& isa : AvailableIsas()) {
    SCOPED_TRACE(isa);
    const Result other = Calculate<T>(isa, x, dy, gamma, beta);
    for (const auto part :
         {&Result::y, &Result::dx, &Result::mean, &Result::r, &Result::sum_dy, &Result::sum_dyh})
      EXPECT_EQ(std::memcmp((first.*part).data(), (other.*part).data(), (first.*part).size() * 4), 0);
  }
}

TEST(ChannelNorm, KernelMatchesReference) {
  for (const int64_t channels : {5, 16, 33, 96}) {
    for (const int64_t pixels : {1, 7, 8, 21}) {
      SCOPED_TRACE(testing::Message() << channels << " channels, " << pixels << " pixels");
      const Map x = Draw(channels, pixels, 1), dy = Draw(channels, pixels, 2);
      // Of one pixel, channel by channel: 0 in the lanes behind the last.
      const std::vector<float> gamma = Draw(channels, 1, 3).values, beta = Draw(channels, 1, 4).values;
      Check<float>(x, dy, gamma, beta);
      Check<Bfloat16>(x, dy, gamma, beta);
    }
  }
}

}  // namespace
}  // namespace fovea
