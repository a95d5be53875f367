#include "fovea/formats/darknet/cfg_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "fovea/base/error.h"
#include "fovea/base/suggest.h"

namespace fovea {
namespace {

constexpr std::size_t kMaxSections = 10000, kMaxLine = 4096;

// Without blanks and comment.
std::string Bare(std::string_view line) {
  std::string bare;
  for (const char c : line.substr(0, line.find_first_of("#;"))) {
    if (c != ' ' && c != '\t' && c != '\r') bare += c;
  }
  return bare;
}

template <class T>
std::optional<T> Number(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || stop != end || error != std::errc{}) return {};
  return value;
}

template <class T>
std::optional<std::vector<T>> Numbers(std::string_view text) {
  std::vector<T> values;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const auto value = Number<T>(text.substr(0, comma));
    if (!value) return {};
    values.push_back(*value);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return values;
}

}  // namespace

void CfgSection::Set(std::string key, std::string value, int line) {
  entries_.push_back({std::move(key), std::move(value), line});
}

CfgSection::Entry* CfgSection::Find(std::string_view key) {
  asked_.emplace_back(key);
  Entry* first = nullptr;
  for (Entry& entry : entries_) {
    if (entry.key != key) continue;
    entry.used = true;
    if (first == nullptr) first = &entry;
  }
  return first;
}

bool CfgSection::Has(std::string_view key) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.key == key; });
}

int64_t CfgSection::Integer(std::string_view key, int64_t otherwise, int64_t low, int64_t high) {
  const Entry* entry = Find(key);
  if (entry == nullptr) return otherwise;
  const auto value = Number<int64_t>(entry->value);
  if (!value) FailAt(entry->line, fmt::format("{}={} is not a whole number", key, entry->value));
  if (*value < low || *value > high)
    FailAt(entry->line, fmt::format("{}={}; it must be from {} to {}", key, *value, low, high));
  return *value;
}

double CfgSection::Real(std::string_view key, double otherwise) {
  const Entry* entry = Find(key);
  if (entry == nullptr) return otherwise;
  const auto value = Number<double>(entry->value);
  if (!value || !std::isfinite(*value))
    FailAt(entry->line, fmt::format("{}={} is not a number", key, entry->value));
  return *value;
}

std::string CfgSection::Text(std::string_view key, std::string otherwise) {
  const Entry* entry = Find(key);
  if (entry != nullptr) return entry->value;
  return otherwise;
}

std::vector<int64_t> CfgSection::Integers(std::string_view key) {
  const Entry* entry = Find(key);
  if (entry == nullptr) return {};
  const auto values = Numbers<int64_t>(entry->value);
  if (!values) FailAt(entry->line, fmt::format("{}={} is not a list of whole numbers", key, entry->value));
  return *values;
}

std::vector<double> CfgSection::Reals(std::string_view key) {
  const Entry* entry = Find(key);
  if (entry == nullptr) return {};
  const auto values = Numbers<double>(entry->value);
  if (!values) FailAt(entry->line, fmt::format("{}={} is not a list of numbers", key, entry->value));
  return *values;
}

void CfgSection::Ignore(std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) Find(key);
}

void CfgSection::Only(std::string_view key, std::initializer_list<int64_t> values) {
  const Entry* entry = Find(key);
  if (entry == nullptr) return;
  const auto value = Number<int64_t>(entry->value);
  if (!value || std::find(values.begin(), values.end(), *value) == values.end())
    FailAt(entry->line, fmt::format("{}={} is not supported", key, entry->value));
}

void CfgSection::RequireAllUsed() const {
  for (const Entry& entry : entries_) {
    if (!entry.used) {
      FailAt(entry.line, fmt::format("{}={} is not known or not supported{}", entry.key, entry.value,
                                     DidYouMean(entry.key, asked_)));
    }
  }
}

void CfgSection::FailAt(int line, const std::string& what) const {
  throw FormatError(fmt::format("{} line {}: [{}]: {}", path_, line, name_, what));
}

std::vector<CfgSection> ParseCfgText(const std::string& path, const std::string& text) {
  std::vector<CfgSection> sections;
  const auto fail = [&](int line, const std::string& what) {
    throw FormatError(fmt::format("{} line {}: {}", path, line, what));
  };
  int line = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    line++;
    if (end - at > kMaxLine) fail(line, fmt::format("longer than {} characters", kMaxLine));
    const std::string bare = Bare(std::string_view(text).substr(at, end - at));
    at = end + 1;
    if (bare.empty()) continue;
    const auto printable = [](char c) { return c > ' ' && c < '\x7f'; };
    if (!std::all_of(bare.begin(), bare.end(), printable)) fail(line, "a character that is no text");
    const std::size_t equals = bare.find('=');
    if (bare.front() == '[') {
      if (bare.back() != ']' || bare.size() < 3) fail(line, fmt::format("\"{}\" is no section", bare));
      if (sections.size() == kMaxSections) fail(line, "too many sections");
      sections.emplace_back(path, bare.substr(1, bare.size() - 2), line);
    } else if (equals == 0 || equals == std::string::npos) {
      fail(line, fmt::format("\"{}\" is neither [section] nor key=value", bare));
    } else if (sections.empty()) {
      fail(line, fmt::format("\"{}\" stands before the first section", bare));
    } else {
      sections.back().Set(bare.substr(0, equals), bare.substr(equals + 1), line);
    }
  }
  return sections;
}

}  // namespace fovea
