// How long something takes and how much memory the process holds: for benchmarks and progress, never for results.
#pragma once

#include <cstdint>
#include <functional>

namespace fovea {

// Seconds of a clock that never goes back; only differences mean something.
double Now();

struct RunTimes {
  double median_seconds = 0;
  int64_t runs = 0;
};

// Runs for about so many seconds, at least three times, after one run that warms up and does not count.
RunTimes MeasureRuns(double seconds, const std::function<void()>& run);

// Of this program since it started, in MiB: what it holds of physical memory now, and the most that it has held.
// From /proc/self/status, because getrusage's peak includes the process that started this one; 0 where there is none.
struct ProcessMemory {
  double resident_mib = 0, peak_mib = 0;
};
ProcessMemory ReadProcessMemory();

// Bytes of physical memory of this machine.
int64_t MachineMemory();

}  // namespace fovea
