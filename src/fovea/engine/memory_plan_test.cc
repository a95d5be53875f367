#include "fovea/engine/memory_plan.h"

#include <gtest/gtest.h>

#include "fovea/base/random.h"

namespace fovea {
namespace {

TEST(MemoryPlan, BuffersAliveTogetherNeverOverlap) {
  RandomStream random({1}, 0);
  for (int round = 0; round < 200; round++) {
    std::vector<BufferLife> lives(1 + random.Below(40));
    for (auto& life : lives) {
      life.floats = random.Below(300);
      life.first = static_cast<int>(random.Below(30));
      life.last = life.first + static_cast<int>(random.Below(10));
    }
    const MemoryPlan plan = PlanMemory(lives);
    for (std::size_t i = 0; i < lives.size(); i++) {
      if (lives[i].floats == 0) continue;
      EXPECT_EQ(plan.offsets[i] % 16, 0);
      EXPECT_LE(plan.offsets[i] + lives[i].floats, plan.floats);
      for (std::size_t j = 0; j < i; j++) {
        if (lives[j].floats == 0 || lives[i].last < lives[j].first || lives[j].last < lives[i].first)
          continue;
        EXPECT_TRUE(plan.offsets[i] + lives[i].floats <= plan.offsets[j] ||
                    plan.offsets[j] + lives[j].floats <= plan.offsets[i]);
      }
    }
  }
}

TEST(MemoryPlan, ReusesTheMemoryOfDeadBuffers) {
  // A chain in which each buffer lives for two steps needs two of them.
  std::vector<BufferLife> lives;
  for (int i = 0; i < 10; i++) lives.push_back({1024, i, i + 1});
  EXPECT_EQ(PlanMemory(lives).floats, 2048);
}

}  // namespace
}  // namespace fovea
