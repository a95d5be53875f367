#include "fovea/report/axis.h"

#include <gmock/gmock.h>

namespace fovea {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(LinearAxis, EndsOnRoundNumbers) {
  const Axis axis = LinearAxis(0.13, 0.92, 5);
  EXPECT_DOUBLE_EQ(axis.low, 0);
  EXPECT_DOUBLE_EQ(axis.high, 1);
  EXPECT_THAT(axis.ticks, SizeIs(6));
  EXPECT_DOUBLE_EQ(axis.Position(0.25), 0.25);
}

TEST(LinearAxis, WidensASingleValue) {
  for (const double value : {0.0, 1e-30, 0.1, -3.0, 1e12, 1e300}) {
    const Axis axis = LinearAxis(value, value, 5);
    EXPECT_LT(axis.low, axis.high) << value;
    EXPECT_GE(axis.Position(value), 0) << value;
    EXPECT_LE(axis.Position(value), 1) << value;
    EXPECT_GE(axis.ticks.size(), 2u) << value;
  }
}

TEST(WholeAxis, HasWholeTicksOnly) {
  EXPECT_THAT(WholeAxis(1, 3, 6).ticks, ElementsAre(1, 2, 3));
  EXPECT_THAT(WholeAxis(1, 1, 6).ticks, ElementsAre(1));
  EXPECT_THAT(WholeAxis(1, 100, 6).ticks, ElementsAre(1, 20, 40, 60, 80, 100));
}

TEST(LogarithmicAxis, CoversItsRange) {
  const Axis axis = LogarithmicAxis(0.013, 1.9);
  EXPECT_NEAR(axis.low, 0.01, 1e-15);
  EXPECT_NEAR(axis.high, 2, 1e-12);
  EXPECT_NEAR(axis.Position(axis.low), 0, 1e-15);
  EXPECT_NEAR(axis.Position(axis.high), 1, 1e-15);
  EXPECT_EQ(axis.Position(0), 0);
  const Axis wide = LogarithmicAxis(1e-12, 1e20);
  EXPECT_LE(wide.ticks.size(), 10u);
  EXPECT_LE(wide.low, 1e-12 * (1 + 1e-9));
  EXPECT_GE(wide.high, 1e20 * (1 - 1e-9));
}

}  // namespace
}  // namespace fovea
