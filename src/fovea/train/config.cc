#include "fovea/train/config.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <sstream>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/train/parameter_group.h"

namespace fovea {
namespace {

constexpr int64_t kMaxConfig = 1 << 20;

HyperValue FromToml(const std::string& path, const std::string& name, const toml::node& node) {
  if (const auto* v = node.as_boolean()) return v->get();
  if (const auto* v = node.as_integer()) return v->get();
  if (const auto* v = node.as_floating_point()) return v->get();
  if (const auto* v = node.as_string()) return v->get();
  if (const auto* list = node.as_array()) {
    std::vector<std::string> texts;
    for (const toml::node& entry : *list) {
      if (const auto* text = entry.as_string()) texts.push_back(text->get());
    }
    if (texts.size() == list->size()) return texts;
  }
  throw FormatError(fmt::format("{} line {}: \"{}\" must be a number, a text, a list of texts, true or false",
                                path, node.source().begin.line, name));
}

// A mistake in a file is told by its line.
void CheckEntry(const std::string& path, const Hyper& entry, toml::source_index line) {
  try {
    ConfigFrom({entry});
  } catch (const ArgumentError& error) {
    throw FormatError(fmt::format("{} line {}: {}", path, line, error.what()));
  }
}

// The shortest text that reads back as the same double.
std::string TomlNumber(double v) {
  const std::string text = fmt::format("{}", v);
  return text.find_first_of(".einf") == std::string::npos ? text + ".0" : text;
}

}  // namespace

HyperList ReadToml(const std::string& path) {
  const std::string text = ReadFile(path, kMaxConfig);
  try {
    HyperList values;
    for (const auto& [name, node] : toml::parse(text, path)) {
      values.push_back({std::string(name.str()), FromToml(path, std::string(name.str()), node)});
      CheckEntry(path, values.back(), node.source().begin.line);
    }
    return values;
  } catch (const toml::parse_error& error) {
    throw FormatError(fmt::format("{} line {}: {}", path, error.source().begin.line, error.description()));
  }
}

TrainConfig ConfigFrom(const HyperList& values) {
  HyperList last;
  for (Hyper value : values) {
    // What flip was before it had more than two ways.
    if (const auto* flips = std::get_if<bool>(&value.value); flips && value.name == "flip")
      value.value = std::string(*flips ? "random" : "none");
    const auto same =
        std::find_if(last.begin(), last.end(), [&](const Hyper& h) { return h.name == value.name; });
    if (same == last.end()) {
      last.push_back(value);
    } else {
      same->value = value.value;
    }
  }
  auto config = OptionsFrom<TrainConfig>("configuration", last);
  for (const std::string& group : config.groups) ParseGroup(group);
  return config;
}

Arithmetic ArithmeticOf(const TrainConfig& config) {
  return {.numerics = config.numerics == "direct" ? Numerics::kDirect : Numerics::kFast,
          .precision = config.precision == "bf16" ? Precision::kBfloat16 : Precision::kFloat32};
}

std::string ConfigToToml(const TrainConfig& config) {
  std::ostringstream text;
  for (const Hyper& hyper : ListHyper(config)) {
    std::visit(
        [&](const auto& v) {
          using V = std::decay_t<decltype(v)>;
          if constexpr (std::is_same_v<V, double>) {
            text << hyper.name << " = " << TomlNumber(v) << "\n";
          } else if constexpr (std::is_same_v<V, std::vector<std::string>>) {
            toml::array texts;
            for (const std::string& line : v) texts.push_back(line);
            text << toml::table{{hyper.name, texts}} << "\n";
          } else if constexpr (!std::is_same_v<V, std::vector<int64_t>> &&
                               !std::is_same_v<V, std::vector<double>>) {
            text << toml::table{{hyper.name, v}} << "\n";
          }
        },
        hyper.value);
  }
  return text.str();
}

std::vector<std::string> ForbiddenChanges(const TrainConfig& run, const TrainConfig& wanted) {
  static const std::vector<std::string> kFree = {"memory", "threads",   "out",
                                                 "epochs", "max_steps", "save_every"};
  const HyperList a = ListHyper(run), b = ListHyper(wanted);
  std::vector<std::string> changed;
  for (std::size_t i = 0; i < a.size(); i++) {
    if (a[i].value != b[i].value && std::find(kFree.begin(), kFree.end(), a[i].name) == kFree.end()) {
      changed.push_back(a[i].name);
    }
  }
  return changed;
}

}  // namespace fovea
