#include "fovea/data/photo/resize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fovea/base/error.h"

namespace fovea {
namespace {

constexpr int kBits = 22;  // 255 * 2^22 fits an int32 with room for the rounding
constexpr int32_t kHalf = 1 << (kBits - 1);

// Output i is the sum of weights[i * support + k] * input[first[i] + k].
struct Filter {
  std::vector<int64_t> first;
  std::vector<int64_t> count;
  std::vector<int32_t> weights;
  std::size_t support = 0;
};

// The outputs [from, from + size) of `in` pixels resized to `out`.
Filter MakeFilter(int64_t in, int64_t out, int64_t from, int64_t size) {
  const double scale = static_cast<double>(in) / static_cast<double>(out), reach = std::max(scale, 1.0);
  Filter filter;
  filter.support = static_cast<std::size_t>(std::ceil(reach)) * 2 + 1;
  filter.weights.resize(static_cast<std::size_t>(size) * filter.support);
  std::vector<double> cover;
  for (int64_t i = 0; i < size; i++) {
    const double centre = (static_cast<double>(from + i) + 0.5) * scale;
    const auto first = std::max<int64_t>(static_cast<int64_t>(std::floor(centre - reach + 0.5)), 0);
    const auto last = std::min<int64_t>(static_cast<int64_t>(std::floor(centre + reach + 0.5)), in);
    cover.clear();
    double total = 0;
    for (int64_t k = first; k < last; k++) {
      cover.push_back(std::max(1 - std::abs(static_cast<double>(k) + 0.5 - centre) / reach, 0.0));
      total += cover.back();
    }
    // Rounded running sums, so that the weights add up to exactly one.
    int32_t* weights = filter.weights.data() + static_cast<std::size_t>(i) * filter.support;
    double sum = 0;
    int32_t before = 0;
    for (const double c : cover) {
      sum += c;
      const auto now = static_cast<int32_t>(std::floor(sum / total * (1 << kBits) + 0.5));
      *weights++ = now - before;
      before = now;
    }
    filter.first.push_back(first);
    filter.count.push_back(last - first);
  }
  return filter;
}

// One row of the output of the first pass: a weighted sum of whole rows.
void SumRows(const uint8_t* rows, std::size_t stride, const int32_t* weights, int64_t count,
             std::vector<int32_t>& sum, uint8_t* out) {
  std::fill(sum.begin(), sum.end(), kHalf);
  for (int64_t k = 0; k < count; k++, rows += stride) {
    for (std::size_t x = 0; x < sum.size(); x++) sum[x] += weights[k] * rows[x];
  }
  for (std::size_t x = 0; x < sum.size(); x++) out[x] = static_cast<uint8_t>(sum[x] >> kBits);
}

// Pixels out of one row; `put(x, c, value)` stores them.
template <class Put>
void SumColumns(const uint8_t* row, const Filter& filter, const Put& put) {
  for (std::size_t x = 0; x < filter.first.size(); x++) {
    const uint8_t* pixel = row + filter.first[x] * 3;
    const int32_t* weights = filter.weights.data() + x * filter.support;
    int32_t sum[3] = {kHalf, kHalf, kHalf};
    for (int64_t k = 0; k < filter.count[x]; k++, pixel += 3) {
      for (int c = 0; c < 3; c++) sum[c] += weights[k] * pixel[c];
    }
    for (int c = 0; c < 3; c++) put(x, c, static_cast<uint8_t>(sum[c] >> kBits));
  }
}

struct Window {
  int64_t whole, from, size;  // outputs [from, from + size) of `whole`
};

// Rows first: they are long sums of neighbours, which the compiler makes vectors of, and only the columns and
// rows that the window needs are visited.
template <class Put>
void ResizeWindow(const Image& image, const Window& across, const Window& down, const Put& put) {
  Filter columns = MakeFilter(image.width, across.whole, across.from, across.size);
  const Filter rows = MakeFilter(image.height, down.whole, down.from, down.size);
  const int64_t left = columns.first.front(), right = columns.first.back() + columns.count.back();
  for (int64_t& first : columns.first) first -= left;
  const auto stride = static_cast<std::size_t>(image.width) * 3;
  std::vector<int32_t> sum(static_cast<std::size_t>(right - left) * 3);
  std::vector<uint8_t> row(sum.size());
  for (std::size_t y = 0; y < rows.first.size(); y++) {
    SumRows(image.pixels.data() + static_cast<std::size_t>(rows.first[y]) * stride + left * 3, stride,
            rows.weights.data() + y * rows.support, rows.count[y], sum, row.data());
    SumColumns(row.data(), columns, [&](std::size_t x, int c, uint8_t value) { put(y, x, c, value); });
  }
}

void CheckSides(int64_t width, int64_t height) {
  if (width >= 1 && height >= 1) return;
  throw ArgumentError(fmt::format("cannot resize to {}x{}; sides are at least 1", width, height));
}

// A side that is longer than wanted, cut in the middle.
Window Middle(int64_t whole, int64_t size) { return {whole, (whole - size) / 2, size}; }

// The length of a side when the image shrinks or grows by to / from.
int64_t Scaled(int64_t side, int64_t to, int64_t from) {
  return std::max(
      to, static_cast<int64_t>(std::floor(
              static_cast<double>(side) * static_cast<double>(to) / static_cast<double>(from) + 0.5)));
}

}  // namespace

Image Resize(const Image& image, int64_t width, int64_t height) {
  CheckSides(width, height);
  Image out{width, height, std::vector<uint8_t>(static_cast<std::size_t>(width * height * 3))};
  uint8_t* to = out.pixels.data();
  ResizeWindow(image, {width, 0, width}, {height, 0, height},
               [&](std::size_t, std::size_t, int, uint8_t value) { *to++ = value; });
  return out;
}

void CoverCrop(const Image& image, int64_t width, int64_t height, uint8_t* planar) {
  CheckSides(width, height);
  const bool wide = image.width * height >= image.height * width;
  const int64_t across = wide ? std::max(width, Scaled(image.width, height, image.height)) : width;
  const int64_t down = wide ? height : std::max(height, Scaled(image.height, width, image.width));
  const auto plane = static_cast<std::size_t>(width * height), row = static_cast<std::size_t>(width);
  ResizeWindow(image, Middle(across, width), Middle(down, height),
               [&](std::size_t y, std::size_t x, int c, uint8_t value) {
                 planar[static_cast<std::size_t>(c) * plane + y * row + x] = value;
               });
}

}  // namespace fovea
