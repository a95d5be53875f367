#include "fovea/formats/weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <vector>

#include "fovea/base/error.h"

namespace fovea {
namespace {

constexpr std::size_t kShown = 8;

void RequireWeightsFile(const std::string& path) {
  for (const char* ending : {".safetensors", ".npz", ".npy"})
    if (path.ends_with(ending)) return;
  throw ArgumentError(path + ": weights alone are in files whose names end in .safetensors, .npz or .npy");
}

bool IsCounter(const std::string& name) { return name.ends_with("num_batches_tracked"); }

// What does not fit, for one error.
struct Misfits {
  std::vector<std::string> missing, shapes, left;

  static void Append(std::string& text, const char* what, const std::vector<std::string>& names) {
    if (names.empty()) return;
    const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kShown));
    const std::string more = names.size() > kShown ? fmt::format(" and {} more", names.size() - kShown) : "";
    text += fmt::format("; {} {}: {}{}", names.size(), what, fmt::join(names.begin(), end, ", "), more);
  }
  std::string Text() const {
    std::string text;
    Append(text, "missing", missing);
    Append(text, "of another shape", shapes);
    Append(text, "left over", left);
    return text;
  }
};

}  // namespace

NamedArrays ArraysOf(TensorFile&& file) {
  NamedArrays arrays;
  for (auto& [name, tensor] : file.tensors) arrays.emplace_back(name, std::move(tensor));
  return arrays;
}

NamedArrays ReadWeights(const std::string& path) {
  RequireWeightsFile(path);
  return path.ends_with(".safetensors") ? ArraysOf(ReadTensorFile(path)) : ReadArrays(path);
}

void SetWeights(const std::string& path, const NamedArrays& arrays, const TensorNames& names,
                Network& network) {
  std::map<std::string, const Tensor<float>*> found;
  for (const auto& [name, array] : arrays) {
    if (!IsCounter(name)) found.emplace(name, &array);
  }
  Misfits misfits;
  std::vector<std::string> taken;
  const auto fit = [&](const NamedTensor& tensor) -> const Tensor<float>* {
    const std::string& name = names.at(tensor.name);
    const auto array = found.find(name);
    if (array == found.end()) {
      misfits.missing.push_back(name);
      return nullptr;
    }
    taken.push_back(name);
    if (array->second->shape() == tensor.value.shape()) return array->second;
    misfits.shapes.push_back(fmt::format("{} is {}, \"{}\" needs {}", name, array->second->shape().ToString(),
                                         tensor.name, tensor.value.shape().ToString()));
    return nullptr;
  };
  std::vector<const Tensor<float>*> parameters, states;
  for (const NamedTensor& p : network.parameters()) parameters.push_back(fit(p));
  for (const NamedTensor& s : network.states()) states.push_back(fit(s));
  for (const std::string& name : taken) found.erase(name);
  for (const auto& [name, array] : found) misfits.left.push_back(name);
  if (const std::string text = misfits.Text(); !text.empty())
    throw FormatError(fmt::format("{}: the weights do not fit the network{}", path, text));
  const auto copy = [](const Tensor<float>& from, TensorView<float> to) {
    std::copy(from.values().begin(), from.values().end(), to.data());
  };
  for (std::size_t i = 0; i < parameters.size(); i++)
    copy(*parameters[i], network.MutableParameter(static_cast<int>(i)));
  for (std::size_t i = 0; i < states.size(); i++) copy(*states[i], network.MutableState(static_cast<int>(i)));
}

void SaveWeights(const std::string& path, const Network& network, const TensorNames& names) {
  RequireWeightsFile(path);
  NamedArrays arrays;
  for (const NamedTensor& p : network.parameters()) arrays.emplace_back(names.at(p.name), p.value);
  for (const NamedTensor& s : network.states()) arrays.emplace_back(names.at(s.name), s.value);
  if (!path.ends_with(".safetensors")) return WriteArrays(path, arrays);
  TensorFile file;
  for (auto& [name, array] : arrays) file.tensors.emplace(name, std::move(array));
  WriteTensorFile(path, file);
}

}  // namespace fovea
