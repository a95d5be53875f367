#include "fovea/report/sections.h"

#include <fmt/format.h>

#include <string_view>

#include "fovea/report/advice.h"
#include "fovea/report/run_facts.h"

namespace fovea {
namespace {

// Single quotes, so that a shell takes the word as it is.
std::string Quoted(const std::string& word) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:=,+";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

}  // namespace

void WriteAdvice(const RunRecord& run, Markup& out) {
  out.Open("section", {{"class", "next"}});
  WriteHeading("What to try next", "", out);
  for (const std::string& paragraph : Advice(run)) out.Element("p", {}, paragraph);
  out.Close();
}

void WriteCommands(const RunRecord& run, Markup& out) {
  const std::string config = Quoted(run.folder + "/config.toml");
  out.Open("section");
  WriteHeading("Do it again", "", out);
  if (!run.config.empty()) {
    out.Element("h3", {}, "The same run, with the same weights at the end, bit for bit");
    out.Element("pre", {},
                fmt::format("fovea train --config {} --out {}", config, Quoted(run.folder + "-again")));
  }
  out.Element("h3", {}, "Go on where this run stopped");
  out.Element("pre", {}, fmt::format("fovea train --resume {}", Quoted(run.folder)));
  if (TestResult(run)) {
    out.Element("h3", {}, "Measure the test accuracy once more");
    out.Element(
        "pre", {},
        fmt::format("fovea eval {} --data {} --split test", Quoted(run.folder), Quoted(run.Config("data"))));
  }
  out.Close();
}

}  // namespace fovea
