#include "fovea/formats/onnx/names.h"

#include <algorithm>

namespace fovea::onnx {
namespace {

constexpr std::size_t kLongest = 200;

// As Network::Add has it, in ASCII alone.
bool IsLegal(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '-';
}

std::string MadeLegal(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !IsLegal(c); }, '_');
  name.erase(0, name.find_first_not_of('_'));
  return name.substr(0, kLongest);
}

std::string StemOf(const std::string& weight) {
  constexpr std::string_view kEnd = ".weight";
  const bool stem = weight.ends_with(kEnd) && weight.size() > kEnd.size() && weight.size() < kLongest &&
                    std::all_of(weight.begin(), weight.end(), IsLegal);
  return stem ? weight.substr(0, weight.size() - kEnd.size()) : "";
}

}  // namespace

std::string NodeNames::Take(const std::string& weight, const std::string& node, const std::string& type) {
  std::string name = StemOf(weight);
  if (name.empty()) name = MadeLegal(node);
  if (name.empty()) name = MadeLegal(type) + "_" + std::to_string(++counts_[type]);
  const std::string stem = name;
  while (!taken_.insert(name).second) name = stem + "_" + std::to_string(++counts_["#" + stem]);
  return name;
}

}  // namespace fovea::onnx
