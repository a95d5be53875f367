#include "fovea/engine/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <new>

#include "fovea/base/aligned.h"
#include "fovea/base/chunks.h"
#include "fovea/base/error.h"
#include "fovea/base/measure.h"
#include "fovea/base/parallel.h"
#include "fovea/engine/micro_batch.h"
#include "fovea/engine/schedule.h"
#include "fovea/engine/traffic.h"
#include "fovea/kernels/bfloat16.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/network/reference.h"

namespace fovea {
namespace {

template <class T>
void AddInto(ThreadPool& pool, int64_t numbers, const T* from, T* to) {
  ForEachChunk(pool, numbers / 16, [&](int64_t first, int64_t count) {
    const int64_t at = first * 16;
    Kernels().maps<T>().plane.add(to + at, from + at, count, nullptr, to + at);
  });
}

bool Finite(const float* values, int64_t count) {
  return std::all_of(values, values + count, [](float v) { return std::isfinite(v); });
}

bool Finite(const Storage& storage, int64_t n, const float* values) {
  const int64_t count = n * storage.Numbers();
  if (storage.element == Element::kFloat) return Finite(values, count);
  const auto* halves = As<Bfloat16>(values);
  return std::all_of(halves, halves + count, [](Bfloat16 v) { return std::isfinite(WidenBfloat16(v)); });
}

}  // namespace

class Program::Impl {
 public:
  Impl(Network& network, const ProgramOptions& options)
      : network_(network),
        options_(Checked(options)),
        pool_(options.threads > 0 ? options.threads : HardwareThreads()),
        micro_batch_(WithRoom(network, MicroBatch(network, options))),
        schedule_(MakeSchedule(network, ForImages(micro_batch_), pool_.threads())),
        arena_(MakeAligned<float>(static_cast<std::size_t>(schedule_.plan.floats))),
        output_(network.OutputShape(options.max_batch)) {
    if (options_.mode == Mode::kTraining) {
      for (const auto& p : network.parameters()) gradients_.emplace_back(p.value.shape());
    }
    if (options_.input_gradient) input_gradient_ = Tensor<float>(network.InputShape(options.max_batch));
    MakeCalls();
    Freeze(std::vector<bool>(network.parameters().size()));
    forward_seconds_.resize(schedule_.steps.size());
    backward_seconds_.resize(schedule_.steps.size());
  }

  TensorView<const float> Forward(TensorView<const float> x, CallRandom random, std::string* non_finite) {
    const int64_t n = x.shape().rank() > 0 ? x.extent(0) : 0;
    if (n < 1 || n > options_.max_batch || x.shape() != network_.InputShape(n)) {
      throw ShapeError(fmt::format("the program takes {} with 1 to {} images, got {}",
                                   network_.InputShape(options_.max_batch).ToString(), options_.max_batch,
                                   x.shape().ToString()));
    }
    n_ = n;
    samples_.assign(random.samples.begin(), random.samples.end());
    key_ = random.key;
    if (options_.mode == Mode::kInference && network_.version() != packed_version_) Pack();
    const int64_t image = x.size() / n_, output = output_.size() / options_.max_batch;
    for (int64_t first = 0; first < n_; first += micro_batch_) {
      RunForward(std::min(micro_batch_, n_ - first), x.data() + first * image,
                 output_.data() + first * output, non_finite);
    }
    if (options_.mode == Mode::kTraining && !network_.states().empty()) network_.RaiseVersion();
    forward_version_ = network_.version(), may_backward_ = true;
    return {output_.data(), network_.OutputShape(n_)};
  }

  void Backward(TensorView<const float> dy) {
    if (options_.mode != Mode::kTraining)
      throw ArgumentError("Backward needs a program compiled for training");
    if (n_ == 0 || dy.shape() != network_.OutputShape(n_)) {
      throw ShapeError(fmt::format("the gradient of the output must be {}, got {}",
                                   network_.OutputShape(std::max<int64_t>(n_, 1)).ToString(),
                                   dy.shape().ToString()));
    }
    if (!may_backward_) throw ArgumentError("a backward pass needs a forward pass of its own before it");
    if (forward_version_ != network_.version())
      throw ArgumentError("the weights have changed since the forward pass; run it again");
    may_backward_ = false;
    const ScheduledValue& last = schedule_.values.back();
    FromPlain(pool_, last.storage, n_, dy.data(), Buffer(last.gradient));
    for (std::size_t i = schedule_.steps.size(); i-- > 0;) {
      Remake(schedule_.steps[i].remakes);
      if (!runs_backward_[i]) continue;
      SetRun(backward_[i], i, n_);
      Measured(backward_seconds_[i], [&] { RunBackward(i); });
      Bury(schedule_.BackwardTime(i));
    }
    if (options_.input_gradient) {
      ToPlain(pool_, Value(0).storage, n_, Buffer(Value(0).gradient), input_gradient_.data());
    }
  }

