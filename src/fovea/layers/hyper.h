// Hyper-parameters: named values that a layer lists once, in `Options::Fields`, as (name, member, rule).
// Saving, printing, equality, range checks and did-you-mean all come from that list.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#pragma GCC visibility push(default)
namespace fovea {

// Vertical and horizontal: kernels, strides, dilation rates.
struct Size2 {
  int64_t h = 1, w = 1;
  bool operator==(const Size2&) const = default;
};

// Rows and columns of padding at each side of the map.
struct Padding {
  int64_t top = 0, left = 0, bottom = 0, right = 0;
  bool operator==(const Padding&) const = default;
};
constexpr Padding PadAll(int64_t p) { return {p, p, p, p}; }

using HyperValue = std::variant<bool, int64_t, double, std::string, std::vector<int64_t>, std::vector<double>,
                                std::vector<std::string>>;
struct Hyper {
  std::string name;
  HyperValue value;
  bool operator==(const Hyper&) const = default;
};
using HyperList = std::vector<Hyper>;

// What values a hyper-parameter may take: low <= value <= high (every component), or one of `choices`.
struct Rule {
  double low = -1e300, high = 1e300;
  std::vector<std::string_view> choices;
};
inline Rule Any() { return {}; }
inline Rule AtLeast(double low) { return {low, 1e300, {}}; }
inline Rule Between(double low, double high) { return {low, high, {}}; }
// Of windows and what lies between them: sums and products of a few stay far within int64.
inline Rule Distance(double low) { return Between(low, 1 << 24); }
inline Rule OneOf(std::vector<std::string_view> choices) { return {0, 0, std::move(choices)}; }

HyperValue ToHyper(bool v);
HyperValue ToHyper(int64_t v);
HyperValue ToHyper(double v);
HyperValue ToHyper(const std::string& v);
HyperValue ToHyper(const std::vector<int64_t>& v);
HyperValue ToHyper(const std::vector<double>& v);
HyperValue ToHyper(const std::vector<std::string>& v);
HyperValue ToHyper(const Size2& v);    // [h, w]
HyperValue ToHyper(const Padding& v);  // [top, left, bottom, right]

// Reads `from` into the member; throws ArgumentError that names `where` when the type does not fit. One
// integer stands for all components of a Size2 or a Padding and for a list of one, two for Padding mean [vertical,
// horizontal].
void FromHyper(std::string_view where, const HyperValue& from, bool& to);
void FromHyper(std::string_view where, const HyperValue& from, int64_t& to);
void FromHyper(std::string_view where, const HyperValue& from, double& to);
void FromHyper(std::string_view where, const HyperValue& from, std::string& to);
void FromHyper(std::string_view where, const HyperValue& from, std::vector<int64_t>& to);
void FromHyper(std::string_view where, const HyperValue& from, std::vector<double>& to);  // or of integers
void FromHyper(std::string_view where, const HyperValue& from, std::vector<std::string>& to);
void FromHyper(std::string_view where, const HyperValue& from, Size2& to);
void FromHyper(std::string_view where, const HyperValue& from, Padding& to);

// Throws ArgumentError "conv2d: filters is 0; it must be at least 1".
void CheckRule(std::string_view type, std::string_view name, const HyperValue& value, const Rule& rule);

// "filters=16, kernel=[3,3]".
std::string ToString(const HyperValue& value);
std::string ToString(const HyperList& list);

[[noreturn]] void ThrowUnknownHyper(std::string_view type, std::string_view name, const HyperList& known);

template <class Options>
HyperList ListHyper(const Options& options) {
  HyperList list;
  Options::Fields(options, [&](const char* name, const auto& member, const Rule&) {
    list.push_back({name, ToHyper(member)});
  });
  return list;
}

template <class Options>
void CheckHyper(std::string_view type, const Options& options) {
  Options::Fields(options, [&](const char* name, const auto& member, const Rule& rule) {
    CheckRule(type, name, ToHyper(member), rule);
  });
}

// The options with the listed values; members not listed keep their defaults. Throws ArgumentError for an
// unknown name (with the nearest known one), a wrong type or a value outside its rule.
template <class Options>
Options OptionsFrom(std::string_view type, const HyperList& list) {
  Options options;
  for (const Hyper& hyper : list) {
    bool known = false;
    Options::Fields(options, [&](const char* name, auto& member, const Rule&) {
      if (hyper.name != name) return;
      known = true;
      FromHyper(std::string(type) + ": " + name, hyper.value, member);
    });
    if (!known) ThrowUnknownHyper(type, hyper.name, ListHyper(options));
  }
  CheckHyper(type, options);
  return options;
}

}  // namespace fovea
#pragma GCC visibility pop
