#include "fovea/kernels/dispatch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <cstdlib>

#include "fovea/base/error.h"

namespace fovea {

#if defined(__x86_64__)
namespace amx {
void FillBf16(Bf16Table& table);
}
namespace avx512_bf16 {
void FillTable(KernelTable& table);
}
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

#if defined(__x86_64__)
bool RunsAvx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

bool RunsAvx512Bf16() { return RunsAvx512() && __builtin_cpu_supports("avx512bf16"); }

// Tiles of bfloat16, which the system also has to permit to the process.
bool RunsAmx() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!RunsAvx512Bf16() || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  constexpr unsigned kAmxBf16 = 1u << 22, kAmxTile = 1u << 24;
  if ((d & kAmxBf16) == 0 || (d & kAmxTile) == 0) return false;
  constexpr long kRequestPermission = 0x1023, kTileData = 18;  // of arch_prctl, asm/prctl.h
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

void FillAmx(KernelTable& table) {
  avx512_bf16::FillTable(table);
  amx::FillBf16(table.bf16);
  table.name = "amx";
}
#endif

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
    {"amx", RunsAmx, TableOf<FillAmx>},
    {"avx512_bf16", RunsAvx512Bf16, TableOf<avx512_bf16::FillTable>},
    {"avx512", RunsAvx512, TableOf<avx512::FillTable>},
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
