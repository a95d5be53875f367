#include "fovea/base/communicator.h"

#include <gtest/gtest.h>

#include <vector>

namespace fovea {
namespace {

TEST(Communicator, OneProcessSumsOverItselfAlone) {
  OneProcess alone;
  Communicator& communicator = alone;
  EXPECT_EQ(communicator.rank(), 0);
  EXPECT_EQ(communicator.size(), 1);
  std::vector<float> values{1.5f, -2, 0};
  communicator.AllReduceSum(values.data(), 3);
  communicator.Barrier();
  EXPECT_EQ(values, (std::vector<float>{1.5f, -2, 0}));
}

}  // namespace
}  // namespace fovea
