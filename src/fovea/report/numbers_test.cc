#include "fovea/report/numbers.h"

#include <gtest/gtest.h>

#include <cmath>

namespace fovea {
namespace {

TEST(Wilson, AgreesWithPublishedValues) {
  // 81 of 263: Newcombe 1998, "Two-sided confidence intervals for the single proportion", method 3: 0.2553,
  // 0.3662.
  EXPECT_NEAR(Wilson(81, 263).low, 0.2553, 5e-5);
  EXPECT_NEAR(Wilson(81, 263).high, 0.3662, 5e-5);
  // 1 of 29, the same table: 0.0061, 0.1718.
  EXPECT_NEAR(Wilson(1, 29).low, 0.0061, 5e-5);
  EXPECT_NEAR(Wilson(1, 29).high, 0.1718, 5e-5);
}

TEST(Wilson, StaysInsideTheUnitInterval) {
  EXPECT_EQ(Wilson(0, 20).low, 0);
  EXPECT_NEAR(Wilson(0, 20).high, 0.1611, 5e-5);
  EXPECT_EQ(Wilson(20, 20).high, 1);
  EXPECT_EQ(Wilson(0, 0).low, 0);
  EXPECT_EQ(Wilson(0, 0).high, 1);
}

TEST(Numbers, ReadAsPeopleWriteThem) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
  EXPECT_EQ(Grouped(-1234), "-1,234");
  EXPECT_EQ(Percent(0.9875), "98.8\xC2\xA0%");
  EXPECT_EQ(Percent(std::nan("")), "not a number");
  EXPECT_EQ(Duration(83), "1\xC2\xA0min 23\xC2\xA0s");
  EXPECT_EQ(Duration(59.7), "1\xC2\xA0min 0\xC2\xA0s");
  EXPECT_EQ(Duration(7500), "2\xC2\xA0h 05\xC2\xA0min");
  EXPECT_EQ(Short(0.012345), "0.01235");
  EXPECT_EQ(Short(12345.6), "12,346");
  EXPECT_EQ(Short(1e30), "1e+30");
  EXPECT_EQ(Short(-INFINITY), "-infinite");
  EXPECT_EQ(Scaled(41200000), "41.2\xC2\xA0million");
  EXPECT_EQ(Plural(1, "epoch"), "1 epoch");
  EXPECT_EQ(Plural(2, "epoch"), "2 epochs");
}

}  // namespace
}  // namespace fovea