  void Freeze(const std::vector<bool>& frozen) {
    std::vector<bool> wanted(schedule_.values.size());
    wanted[0] = options_.input_gradient;
    runs_backward_.clear();
    for (std::size_t i = 0; i < schedule_.steps.size(); i++) {
      const ScheduledStep& s = schedule_.steps[i];
      bool runs = false;
      for (std::size_t j = 0; j < s.inputs.size(); j++) {
        const bool input = wanted[static_cast<std::size_t>(s.inputs[j])];
        runs |= input;
        backward_[i].dx[j] = input ? GradientBuffer(s, j) : nullptr;
      }
      for (int node = s.node; node < s.node + s.nodes; node++) runs |= Learns(node, frozen);
      runs_backward_.push_back(runs && s.has_backward);
      wanted[static_cast<std::size_t>(s.output)] = runs;
    }
  }

  void ZeroGradients() {
    for (auto& g : gradients_) {
      ForEachChunk(pool_, g.size(),
                   [&](int64_t first, int64_t count) { std::fill_n(g.data() + first, count, 0.0f); });
    }
  }

  TensorView<float> gradient(int i) { return gradients_.at(static_cast<std::size_t>(i)); }

  TensorView<const float> InputGradient() const {
    if (!options_.input_gradient) throw ArgumentError("the program was compiled without input_gradient");
    return {input_gradient_.data(), network_.InputShape(n_)};
  }

  int64_t ArenaBytes() const { return AlignedBytes<float>(schedule_.plan.floats); }
  int64_t HeldBytes() const {
    int64_t bytes = ArenaBytes() + output_.HeldBytes() + input_gradient_.HeldBytes();
    for (const Tensor<float>& gradient : gradients_) bytes += gradient.HeldBytes();
    return bytes;
  }
  ThreadPool& pool() { return pool_; }

  std::vector<StepInfo> Steps() const {
    std::vector<StepInfo> infos;
    for (const ScheduledStep& s : schedule_.steps) {
      StepInfo info;
      for (int i = s.node; i < s.node + s.nodes; i++) {
        const Node& node = network_.nodes()[static_cast<std::size_t>(i)];
        info.nodes += (info.nodes.empty() ? "" : "+") + node.name;
        info.multiply_adds += node.layer->MultiplyAdds(network_.InputShapes(node, 1));
      }
      if (s.has_backward)
        info.backward_multiply_adds = info.multiply_adds * (schedule_.GivesGradient(s) ? 2 : 1);
      const StepTraffic traffic = TrafficOf(network_, schedule_, s, options_.max_batch);
      info.forward_bytes = traffic.forward, info.backward_bytes = traffic.backward;
      info.step = s.step->Name();
      info.forward_seconds = forward_seconds_[infos.size()];
      info.backward_seconds = backward_seconds_[infos.size()];
      infos.push_back(info);
    }
    return infos;
  }

 private:
  static const ProgramOptions& Checked(const ProgramOptions& options) {
    if (options.max_batch < 1)
      throw ArgumentError(fmt::format("max_batch is {}; at least 1", options.max_batch));
    return options;
  }

  // n images, of which no value, nor a list of its numbers, is by itself more than the machine can hold: steps make such lists
  // before the whole is planned.
  static int64_t WithRoom(const Network& network, int64_t n) {
    const auto memory = static_cast<double>(MachineMemory());
    for (const Node& node : network.nodes()) {
      const auto numbers = static_cast<double>(node.shape.Size());
      if (std::max(4.0 * static_cast<double>(n), 16.0) * numbers > memory) throw std::bad_alloc();
    }
    return n;
  }

