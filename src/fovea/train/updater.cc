#include "fovea/train/updater.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "fovea/base/chunks.h"
#include "fovea/base/error.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/optim/vectors.h"

namespace fovea {
namespace {

// Sums over the chunks of several tensors.
struct ChunkSums {
  explicit ChunkSums(const std::vector<int64_t>& counts)
      : ends(ChunkEnds(counts)), chunks(static_cast<std::size_t>(ends.empty() ? 0 : ends.back())) {}
  // Of one tensor: its chunks in order.
  double Of(std::size_t tensor) const {
    const auto begin = chunks.begin() + (tensor == 0 ? 0 : ends[tensor - 1]);
    return std::accumulate(begin, chunks.begin() + ends[tensor], 0.0);
  }
  std::vector<int64_t> ends;
  std::vector<double> chunks;
};

// Whether all values are, whose squares sum up to this: a square may overflow where its value does not.
bool Finite(double squares, TensorView<const float> x) {
  return std::isfinite(squares) ||
         std::all_of(x.values().begin(), x.values().end(), [](float v) { return std::isfinite(v); });
}

// The first steps count for more: the average of few weights should not remember the start.
double AverageShare(double ema, int64_t t) {
  const double steps = static_cast<double>(t);
  return 1 - std::min(ema, (1 + steps) / (10 + steps));
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
  float scale = 1;
  if (std::string wrong = FindScale(program, t, scale); !wrong.empty()) return wrong;
  if (std::string wrong = UpdateAll(program, t, scale); !wrong.empty()) return wrong;
  if (options_.ema == 0) return {};
  for (const NamedTensor& s : network_.states())
    MoveAverage(program.pool(), AverageShare(options_.ema, t), s.value.size(), s.value.data(),
                Average(s.name));
  return {};
}

std::string Updater::FindScale(Program& program, int64_t t, float& scale) const {
  std::vector<int64_t> counts;
  for (std::size_t i = 0; i < network_.parameters().size(); i++)
    counts.push_back(options_.rules[i].LearnsAt(t) ? network_.parameters()[i].value.size() : 0);
  ChunkSums sums(counts);
  ForEachChunkOf(program.pool(), counts, [&](std::size_t i, int64_t first, int64_t count, int64_t chunk) {
    const float* gradient = program.gradient(static_cast<int>(i)).data();
    sums.chunks[static_cast<std::size_t>(chunk)] = Kernels().update.squares(count, gradient + first);
  });
  double squares = 0;
  for (std::size_t i = 0; i < counts.size(); i++) {
    if (counts[i] == 0) continue;
    const double sum = sums.Of(i);
    if (!Finite(sum, program.gradient(static_cast<int>(i))))
      return "the gradient of " + network_.parameters()[i].name;
    squares += sum;
  }
  const double norm = std::sqrt(squares);
  if (options_.clip_norm > 0 && norm > options_.clip_norm)
    scale = static_cast<float>(options_.clip_norm / norm);
  return {};
}

Update Updater::UpdateOf(Program& program, std::size_t i, int64_t t, float scale) {
  const NamedTensor& p = network_.parameters()[i];
  const ParameterRule& rule = options_.rules[i];
  Update update{.rate = rule.RateAt(t),
                .t = t,
                .rows = p.value.shape().rank() > 1 ? p.value.extent(0) : 0,
                .count = p.value.size(),
                .gradient = program.gradient(static_cast<int>(i)).data(),
                .kept = {},
                .parameter = network_.MutableParameter(static_cast<int>(i)).data(),
                .scale = scale};
  for (const std::string& kept : KeptTensors(rule.optimizer))
    update.kept.push_back(tensors_.at(KeptName(kept, p.name)).data());
  return update;
}

std::string Updater::UpdateAll(Program& program, int64_t t, float scale) {
  struct Job {
    PartialStep step;  // none for a parameter that does not learn
    const float* parameter;
    float* average;
  };
  std::vector<Job> jobs;
  std::vector<int64_t> counts;
  for (std::size_t i = 0; i < network_.parameters().size(); i++) {
    const NamedTensor& p = network_.parameters()[i];
    const ParameterRule& rule = options_.rules[i];
    Job job{{}, p.value.data(), options_.ema > 0 ? Average(p.name) : nullptr};
    if (rule.LearnsAt(t))
      job.step = BeginStep(program.pool(), rule.optimizer, UpdateOf(program, i, t, scale));
    counts.push_back(job.step || job.average ? p.value.size() : 0);
    jobs.push_back(std::move(job));
  }
  ChunkSums sums(counts);
  const auto share = static_cast<float>(AverageShare(options_.ema, t));
  ForEachChunkOf(program.pool(), counts, [&](std::size_t i, int64_t first, int64_t count, int64_t chunk) {
    const Job& job = jobs[i];
    if (job.step) job.step(first, count);
    sums.chunks[static_cast<std::size_t>(chunk)] = Kernels().update.squares(count, job.parameter + first);
    if (job.average) Kernels().update.average(count, share, job.parameter + first, job.average + first);
  });
  for (std::size_t i = 0; i < jobs.size(); i++) {
    const NamedTensor& p = network_.parameters()[i];
    if (jobs[i].step && !Finite(sums.Of(i), p.value)) return "parameter " + p.name;
  }
  return {};
}

float* Updater::Average(const std::string& tensor) { return tensors_.at(AverageName(tensor)).data(); }

int64_t Updater::HeldBytes() const {
  int64_t bytes = 0;
  for (const auto& [name, tensor] : tensors_) bytes += tensor.HeldBytes();
  return bytes;
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
