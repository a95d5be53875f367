// A darknet cfg as text: sections of key=value lines, each with the number of its line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

class CfgSection {
 public:
  CfgSection(std::string path, std::string name, int line)
      : path_(std::move(path)), name_(std::move(name)), line_(line) {}

  const std::string& name() const { return name_; }
  int line() const { return line_; }
  // As darknet: of two values for a key the first counts.
  void Set(std::string key, std::string value, int line);

  // Each throws FormatError naming the line for a value that is not one, or is outside [low, high].
  int64_t Integer(std::string_view key, int64_t otherwise, int64_t low = 0, int64_t high = 1 << 20);
  double Real(std::string_view key, double otherwise);
  std::string Text(std::string_view key, std::string otherwise);
  std::vector<int64_t> Integers(std::string_view key);
  std::vector<double> Reals(std::string_view key);
  bool Has(std::string_view key) const;

  // Says that a key is known and changes nothing here.
  void Ignore(std::initializer_list<std::string_view> keys);
  // Throws FormatError unless the key is absent or has one of the values that change nothing.
  void Only(std::string_view key, std::initializer_list<int64_t> values);
  // Throws FormatError for the first key that nobody asked for, with the nearest of those that were.
  void RequireAllUsed() const;

  [[noreturn]] void Fail(const std::string& what) const { FailAt(line_, what); }
  [[noreturn]] void FailAt(int line, const std::string& what) const;

 private:
  struct Entry {
    std::string key, value;
    int line;
    bool used = false;
  };
  Entry* Find(std::string_view key);

  std::string path_, name_;
  int line_;
  std::vector<Entry> entries_;
  std::vector<std::string> asked_;
};

// Throws FormatError naming the line. Lines that begin with # or ; are comments, and so is what follows these in a line;
// blanks count nowhere.
std::vector<CfgSection> ParseCfgText(const std::string& path, const std::string& text);

}  // namespace fovea