  ProgramOptions ForImages(int64_t n) const {
    ProgramOptions options = options_;
    options.max_batch = n;
    return options;
  }

  const ScheduledValue& Value(int v) const { return schedule_.values[static_cast<std::size_t>(v)]; }

  float* Buffer(int index) const {
    return index < 0 ? nullptr : arena_.get() + schedule_.plan.offsets[static_cast<std::size_t>(index)];
  }

  void MakeCalls() {
    for (const ScheduledStep& s : schedule_.steps) {
      StepCall call;
      call.mode = options_.mode;
      call.pool = &pool_;
      for (int v : s.inputs) call.x.push_back(Buffer(Value(v).buffer));
      call.y = Buffer(Value(s.output).buffer);
      call.saved = Buffer(s.saved), call.packed = Buffer(s.forward_packed),
      call.scratch = Buffer(s.forward_scratch);
      for (int node = s.node; node < s.node + s.nodes; node++) AddTensors(node, call);
      forward_.push_back(call);
      call.packed = Buffer(s.backward_packed), call.scratch = Buffer(s.backward_scratch);
      for (std::size_t j = 0; j < s.inputs.size(); j++) call.x[j] = Buffer(Value(s.inputs[j]).backward);
      call.y = Buffer(Value(s.output).backward);
      call.dy = Buffer(Value(s.output).gradient);
      for (std::size_t j = 0; j < s.inputs.size(); j++) {
        call.dx.push_back(nullptr);  // Freeze
        call.accumulate.push_back(!s.later.empty() && s.later[j] && !Sums(s, j));
      }
      backward_.push_back(std::move(call));
    }
  }

  // Whether the gradient of an input waits to be added to that of its other readers.
  static bool Sums(const ScheduledStep& s, std::size_t input) {
    return !s.sums.empty() && s.sums[input] >= 0;
  }
  float* GradientBuffer(const ScheduledStep& s, std::size_t input) const {
    return Buffer(Sums(s, input) ? s.sums[input] : Value(s.inputs[input]).gradient);
  }

  bool Learns(int node_index, const std::vector<bool>& frozen) const {
    const Node& node = network_.nodes()[static_cast<std::size_t>(node_index)];
    const auto first = frozen.begin() + node.first_parameter;
    return std::find(first, first + node.parameters, false) != first + node.parameters;
  }

  void AddTensors(int node_index, StepCall& call) {
    const Node& node = network_.nodes()[static_cast<std::size_t>(node_index)];
    for (int i = node.first_parameter; i < node.first_parameter + node.parameters; i++) {
      call.w.push_back(network_.parameters()[static_cast<std::size_t>(i)].value);
      if (!gradients_.empty()) call.dw.push_back(gradients_[static_cast<std::size_t>(i)]);
    }
    for (int i = node.first_state; i < node.first_state + node.states; i++) {
      call.state.push_back(network_.KeptState(i));
    }
  }

  // Of n images, from plain layout to plain layout.
  void RunForward(int64_t n, const float* x, float* y, std::string* non_finite) {
    FromPlain(pool_, Value(0).storage, n, x, Buffer(Value(0).buffer));
    Bury(0);
    for (std::size_t i = 0; i < schedule_.steps.size(); i++) {
      SetRun(forward_[i], i, n);
      Measured(forward_seconds_[i], [&] {
        if (options_.mode == Mode::kTraining) schedule_.steps[i].step->PackForward(forward_[i]);
        schedule_.steps[i].step->Forward(forward_[i]);
      });
      if (non_finite && non_finite->empty()) *non_finite = CheckStep(i, n);
      Bury(schedule_.ForwardTime(i));
    }
    const ScheduledValue& last = schedule_.values.back();
    ToPlain(pool_, last.storage, n, Buffer(last.buffer), y);
    Bury(schedule_.OutputTime());
  }

  void SetRun(StepCall& call, std::size_t step, int64_t n) {
    call.n = n;
    call.random = {NodeKey(key_, schedule_.steps[step].node), samples_};
  }

  void Pack() {
    for (std::size_t i = 0; i < schedule_.steps.size(); i++) {
      forward_[i].n = micro_batch_;
      schedule_.steps[i].step->PackForward(forward_[i]);
    }
    packed_version_ = network_.version();
  }

