#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "fovea/base/measure.h"
#include "fovea/base/parallel.h"
#include "fovea/cli/command.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/kernels/peak.h"
#include "fovea/version.h"

namespace fovea {
namespace {

constexpr const char* kHelp =
    "Say what this machine offers and what Fovea uses of it.\n\n"
    "Examples:\n"
    "  fovea doctor\n"
    "  FOVEA_ISA=avx2 fovea doctor --json";

bool FmaIsExact() {
  float a[16], b[16], c[16], want[16];
  for (int i = 0; i < 16; i++) {
    a[i] = 1.0f + static_cast<float>(i) * 0x1p-20f, b[i] = 1.0f - static_cast<float>(i) * 0x1p-21f, c[i] = -1;
    want[i] = std::fma(a[i], b[i], c[i]);
  }
  Kernels().fma(a, b, c, 16);
  return std::equal(c, c + 16, want);
}

std::string ProcessorName() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(std::min(line.find(':') + 2, line.size()));
  }
  return "unknown";
}

nlohmann::json Variables() {
  nlohmann::json found = nlohmann::json::object();
  for (char** entry = environ; *entry != nullptr; entry++) {
    const std::string text = *entry;
    if (text.starts_with("FOVEA_")) found[text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
  }
  return found;
}

int RunDoctor(bool json) {
  const auto isas = AvailableIsas();
  const double memory = static_cast<double>(MachineMemory()) / (1 << 30);
  const char* forced = std::getenv("FOVEA_ISA");
  const bool is_forced = forced != nullptr && *forced != '\0', exact = FmaIsExact();
  ThreadPool one(1);
  const double peak = ProbePeak(one, 1);
  if (json) {
    fmt::print("{}\n", nlohmann::json{{"version", FOVEA_VERSION},
                                      {"processor", ProcessorName()},
                                      {"variables", Variables()},
                                      {"isa", Kernels().name},
                                      {"available", isas},
                                      {"forced", is_forced},
                                      {"processors", HardwareThreads()},
                                      {"memory_gib", memory},
                                      {"peak_gflops", peak},
                                      {"fma_exact", exact}}
                           .dump());
  } else {
    fmt::print("fovea            {}\nprocessor        {}\n", FOVEA_VERSION, ProcessorName());
    fmt::print("variables        {}\n", Variables().dump());
    fmt::print("instruction set  {}{}; this machine has {}\n", Kernels().name,
               is_forced ? " (FOVEA_ISA)" : "", fmt::join(isas, ", "));
    fmt::print("processors       {}\nmemory           {:.1f} GiB\n", HardwareThreads(), memory);
    fmt::print("peak             {:.3g} GFLOP/s on one thread\n", peak);
    fmt::print("self-test        {}\n",
               exact ? "fused multiply-add rounds once: good" : "fused multiply-add is WRONG");
  }
  return exact ? kGood : kCheckFailed;
}

}  // namespace

void AddDoctor(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("doctor", "Say what this machine offers");
  command->description(kHelp);
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "one line of JSON");
  command->callback([&action, json] { action = [json] { return RunDoctor(*json); }; });
}

}  // namespace fovea
