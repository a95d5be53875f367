#include "fovea/kernels/isa/bf16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "fovea/base/random.h"
#include "fovea/kernels/bf16_scope.h"
#include "fovea/kernels/bfloat16.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

using Numbers = std::vector<Bfloat16>;

float FromBits(uint32_t bits) {
  float v;
  std::memcpy(&v, &bits, sizeof v);
  return v;
}
uint32_t Bits(float v) {
  uint32_t bits;
  std::memcpy(&bits, &v, sizeof bits);
  return bits;
}
float Widened(Bfloat16 number) { return FromBits(static_cast<uint32_t>(number) << 16); }
float Flushed(float v) { return std::fpclassify(v) == FP_SUBNORMAL ? std::copysign(0.0f, v) : v; }

// The term that stands at a place of a tile.
std::size_t TermAt(const Bf16Table& table, std::size_t place) {
  return place / 4 * 4 + table.terms[place % 4];
}

// Tiles with their terms in order, as an instruction set wants them.
Numbers Placed(const Bf16Table& table, const Numbers& tiles, bool right) {
  Numbers placed(tiles.size());
  for (std::size_t i = 0; i < tiles.size(); i++) {
    const std::size_t tile = i / 512 * 512, row = i % 512 / 32, number = i % 32;
    if (right) {
      const std::size_t term = TermAt(table, row * 2 + number % 2);
      placed[i] = tiles[tile + term / 2 * 32 + number / 2 * 2 + term % 2];
    } else {
      placed[i] = tiles[tile + row * 32 + TermAt(table, number)];
    }
  }
  return placed;
}

// The definition in isa/bf16.h, a number at a time, of tiles with their terms in order.
void AddProduct(const Bfloat16* a, const Bfloat16* b, float* c) {
  for (int row = 0; row < 16; row++) {
    for (int column = 0; column < 16; column++) {
      float sum[2] = {0, 0};
      for (int term = 0; term < 32; term++) {
        const float x = Flushed(Widened(a[row * 32 + term]));
        const float y = Flushed(Widened(b[term / 2 * 32 + column * 2 + term % 2]));
        sum[term % 2] = Flushed(std::fma(x, y, sum[term % 2]));
      }
      float& to = c[row * 16 + column];
      to = Flushed(to + Flushed(sum[0] + sum[1]));
    }
  }
}

// Nearest, ties to even, by arithmetic: the candidates are the number cut off and its neighbour away from zero.
Bfloat16 Nearest(float v) {
  if (std::isnan(v)) return static_cast<Bfloat16>(Bits(v) >> 16 | 0x40);
  const uint32_t cut = Bits(Flushed(v)) >> 16;
  if (std::isinf(v)) return static_cast<Bfloat16>(cut);
  const double low = Widened(static_cast<Bfloat16>(cut)), high = Widened(static_cast<Bfloat16>(cut + 1));
  const double to_low = std::abs(static_cast<double>(Flushed(v)) - low);
  const double to_high =
      std::isinf(high) ? std::ldexp(1.0, 120) - to_low : std::abs(high - static_cast<double>(v));
  return static_cast<Bfloat16>(to_low < to_high || (to_low == to_high && cut % 2 == 0) ? cut : cut + 1);
}

// Numbers of like size, and wild ones whose products overflow, underflow and are denormal.
Numbers RandomNumbers(RandomStream& random, std::size_t count, bool wild) {
  Numbers numbers(count);
  for (Bfloat16& n : numbers) {
    const uint32_t exponent = wild ? random.Below(255) : 110 + random.Below(30);
    n = static_cast<Bfloat16>((random.Next() & 0x807f) | exponent << 7);
  }
  return numbers;
}

// Two by two tiles, three steps that visit them out of order, onto what was there and from nothing.
TEST(Bf16, ProductsFollowTheDefinitionOnEveryInstructionSet) {
  RandomStream random({31}, 0);
  for (int round = 0; round < 200; round++) {
    const bool wild = round % 2 == 1, add = round % 3 == 0;
    const Numbers a = RandomNumbers(random, 6 * kTileNumbers, wild),
                  b = RandomNumbers(random, 6 * kTileNumbers, wild);
    std::vector<float> start(4 * 256);
    for (float& v : start) v = Flushed(Widened(RandomNumbers(random, 1, wild)[0]));
    const TileStep steps[] = {{2 * kTileNumbers, 0}, {0, kTileNumbers}, {kTileNumbers, 2 * kTileNumbers}};
    std::vector<float> want = add ? start : std::vector<float>(start.size());
    for (int i = 0; i < 4; i++) {
      for (const TileStep& s : steps)
        AddProduct(a.data() + i / 2 * 3 * kTileNumbers + s.a, b.data() + i % 2 * 3 * kTileNumbers + s.b,
                   want.data() + i * 256);
    }
    for (const std::string& isa : AvailableIsas()) {
      const Bf16Table& table = KernelsFor(isa).bf16;
      const Numbers left = Placed(table, a, false), right = Placed(table, b, true);
      for (int rows = 1; rows <= 2; rows++) {
        for (int columns = 1; columns <= 2; columns++) {
          std::vector<float> c = start;
          {
            const Bf16Scope scope(table);
            table.product[rows][columns]({left.data(), right.data(), 3 * kTileNumbers, 3 * kTileNumbers,
                                          steps, 3, c.data(), 512, 256, add});
          }
          for (std::size_t i = 0; i < c.size(); i++) {
            const int row = static_cast<int>(i / 512), column = static_cast<int>(i / 256 % 2);
            const float expected = row < rows && column < columns ? want[i] : start[i];
            if (std::isnan(expected) ? !std::isnan(c[i]) : Bits(c[i]) != Bits(expected)) {
              FAIL() << isa << " round " << round << " at " << i << ": " << c[i] << ", expected " << expected;
            }
          }
        }
      }
    }
  }
}

