#include "fovea/report/run_record.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <charconv>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include "fovea/base/checked.h"
#include "fovea/base/error.h"
#include "fovea/base/file.h"

namespace fovea {
namespace {

using Json = nlohmann::ordered_json;
using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr int64_t kMaxText = int64_t{1} << 24, kMaxEvaluation = int64_t{1} << 28,
                  kMaxPixels = int64_t{1} << 26;

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
  const std::string text = ReadFile(path, kMaxEvaluation);
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

Json ReadJson(const std::string& path, int64_t max_bytes) {
  try {
    return Json::parse(ReadFile(path, max_bytes));
  } catch (const nlohmann::json::exception& error) {
    throw FormatError(fmt::format("{}: {}", path, error.what()));
  }
}

void Flatten(const Json& node, const std::string& key, Pairs& out) {
  if (node.is_object()) {
    for (const auto& [name, child] : node.items()) Flatten(child, key.empty() ? name : key + "." + name, out);
  } else {
    out.emplace_back(key, node.is_string() ? node.get<std::string>() : node.dump());
  }
}

std::vector<uint8_t> DecodeBase64(std::string_view text, const std::string& where) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::vector<uint8_t> out;
  uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) throw FormatError(where + ": pixels are not base64");
    bits = bits << 6 | static_cast<uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<uint8_t>(bits >> held & 0xFF));
    }
  }
  return out;
}

ByteImage ReadImage(const Json& sample, const std::string& where) {
  const auto shape = sample.at("shape").get<std::vector<int64_t>>();
  if (shape.size() != 3 || shape[0] < 1 || shape[1] < 1 || shape[2] < 1) {
    throw FormatError(where + ": 'shape' must be [channels, height, width], each at least 1");
  }
  ByteImage image{shape[0], shape[1], shape[2], {}};
  const int64_t count = CheckedProduct({shape[0], shape[1], shape[2]});
  const Json& pixels = sample.at("pixels");
  image.pixels = pixels.is_string() ? DecodeBase64(pixels.get_ref<const std::string&>(), where)
                                    : pixels.get<std::vector<uint8_t>>();
  if (count > kMaxPixels || static_cast<int64_t>(image.pixels.size()) != count) {
    throw FormatError(fmt::format("{}: {} pixels; the shape needs {}", where, image.pixels.size(), count));
  }
  return image;
}

int ReadClass(const Json& sample, const char* key, std::size_t classes, const std::string& where) {
  const int64_t value = sample.at(key).get<int64_t>();
  if (value < 0 || value >= static_cast<int64_t>(classes)) {
    throw FormatError(fmt::format("{}: '{}' is {}; there are {} classes", where, key, value, classes));
  }
  return static_cast<int>(value);
}

EvaluationRecord ParseEvaluation(const Json& json, const std::string& path) {
  EvaluationRecord record;
  record.classes = json.at("classes").get<std::vector<std::string>>();
  const std::size_t n = record.classes.size();
  if (json.contains("confusion"))
    record.confusion = json["confusion"].get<std::vector<std::vector<int64_t>>>();
  bool square = record.confusion.empty() || record.confusion.size() == n;
  for (const auto& row : record.confusion) square = square && row.size() == n;
  if (!square) throw FormatError(fmt::format("{}: 'confusion' must be {} by {}, as 'classes'", path, n, n));
  if (!json.contains("samples")) return record;
  for (const Json& sample : json["samples"]) {
    const std::string where = fmt::format("{}: sample {}", path, record.samples.size());
    SamplePrediction& entry = record.samples.emplace_back();
    entry.image = ReadImage(sample, where);
    entry.label = ReadClass(sample, "label", n, where);
    entry.prediction = ReadClass(sample, "prediction", n, where);
    const Json& probability = sample.at("probability");
    entry.probability =
        probability.is_null() ? std::numeric_limits<double>::quiet_NaN() : probability.get<double>();
  }
  return record;
}

EvaluationRecord ReadEvaluation(const std::string& path) {
  const Json json = ReadJson(path, kMaxEvaluation);
  try {
    return ParseEvaluation(json, path);
  } catch (const nlohmann::json::exception& error) {
    throw FormatError(fmt::format("{}: {}", path, error.what()));
  } catch (const ArgumentError& error) {
    throw FormatError(fmt::format("{}: {}", path, error.what()));
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
  if (exists("result.json")) Flatten(ReadJson(path("result.json"), kMaxText), "", record.result);
  if (exists("evaluation.json")) record.evaluation = ReadEvaluation(path("evaluation.json"));
  return record;
}

}  // namespace fovea
