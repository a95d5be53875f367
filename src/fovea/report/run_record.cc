#include "fovea/report/run_record.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/report/json_text.h"

namespace fovea {
namespace {

using Json = nlohmann::ordered_json;
using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr int64_t kMaxText = int64_t{1} << 24, kMaxMetrics = int64_t{1} << 28;

std::vector<std::string_view> Split(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  std::vector<std::string_view> cells;
  while (true) {
    const std::size_t comma = line.find(',');
    cells.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

std::optional<double> Number(std::string_view cell, const std::string& path, std::size_t line) {
  if (cell.empty()) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error == std::errc::result_out_of_range) return std::numeric_limits<double>::infinity();
  if (error != std::errc() || end != cell.data() + cell.size()) {
    throw FormatError(fmt::format("{} line {}: '{}' is not a number", path, line, cell));
  }
  return value;
}

std::optional<double> MetricsRow::*ColumnOf(std::string_view name) {
  using Column = std::optional<double> MetricsRow::*;
  static constexpr std::pair<std::string_view, Column> kColumns[] = {
      {"epoch", &MetricsRow::epoch},
      {"step", &MetricsRow::step},
      {"seconds", &MetricsRow::seconds},
      {"train_loss", &MetricsRow::train_loss},
      {"train_acc", &MetricsRow::train_acc},
      {"val_loss", &MetricsRow::val_loss},
      {"val_acc", &MetricsRow::val_acc},
      {"lr", &MetricsRow::lr},
      {"images_per_second", &MetricsRow::images_per_second}};
  for (const auto& [key, column] : kColumns) {
    if (key == name) return column;
  }
  return nullptr;
}

std::vector<MetricsRow> ReadMetrics(const std::string& path) {
  const std::string text = ReadFile(path, kMaxMetrics);
  std::vector<std::string_view> header;
  std::vector<MetricsRow> rows;
  std::size_t line_number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) break;  // a line without its end was cut off
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    ++line_number;
    const auto cells = Split(line);
    if (header.empty()) {
      header = cells;
      continue;
    }
    if (cells.size() != header.size()) {
      throw FormatError(fmt::format("{} line {}: {} cells; the header names {}", path, line_number,
                                    cells.size(), header.size()));
    }
    MetricsRow& row = rows.emplace_back();
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (const auto column = ColumnOf(header[i])) row.*column = Number(cells[i], path, line_number);
    }
  }
  return rows;
}

void Flatten(const toml::node& node, const std::string& key, Pairs& out) {
  if (const toml::table* table = node.as_table()) {
    std::vector<std::pair<toml::source_position, const toml::key*>> order;
    for (const auto& [name, child] : *table) order.emplace_back(name.source().begin, &name);
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [position, name] : order) {
      const std::string full =
          key.empty() ? std::string(name->str()) : fmt::format("{}.{}", key, name->str());
      Flatten(*table->get(name->str()), full, out);
    }
  } else if (const auto* text = node.as_string()) {
    out.emplace_back(key, text->get());
  } else if (const auto* number = node.as_floating_point()) {
    out.emplace_back(key, fmt::format("{}", number->get()));
  } else {
    std::ostringstream stream;
    node.visit([&stream](const auto& value) { stream << value; });
    out.emplace_back(key, stream.str());
  }
}

Pairs ReadConfig(const std::string& path) {
  const std::string text = ReadFile(path, kMaxText);
  try {
    Pairs out;
    Flatten(toml::parse(text, path), "", out);
    return out;
  } catch (const toml::parse_error& error) {
    throw FormatError(fmt::format("{} line {}: {}", path, error.source().begin.line, error.description()));
  }
}

Json ReadJson(const std::string& path) {
  try {
    return Json::parse(ReadJsonText(path, kMaxText));
  } catch (const nlohmann::json::exception& error) {
    throw FormatError(fmt::format("{}: {}", path, error.what()));
  }
}

void Flatten(const Json& node, const std::string& key, Pairs& out) {
  if (node.is_object()) {
    for (const auto& [name, child] : node.items())
      Flatten(child, key.empty() ? name : fmt::format("{}.{}", key, name), out);
  } else {
    out.emplace_back(key, node.is_string() ? node.get<std::string>() : node.dump());
  }
}

std::string Find(const Pairs& pairs, const std::string& key) {
  for (const auto& [name, value] : pairs) {
    if (name == key || name.ends_with("." + key)) return value;
  }
  return "";
}

}  // namespace

std::string RunRecord::Config(const std::string& key) const { return Find(config, key); }
std::string RunRecord::Result(const std::string& key) const { return Find(result, key); }

std::optional<int64_t> RunRecord::ResultCount(const std::string& key) const {
  const std::string text = Find(result, key);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value < 0)
    return std::nullopt;
  return value;
}

RunRecord ReadRunRecord(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    throw IoError(fmt::format("{} is not a folder; a run folder is what 'fovea train --out' writes", folder));
  }
  const auto path = [&folder](const char* name) { return (fs::path(folder) / name).string(); };
  const auto exists = [&](const char* name) { return fs::exists(path(name), error); };
  RunRecord record;
  record.folder = folder;
  if (exists("config.toml")) record.config = ReadConfig(path("config.toml"));
  if (exists("metrics.csv")) record.metrics = ReadMetrics(path("metrics.csv"));
  if (exists("result.json")) Flatten(ReadJson(path("result.json")), "", record.result);
  if (exists("evaluation.json")) record.evaluation = ReadEvaluationRecord(path("evaluation.json"));
  record.model = ReadModelRecord(folder);
  return record;
}

}  // namespace fovea