TEST(Bf16, RoundsToNearestEvenOnEveryInstructionSet) {
  RandomStream random({32}, 0);
  for (int round = 0; round < 2000; round++) {
    std::vector<float> low(32), high(32);  // two blocks each, the second is passed over
    for (std::vector<float>* block : {&low, &high}) {
      for (float& v : *block) {
        v = FromBits(random.Next());
        if (random.Below(3) == 0) v = FromBits((Bits(v) & 0xffff0000u) | 0x8000u);  // a tie
      }
    }
    if (round == 0)
      low[0] = std::numeric_limits<float>::infinity(), low[1] = std::numeric_limits<float>::max();
    for (const std::string& isa : AvailableIsas()) {
      const Bf16Table& table = KernelsFor(isa).bf16;
      Numbers row(40, 7), pair(40, 7);
      table.single.row({low.data(), high.data(), nullptr, 0, 0, 2, 1, row.data(), 40});
      table.single.pair({low.data(), high.data(), nullptr, 0, 0, 2, 1, pair.data(), 40});
      Numbers again(40, 7), turns(40, 7), rounded;  // of numbers that are rounded already
      for (const std::vector<float>* block : {&low, &high}) {
        for (std::size_t i = 0; i < 16; i++) rounded.push_back(Nearest((*block)[i]));
      }
      table.half.row({rounded.data(), rounded.data() + 16, nullptr, 0, 0, 0, 1, again.data(), 40});
      table.half.pair({rounded.data(), rounded.data() + 16, nullptr, 0, 0, 0, 1, turns.data(), 40});
      ASSERT_EQ(again, row);
      ASSERT_EQ(turns, pair);
      Numbers narrow(16);
      KernelsFor(isa).half.plane.narrow(low.data(), 1, narrow.data());
      for (std::size_t i = 0; i < 16; i++) {
        ASSERT_EQ(narrow[i], Nearest(low[i])) << isa << " " << low[i];
        ASSERT_EQ(RoundToBfloat16(low[i]), Nearest(low[i])) << low[i];
        ASSERT_EQ(row[i], Nearest(low[TermAt(table, i)])) << isa << " " << low[i];
        ASSERT_EQ(row[16 + i], Nearest(high[TermAt(table, i)])) << isa << " " << high[i];
        ASSERT_EQ(pair[2 * i], Nearest(low[i])) << isa;
        ASSERT_EQ(pair[2 * i + 1], Nearest(high[i])) << isa;
      }
      ASSERT_EQ(row[32], 7) << isa;
    }
  }
}

TEST(Bf16, PutsTiles) {
  float sums[256], bias[16];
  Bfloat16 rows[16 * 48];
  for (int i = 0; i < 256; i++) sums[i] = static_cast<float>(i);
  for (int i = 0; i < 16; i++) bias[i] = static_cast<float>(1000 * i - 3000);
  for (const std::string& isa : AvailableIsas()) {
    SCOPED_TRACE(isa);
    const Bf16Table& table = KernelsFor(isa).bf16;
    const Rectifier rectifier{.slope = 0, .cap = 9000};
    for (const bool add : {false, true}) {
      for (const bool ends : {false, true}) {
        std::fill(std::begin(rows), std::end(rows), Nearest(0.5f));
        TileEnd end{.bias = nullptr, .other = add ? rows : nullptr, .rectifier = nullptr};
        if (ends) end = {.bias = bias, .other = rows, .rectifier = &rectifier};
        table.put(sums, 15, end, rows, 48);
        for (int i = 0; i < 16 * 48; i++) {
          const int row = i / 48, column = i % 48;
          float want = static_cast<float>(row * 16 + column) + (add || ends ? 0.5f : 0.0f);
          if (ends) want = std::min(want + static_cast<float>(1000 * column - 3000), 9000.0f);
          if (ends && want < 0) want = 0;
          ASSERT_EQ(rows[i], Nearest(row < 15 && column < 16 ? want : 0.5f))
              << add << ends << " " << row << " " << column;
        }
      }
    }
  }
}

// A thread's own arithmetic is as before.
TEST(Bf16, DenormalsAreFlushedOnlyWithin) {
  for (const std::string& isa : AvailableIsas()) {
    volatile float tiny = std::numeric_limits<float>::min();
    { const Bf16Scope scope(KernelsFor(isa).bf16); }
    EXPECT_GT(tiny / 2, 0.0f) << isa;
  }
}

}  // namespace
}  // namespace fovea
