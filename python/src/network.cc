#include "network.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/error.h"
#include "fovea/base/suggest.h"
#include "fovea/engine/verification.h"
#include "fovea/formats/model_file.h"
#include "fovea/formats/registry.h"
#include "fovea/formats/tensor_names.h"
#include "fovea/formats/weights.h"
#include "fovea/train/scores.h"
#include "settings.h"

namespace fovea::python {
namespace {

int ValueNamed(const Network& network, const std::string& name) {
  if (name == "input") return 0;
  std::vector<std::string> names{"input"};
  for (std::size_t i = 0; i < network.nodes().size(); i++) {
    if (network.nodes()[i].name == name) return static_cast<int>(i) + 1;
    names.push_back(network.nodes()[i].name);
  }
  throw ArgumentError(fmt::format("there is no layer \"{}\"{}", name, DidYouMean(name, names)));
}

// Shapes differ when another thread has changed the graph, or the batch, between two calls.
template <class S>
void CopyTo(TensorView<const S> from, TensorView<S> to) {
  if (from.shape() != to.shape()) {
    throw ShapeError(
        fmt::format("there is a result of {} for a place of {}: dy is of another batch than the last "
                    "forward pass, or the network has changed",
                    from.shape().ToString(), to.shape().ToString()));
  }
  std::copy(from.values().begin(), from.values().end(), to.data());
}

std::size_t HashOf(const Network& network) {
  std::size_t hash = 0;
  for (const auto tensors : {network.parameters(), network.states()}) {
    for (const NamedTensor& t : tensors) {
      const std::string_view bytes(reinterpret_cast<const char*>(t.value.data()),
                                   static_cast<std::size_t>(t.value.size()) * sizeof(float));
      hash = 31 * hash + std::hash<std::string_view>{}(bytes);
    }
  }
  return hash;
}

}  // namespace

void HeldNetwork::Add(const std::string& name, std::shared_ptr<const Layer> layer,
                      const std::vector<std::string>& inputs) {
  const auto lock = Lock();
  std::vector<int> values;
  for (const std::string& input : inputs) values.push_back(ValueNamed(network(), input));
  if (name == "input") throw ArgumentError("\"input\" is the network's input; choose another name");
  GraphChanges();
  if (values.empty()) {
    model_.network.Add(name, std::move(layer));
  } else {
    model_.network.Add(name, std::move(layer), std::move(values));
  }
}

void HeldNetwork::EndAtScores() {
  const auto lock = Lock();
  GraphChanges();
  fovea::EndAtScores(model_.network);
}

void HeldNetwork::GraphChanges() {
  inference_ = {}, training_ = {};
  reference_.reset();
  graph_changes_++;
}

void HeldNetwork::Initialise(uint64_t seed) {
  const auto lock = Lock();
  model_.network.Initialise(seed);
}

void HeldNetwork::Save(const std::string& path) {
  const auto lock = Lock();
  RefreshExamples(model_);
  SaveAnyModel(path, model_);
}

void HeldNetwork::SetWeights(const std::string& source, const NamedArrays& arrays, const std::string& names) {
  const auto lock = Lock();
  fovea::SetWeights(source, arrays, NamesBy(names, network()), model_.network);
}

void HeldNetwork::SaveWeights(const std::string& path, const std::string& names) {
  const auto lock = Lock();
  fovea::SaveWeights(path, network(), NamesBy(names, network()));
}

std::string HeldNetwork::ToBytes() {
  const auto lock = Lock();
  return SerialiseTensorFile(ModelToFile(model_));
}

std::shared_ptr<HeldNetwork> HeldNetwork::FromBytes(const std::string& bytes) {
  const std::string name = "the bytes of a network";
  return std::make_shared<HeldNetwork>(ModelFromFile(name, ParseTensorFile(name, bytes)));
}

void HeldNetwork::NoticeWrites() {
  if (!written_.exchange(false) && views_ == 0) return;
  const std::size_t now = HashOf(network());
  if (now == weights_hash_) return;
  weights_hash_ = now;
  model_.network.RaiseVersion();
}

template <class S>
void HeldNetwork::CheckInput(TensorView<const S> x) const {
  if (network().nodes().empty()) throw ArgumentError("the network has no layers");
  const int64_t n = x.shape().rank() > 0 ? x.extent(0) : 0;
  if (n >= 1 && x.shape() == network().InputShape(n)) return;
  throw ShapeError(fmt::format("the network takes N images, Nx{}, got {}",
                               Shape(network().InputShape(1).extents().subspan(1)).ToString(),
                               x.shape().ToString()));
}

Program& HeldNetwork::ProgramFor(Mode mode, int64_t n) {
  Compiled& compiled = mode == Mode::kTraining ? training_ : inference_;
  const Settings now = CurrentSettings();
  const bool fits = compiled.program && n <= compiled.batch && compiled.threads == now.threads &&
                    compiled.arithmetic.numerics == now.arithmetic.numerics;
  if (!fits) {
    compiled = {};
    compiled = {
        std::make_unique<Program>(model_.network, ProgramOptions{.mode = mode,
                                                                 .max_batch = n,
                                                                 .threads = now.threads,
                                                                 .arithmetic = now.arithmetic,
                                                                 .input_gradient = mode == Mode::kTraining}),
        n, now.threads, now.arithmetic};
  }
  NoticeWrites();
  return *compiled.program;
}

template <>
void HeldNetwork::Forward(TensorView<const float> x, Mode mode, const CallRandom& random,
                          TensorView<float> y) {
  const auto lock = Lock();
  CheckInput(x);
  if (mode == Mode::kTraining) reference_.reset();
  CopyTo(ProgramFor(mode, x.extent(0)).Forward(x, random), y);
  if (mode == Mode::kTraining) weights_hash_ = HashOf(network());
}

template <>
void HeldNetwork::Forward(TensorView<const double> x, Mode mode, const CallRandom& random,
                          TensorView<double> y) {
  const auto lock = Lock();
  CheckInput(x);
  if (mode == Mode::kInference) return CopyTo(Reference<double>(network()).Forward(x, mode, random), y);
  reference_ = std::make_unique<Reference<double>>(network());
  CopyTo(reference_->Forward(x, mode, random), y);
  for (std::size_t i = 0; i < network().states().size(); i++) {
    const auto to = model_.network.MutableState(static_cast<int>(i));
    std::transform(reference_->states()[i].values().begin(), reference_->states()[i].values().end(),
                   to.data(), [](double v) { return static_cast<float>(v); });
  }
  weights_hash_ = HashOf(network());
  reference_version_ = network().version();
}

template <>
void HeldNetwork::Backward(TensorView<const float> dy, TensorView<float> dx,
                           const std::vector<TensorView<float>>& dw) {
  const auto lock = Lock();
  if (!training_.program || reference_)
    throw ArgumentError("backward follows a forward pass with training=True and the same type of numbers");
  NoticeWrites();
  Program& program = *training_.program;
  program.ZeroGradients();
  program.Backward(dy);
  CopyTo(program.InputGradient(), dx);
  for (std::size_t i = 0; i < dw.size(); i++) CopyTo<float>(program.gradient(static_cast<int>(i)), dw[i]);
}

template <>
void HeldNetwork::Backward(TensorView<const double> dy, TensorView<double> dx,
                           const std::vector<TensorView<double>>& dw) {
  const auto lock = Lock();
  if (!reference_)
    throw ArgumentError("backward follows a forward pass with training=True and the same type of numbers");
  NoticeWrites();
  if (reference_version_ != network().version())
    throw ArgumentError("the weights have changed since the forward pass; run it again");
  const Shape y = reference_->value(network().ValueCount() - 1).shape();
  if (dy.shape() != y) {
    throw ShapeError(
        fmt::format("the gradient of the output must be {}, got {}", y.ToString(), dy.shape().ToString()));
  }
  reference_->Backward(dy);
  CopyTo<double>(reference_->ValueGradient(0), dx);
  for (std::size_t i = 0; i < dw.size(); i++) CopyTo<double>(reference_->gradients()[i], dw[i]);
  reference_.reset();  // once for each forward pass, as programs do
}

}  // namespace fovea::python