  void Remake(const std::vector<ScheduledRemake>& remakes) {
    for (const ScheduledRemake& remake : remakes) {
      if (std::none_of(remake.readers.begin(), remake.readers.end(),
                       [&](std::size_t i) { return runs_backward_[i]; }))
        continue;
      for (std::size_t i : remake.writers) {
        SetRun(backward_[i], i, n_);
        Measured(backward_seconds_[i], [&] { schedule_.steps[i].step->Remake(backward_[i]); });
      }
    }
  }

  void RunBackward(std::size_t i) {
    const ScheduledStep& s = schedule_.steps[i];
    s.step->PackBackward(backward_[i]);
    s.step->Backward(backward_[i]);
    for (std::size_t j = 0; j < s.inputs.size(); j++) {
      if (!Sums(s, j) || backward_[i].dx[j] == nullptr) continue;
      const ScheduledValue& x = Value(s.inputs[j]);
      float *from = Buffer(s.sums[j]), *to = Buffer(x.gradient);
      const int64_t numbers = x.storage.Numbers() * n_;
      if (x.storage.element == Element::kFloat) {
        AddInto(pool_, numbers, from, to);
      } else {
        AddInto(pool_, numbers, As<Bfloat16>(from), As<Bfloat16>(to));
      }
    }
  }

  template <class Run>
  void Measured(double& seconds, const Run& run) {
    if (!options_.profile) return run();
    const auto start = std::chrono::steady_clock::now();
    run();
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  std::string CheckStep(std::size_t i, int64_t n) const {
    const ScheduledStep& s = schedule_.steps[i];
    const std::string name = Steps()[i].nodes;
    const StepCall& call = forward_[i];
    for (std::size_t j = 0; j < call.w.size(); j++) {
      if (!Finite(call.w[j].data(), call.w[j].size())) return fmt::format("layer {}: parameter {}", name, j);
    }
    const ScheduledValue& y = Value(s.output);
    return Finite(y.storage, n, Buffer(y.buffer)) ? "" : fmt::format("layer {}: output", name);
  }

  void Bury(int time) {
    if (!options_.poison) return;
    for (std::size_t i = 0; i < schedule_.lives.size(); i++) {
      const BufferLife& life = schedule_.lives[i];
      if (life.last != time || life.floats == 0) continue;
      std::fill_n(Buffer(static_cast<int>(i)), life.floats, kPoison);
    }
  }

  Network& network_;
  const ProgramOptions options_;
  ThreadPool pool_;
  const int64_t micro_batch_;
  Schedule schedule_;
  AlignedArray<float> arena_;
  Tensor<float> output_, input_gradient_;
  std::vector<Tensor<float>> gradients_;
  std::vector<StepCall> forward_, backward_;
  std::vector<bool> runs_backward_;  // of each step
  std::vector<double> forward_seconds_, backward_seconds_;
  uint64_t packed_version_ = 0, forward_version_ = 0;
  bool may_backward_ = false;  // buffers are used again: once for each forward pass
  int64_t n_ = 0;
  std::vector<int64_t> samples_;
  RandomKey key_;
};

Program::Program(Network& network, const ProgramOptions& options)
    : impl_(std::make_unique<Impl>(network, options)) {}
Program::~Program() = default;
Program::Program(Program&&) noexcept = default;

TensorView<const float> Program::Forward(TensorView<const float> x, CallRandom random) {
  return impl_->Forward(x, random, nullptr);
}
void Program::Backward(TensorView<const float> dy) { impl_->Backward(dy); }
void Program::Freeze(const std::vector<bool>& frozen) { impl_->Freeze(frozen); }
void Program::ZeroGradients() { impl_->ZeroGradients(); }
TensorView<float> Program::gradient(int parameter) { return impl_->gradient(parameter); }
TensorView<const float> Program::InputGradient() { return impl_->InputGradient(); }
int64_t Program::ArenaBytes() const { return impl_->ArenaBytes(); }
int64_t Program::HeldBytes() const { return impl_->HeldBytes(); }
std::vector<StepInfo> Program::Steps() const { return impl_->Steps(); }
ThreadPool& Program::pool() { return impl_->pool(); }

std::string Program::FindNonFinite(TensorView<const float> x, CallRandom random) {
  std::string found;
  impl_->Forward(x, random, &found);
  return found;
}

}  // namespace fovea
