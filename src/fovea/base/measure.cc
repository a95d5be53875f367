#include "fovea/base/measure.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

namespace fovea {

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

RunTimes MeasureRuns(double seconds, const std::function<void()>& run) {
  run();
  std::vector<double> times;
  for (const double end = Now() + seconds; Now() < end || times.size() < 3;) {
    const double start = Now();
    run();
    times.push_back(Now() - start);
  }
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return {*middle, static_cast<int64_t>(times.size())};
}

ProcessMemory ReadProcessMemory() {
  ProcessMemory memory;
  std::ifstream status("/proc/self/status");
  for (std::string name; status >> name;) {
    double kib = 0;
    if (name == "VmRSS:" && status >> kib) memory.resident_mib = kib / 1024;
    if (name == "VmHWM:" && status >> kib) memory.peak_mib = kib / 1024;
  }
  return memory;
}

int64_t MachineMemory() {
  return static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<int64_t>(sysconf(_SC_PAGE_SIZE));
}

}  // namespace fovea
