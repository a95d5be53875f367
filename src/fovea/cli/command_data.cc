#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "fovea/cli/command.h"
#include "fovea/data/photo/check.h"

namespace fovea {
namespace {

constexpr const char* kHelp =
    "Look at data before training does.\n\n"
    "Examples:\n"
    "  fovea data check photos      every file is decoded; 1 is the exit code when something is wrong";

constexpr double kImbalance = 10;  // largest class / smallest: worth a word

using Json = nlohmann::json;

bool IsGood(const PhotoReport& r) {
  return r.unreadable.empty() && r.duplicates.empty() && r.missing.empty();
}

Json ToJson(const PhotoReport& r) {
  Json unreadable = Json::array(), duplicates = Json::array(), missing = Json::array();
  for (const auto& u : r.unreadable) unreadable.push_back({{"file", u.path}, {"reason", u.reason}});
  for (const auto& d : r.duplicates) duplicates.push_back({{"file", d.path}, {"copy", d.copy}});
  for (const auto& m : r.missing) missing.push_back({{"split", m.split}, {"class", m.name}});
  const auto range = [](const SideRange& s) {
    return Json{{"least", s.least}, {"median", s.median}, {"largest", s.largest}};
  };
  return {{"good", IsGood(r)},        {"classes", r.classes},     {"splits", r.splits},
          {"counts", r.counts},       {"unreadable", unreadable}, {"duplicates", duplicates},
          {"missing", missing},       {"imbalance", r.imbalance}, {"width", range(r.width)},
          {"height", range(r.height)}};
}

void PrintCounts(const PhotoReport& r) {
  fmt::print("{:<24}", "class");
  for (const std::string& split : r.splits) fmt::print(" {:>8}", split);
  fmt::print("\n");
  for (std::size_t c = 0; c < r.classes.size(); c++) {
    fmt::print("{:<24}", r.classes[c]);
    for (const auto& counts : r.counts) fmt::print(" {:>8}", counts[c]);
    fmt::print("\n");
  }
}

void Print(const PhotoReport& r) {
  PrintCounts(r);
  fmt::print("\nwidths {} to {}, half of them at most {}; heights {} to {}, half at most {}\n", r.width.least,
             r.width.largest, r.width.median, r.height.least, r.height.largest, r.height.median);
  for (const auto& u : r.unreadable) fmt::print("unreadable: {}\n", u.reason);
  for (const auto& d : r.duplicates)
    fmt::print("the same photo in {} and {}: {} and {}\n", d.split, d.copy_split, d.path, d.copy);
  for (const auto& m : r.missing) fmt::print("class {} has no photo in {}\n", m.name, m.split);
  if (r.imbalance > kImbalance)
    fmt::print("the largest class has {:.0f} times the photos of the smallest\n", r.imbalance);
  if (IsGood(r)) {
    fmt::print("everything can be read\n");
  } else {
    fmt::print("{} unreadable, {} in two splits, {} classes missing from a split\n", r.unreadable.size(),
               r.duplicates.size(), r.missing.size());
  }
}

int RunCheck(const std::string& folder, int threads, bool json) {
  ThreadPool pool(threads > 0 ? threads : HardwareThreads());
  const PhotoReport report = CheckPhotos(folder, pool);
  if (json) {
    fmt::print("{}\n", ToJson(report).dump(2, ' ', false, Json::error_handler_t::replace));
  } else {
    Print(report);
  }
  return IsGood(report) ? kGood : kCheckFailed;
}

}  // namespace

void AddData(CLI::App& app, Action& action) {
  struct Flags {
    std::string folder;
    int threads = 0;
    bool json = false;
  };
  CLI::App* command = app.add_subcommand("data", "Check a folder of photos");
  command->description(kHelp);
  command->require_subcommand(1);
  CLI::App* check = command->add_subcommand("check", "Decode every photo; name what is wrong");
  auto flags = std::make_shared<Flags>();
  check->add_option("folder", flags->folder, "folder with one folder for each class")->required();
  check->add_option("--threads", flags->threads, "0: all processors")->check(CLI::Range(0, 1024));
  check->add_flag("--json", flags->json, "the whole report");
  check->callback([&action, flags] {
    action = [flags] { return RunCheck(flags->folder, flags->threads, flags->json); };
  });
}

}  // namespace fovea
