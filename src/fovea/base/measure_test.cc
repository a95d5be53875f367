#include "fovea/base/measure.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>

namespace fovea {
namespace {

void Wait(double seconds) {
  for (const double end = Now() + seconds; Now() < end;) {
  }
}

TEST(Measure, TakesTheMedianOfTheRunsAfterTheFirst) {
  int calls = 0;
  const RunTimes times = MeasureRuns(0, [&] { Wait(++calls <= 2 ? 0.1 : 0.001); });
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(times.runs, 3);
  EXPECT_GE(times.median_seconds, 0.001);
  EXPECT_LT(times.median_seconds, 0.1);  // of 0.1, 0.001 and 0.001
}

TEST(Measure, RunsForTheTimeThatItIsGiven) {
  const double start = Now();
  EXPECT_GT(MeasureRuns(0.1, [] {}).runs, 3);
  EXPECT_GE(Now() - start, 0.1);
}

TEST(Measure, ThePeakRemembersMemoryThatWasGivenBack) {
  const ProcessMemory before = ReadProcessMemory();
  if (before.resident_mib == 0) GTEST_SKIP() << "this system has no /proc/self/status";
  EXPECT_GE(before.peak_mib, before.resident_mib);
  {
    constexpr std::size_t kBytes = std::size_t{128} << 20;
    const std::unique_ptr<volatile char[]> block(new volatile char[kBytes]);
    for (std::size_t i = 0; i < kBytes; i += 1024) block[i] = 1;
    EXPECT_GE(ReadProcessMemory().resident_mib, before.resident_mib + 120);  // the counters lag by some pages
  }
  EXPECT_GE(ReadProcessMemory().peak_mib, before.resident_mib + 120);
}

}  // namespace
}  // namespace fovea
