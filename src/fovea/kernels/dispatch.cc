#include "fovea/kernels/dispatch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>

#include "fovea/base/error.h"

namespace fovea {

#if defined(__x86_64__)
namespace avx512 {
void FillTable(KernelTable& table);
}
namespace avx2 {
void FillTable(KernelTable& table);
}
namespace baseline {
void FillTable(KernelTable& table);
}
#else
namespace neon {
void FillTable(KernelTable& table);
}
#endif

namespace {

template <void (*Fill)(KernelTable&)>
const KernelTable& TableOf() {
  static const KernelTable table = [] {
    KernelTable filled{};
    Fill(filled);
    return filled;
  }();
  return table;
}

struct Row {
  const char* name;
  bool (*runs_here)();
  const KernelTable& (*table)();
};

constexpr Row kRows[] = {
#if defined(__x86_64__)
    {"avx512",
     [] {
       return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
     },
     TableOf<avx512::FillTable>},
    {"avx2", [] { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); },
     TableOf<avx2::FillTable>},
    {"baseline", [] { return true; }, TableOf<baseline::FillTable>},
#else
    {"neon", [] { return true; }, TableOf<neon::FillTable>},
#endif
};

}  // namespace

std::vector<std::string> AvailableIsas() {
  std::vector<std::string> names;
  for (const Row& row : kRows) {
    if (row.runs_here()) names.emplace_back(row.name);
  }
  return names;
}

const KernelTable& KernelsFor(const std::string& isa) {
  for (const Row& row : kRows) {
    if (isa == row.name && row.runs_here()) return row.table();
  }
  throw ArgumentError(fmt::format("instruction set \"{}\" is not to be had here; choose from {}", isa,
                                  fmt::join(AvailableIsas(), ", ")));
}

const KernelTable& Kernels() {
  static const KernelTable& chosen = []() -> const KernelTable& {
    const char* forced = std::getenv("FOVEA_ISA");
    try {
      return KernelsFor(forced != nullptr && *forced != '\0' ? forced : AvailableIsas().front());
    } catch (const ArgumentError& error) {
      throw ArgumentError(fmt::format("FOVEA_ISA: {}", error.what()));
    }
  }();
  return chosen;
}

}  // namespace fovea
