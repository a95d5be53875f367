#include "fovea/train/updater.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fovea/base/error.h"
#include "fovea/optim/vectors.h"

namespace fovea {
namespace {

bool AllFinite(ThreadPool& pool, TensorView<const float> x) {
  if (std::isfinite(SumOfSquares(pool, x.size(), x.data()))) return true;
  // A square may overflow where the value does not.
  return std::all_of(x.values().begin(), x.values().end(), [](float v) { return std::isfinite(v); });
}

std::string KeptName(const std::string& kept, const std::string& parameter) {
  return "optimizer/" + kept + "/" + parameter;
}
std::string AverageName(const std::string& tensor) { return "average/" + tensor; }

}  // namespace

Updater::Updater(const UpdaterOptions& options, Network& network, const NamedTensors* saved)
    : options_(options), network_(network) {
  for (std::size_t i = 0; i < network.parameters().size(); i++) {
    const NamedTensor& p = network.parameters()[i];
    const ParameterRule& rule = options.rules[i];
    if (rule.steps > 0) {
      for (const std::string& kept : KeptTensors(rule.optimizer))
        Keep(KeptName(kept, p.name), Tensor<float>(p.value.shape()), saved);
    }
    if (options.ema > 0) Keep(AverageName(p.name), p.value, saved);
  }
  for (const NamedTensor& s : network.states()) {
    if (options.ema > 0) Keep(AverageName(s.name), s.value, saved);
  }
}

void Updater::Keep(const std::string& name, const Tensor<float>& start, const NamedTensors* saved) {
  if (saved == nullptr) {
    tensors_.emplace(name, start);
    return;
  }
  const auto found = saved->find(name);
  if (found == saved->end() || found->second.shape() != start.shape()) {
    throw FormatError(fmt::format("the checkpoint's tensor {} is missing or of another shape", name));
  }
  tensors_.emplace(name, found->second);
}

std::vector<bool> Updater::FrozenAt(int64_t t) const {
  std::vector<bool> frozen;
  for (const ParameterRule& rule : options_.rules) frozen.push_back(!rule.LearnsAt(t));
  return frozen;
}

std::string Updater::Step(Program& program, int64_t t) {
  if (std::string wrong = Clip(program, t); !wrong.empty()) return wrong;
  for (std::size_t i = 0; i < network_.parameters().size(); i++) {
    if (!options_.rules[i].LearnsAt(t)) continue;
    if (std::string wrong = Update(program, i, t); !wrong.empty()) return wrong;
  }
  if (options_.ema > 0) MoveAverages(program.pool(), t);
  return {};
}

std::string Updater::Update(Program& program, std::size_t i, int64_t t) {
  const NamedTensor& p = network_.parameters()[i];
  const ParameterRule& rule = options_.rules[i];
  const auto gradient = program.gradient(static_cast<int>(i));
  fovea::Update update{.rate = rule.RateAt(t),
                       .t = t,
                       .rows = p.value.shape().rank() > 1 ? p.value.extent(0) : 0,
                       .count = gradient.size(),
                       .gradient = gradient.data(),
                       .kept = {},
                       .parameter = network_.MutableParameter(static_cast<int>(i)).data()};
  for (const std::string& kept : KeptTensors(rule.optimizer))
    update.kept.push_back(tensors_.at(KeptName(kept, p.name)).data());
  OptimizerStep(program.pool(), rule.optimizer, update);
  return AllFinite(program.pool(), p.value) ? "" : "parameter " + p.name;
}

// Scales all gradients in use together so that their joint norm is at most clip_norm.
std::string Updater::Clip(Program& program, int64_t t) const {
  double squares = 0;
  for (std::size_t i = 0; i < network_.parameters().size(); i++) {
    if (!options_.rules[i].LearnsAt(t)) continue;
    const auto g = program.gradient(static_cast<int>(i));
    const double sum = SumOfSquares(program.pool(), g.size(), g.data());
    if (!std::isfinite(sum) && !AllFinite(program.pool(), g))
      return "the gradient of " + network_.parameters()[i].name;
    squares += sum;
  }
  const double norm = std::sqrt(squares);
  if (options_.clip_norm == 0 || norm <= options_.clip_norm) return {};
  for (std::size_t i = 0; i < network_.parameters().size(); i++) {
    const auto g = program.gradient(static_cast<int>(i));
    ScaleBy(program.pool(), static_cast<float>(options_.clip_norm / norm), g.size(), g.data());
  }
  return {};
}

// The first steps count for more: the average of few weights should not remember the start.
void Updater::MoveAverages(ThreadPool& pool, int64_t t) {
  const double steps = static_cast<double>(t), decay = std::min(options_.ema, (1 + steps) / (10 + steps));
  for (const auto& tensors : {network_.parameters(), network_.states()}) {
    for (const NamedTensor& x : tensors) {
      Tensor<float>& average = tensors_.at(AverageName(x.name));
      MoveAverage(pool, 1 - decay, x.value.size(), x.value.data(), average.data());
    }
  }
}

Network Updater::Averaged() const {
  Network copy = network_;
  if (options_.ema == 0) return copy;
  const auto fill = [&](const NamedTensor& x, TensorView<float> to) {
    const Tensor<float>& average = tensors_.at(AverageName(x.name));
    std::copy(average.values().begin(), average.values().end(), to.data());
  };
  for (std::size_t i = 0; i < copy.parameters().size(); i++)
    fill(copy.parameters()[i], copy.MutableParameter(static_cast<int>(i)));
  for (std::size_t i = 0; i < copy.states().size(); i++)
    fill(copy.states()[i], copy.MutableState(static_cast<int>(i)));
  return copy;
}

}  // namespace fovea
