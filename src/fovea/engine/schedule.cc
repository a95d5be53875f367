#include "fovea/engine/schedule.h"

#include <algorithm>

#include "fovea/base/checked.h"
#include "fovea/engine/recomputation.h"
#include "fovea/engine/turned.h"

namespace fovea {
namespace {

class Scheduler {
 public:
  Scheduler(const Network& network, const ProgramOptions& options, int threads)
      : network_(network),
        options_(options),
        threads_(threads),
        training_(options.mode == Mode::kTraining),
        low_(LowMemory(options)) {
    CountReaders();
    turned_.assign(static_cast<std::size_t>(network.ValueCount()), false);
    if (!options.reference_only) turned_ = TurnedValues(network);
    PlaceInput();
    ChooseSteps();
    FindGradients();
    AddValueLives();
    KeepForBackward();
    AddStepLives();
    if (training_) AddGradientLives();
    schedule_.plan = PlanMemory(schedule_.lives);
  }

  Schedule Take() { return std::move(schedule_); }

 private:
  ScheduledValue& Value(int v) { return schedule_.values[static_cast<std::size_t>(v)]; }
  BufferLife& Life(int buffer) { return schedule_.lives[static_cast<std::size_t>(buffer)]; }

  int AddLife(int64_t floats, int first, int last) {
    if (floats == 0) return -1;
    schedule_.lives.push_back({floats, first, last});
    return static_cast<int>(schedule_.lives.size()) - 1;
  }

  void Extend(int buffer, int time) {
    Life(buffer).first = std::min(Life(buffer).first, time);
    Life(buffer).last = std::max(Life(buffer).last, time);
  }

  bool Halves() const {
    return options_.arithmetic.precision == Precision::kBfloat16 && !options_.reference_only;
  }

  int64_t ValueFloats(int v) { return CheckedMultiply(Value(v).storage.Floats(), options_.max_batch); }

  Site SiteOf(int node) {
    Site site{network_, node,    options_.mode, options_.max_batch, threads_, options_.arithmetic, {}, {},
              readers_, turned_, Halves()};
    for (const ScheduledValue& value : schedule_.values) site.values.push_back(value.storage);
    for (int v : network_.nodes()[static_cast<std::size_t>(node)].inputs) site.x.push_back(Value(v).storage);
    return site;
  }

  void CountReaders() {
    readers_.assign(static_cast<std::size_t>(network_.ValueCount()), 0);
    for (const Node& node : network_.nodes()) {
      for (int v : node.inputs) readers_[static_cast<std::size_t>(v)]++;
    }
    readers_.back()++;  // the user reads the output
  }

  void PlaceInput() {
    schedule_.values.resize(static_cast<std::size_t>(network_.ValueCount()));
    Storage& input = Value(0).storage;
    input = BlockedStorage(network_.InputShape(1));
    if (Halves() && network_.InputShape(1).rank() == 4) input.element = Element::kBfloat16;
    if (input.c > 4 || options_.input_gradient || options_.reference_only) return;
    const Storage blocked = input;
    input = {Layout::kImage, input.c, input.h, input.w};
    for (std::size_t i = 0; i < network_.nodes().size(); i++) {
      const auto& inputs = network_.nodes()[i].inputs;
      const bool reads = std::find(inputs.begin(), inputs.end(), 0) != inputs.end();
      if (reads && !AcceptsImage(SiteOf(static_cast<int>(i)))) input = blocked;
      if (input == blocked) return;
    }
  }

  void ChooseSteps() {
    const int count = static_cast<int>(network_.nodes().size());
    for (int node = 0; node < count;) {
      const Site site = SiteOf(node);
      StepChoice choice = options_.reference_only ? LastResort(site) : ChooseStep(site);
      ScheduledStep scheduled;
      scheduled.needs = choice.step->Needs();
      scheduled.step = std::move(choice.step);
      scheduled.node = node, scheduled.nodes = choice.nodes;
      scheduled.inputs = choice.first_inputs;
      scheduled.inputs.insert(scheduled.inputs.end(), site.at().inputs.begin(), site.at().inputs.end());
      scheduled.output = node + choice.nodes;
      Value(scheduled.output).storage = choice.y;
      schedule_.steps.push_back(std::move(scheduled));
      node += choice.nodes;
    }
  }

  void FindGradients() {
    wanted_.assign(schedule_.values.size(), false);
    wanted_[0] = options_.input_gradient;
    for (ScheduledStep& s : schedule_.steps) {
      bool wanted = false;
      for (int i = s.node; i < s.node + s.nodes; i++) {
        wanted |= network_.nodes()[static_cast<std::size_t>(i)].parameters > 0;
      }
      for (int v : s.inputs) wanted |= wanted_[static_cast<std::size_t>(v)];
      s.has_backward = training_ && wanted;
      wanted_[static_cast<std::size_t>(s.output)] = wanted;
    }
  }

  // Whether the output of `s` can take over the buffer of its first input.
  bool SharesInput(const ScheduledStep& s) {
    const int x = s.inputs[0];
    if (x == 0 || readers_[static_cast<std::size_t>(x)] != 1) return false;
    if (ValueFloats(x) != ValueFloats(s.output)) return false;
    if (s.needs.view) return true;
    return s.needs.in_place && ValueBufferOf(x).readers.empty();
  }

  ValueBuffer& ValueBufferOf(int value) { return buffers_[static_cast<std::size_t>(Value(value).buffer)]; }

  // Of the forward pass. A buffer that some backward pass reads is no more changed in place.
  void AddValueLives() {
    AddValueBuffer(0, 0);
    for (std::size_t i = 0; i < schedule_.steps.size(); i++) {
      ScheduledStep& s = schedule_.steps[i];
      const int forward = schedule_.ForwardTime(i);
      for (int v : s.inputs) Extend(Value(v).buffer, forward);
      for (int j : s.needs.x_in_backward) {
        if (s.has_backward) ValueBufferOf(s.inputs[static_cast<std::size_t>(j)]).readers.push_back(i);
      }
      if (SharesInput(s)) {
        Value(s.output).buffer = Value(s.inputs[0]).buffer;
      } else {
        AddValueBuffer(s.output, forward);
      }
      ValueBuffer& y = ValueBufferOf(s.output);
      y.writers.push_back(i);
      for (int v : s.inputs) {
        if (Value(v).buffer != Value(s.output).buffer) y.inputs.push_back(Value(v).buffer);
      }
      if (s.has_backward && s.needs.y_in_backward) y.readers.push_back(i);
    }
    Extend(Value(network_.ValueCount() - 1).buffer, schedule_.OutputTime());
  }

  void AddValueBuffer(int value, int time) {
    Value(value).buffer = AddLife(ValueFloats(value), time, time);
    buffers_.emplace_back();
  }

  // A buffer lives on for the backward passes that read it, or is made again for them.
  void KeepForBackward() {
    std::vector<bool> remade(buffers_.size());
    if (low_) remade = ChooseRemade(schedule_.steps, buffers_);
    std::vector<int> backward(buffers_.size());
    for (std::size_t b = 0; b < buffers_.size(); b++) {
      const ValueBuffer& buffer = buffers_[b];
      backward[b] = static_cast<int>(b);
      if (buffer.readers.empty()) continue;
      const int first = schedule_.BackwardTime(buffer.readers.back()),
                last = schedule_.BackwardTime(buffer.readers.front());
      if (remade[b]) {
        backward[b] = AddLife(schedule_.lives[b].floats, first, last);
        for (int input : buffer.inputs) Extend(input, first);
        schedule_.steps[buffer.readers.back()].remakes.push_back({buffer.writers, buffer.readers});
      } else {
        Extend(static_cast<int>(b), last);
      }
    }
    for (ScheduledValue& value : schedule_.values) {
      if (value.buffer >= 0) value.backward = backward[static_cast<std::size_t>(value.buffer)];
    }
  }

  void AddStepLives() {
    for (std::size_t i = 0; i < schedule_.steps.size(); i++) {
      ScheduledStep& s = schedule_.steps[i];
      const int forward = schedule_.ForwardTime(i), backward = schedule_.BackwardTime(i);
      s.forward_packed =
          AddLife(s.needs.forward_packed, training_ ? forward : 0, training_ ? forward : schedule_.EndTime());
      if (s.has_backward) s.backward_packed = AddLife(s.needs.backward_packed, backward, backward);
      s.forward_scratch = AddLife(s.needs.forward_scratch, forward, forward);
      s.saved = AddLife(s.needs.saved, forward, s.has_backward ? backward : forward);
      if (s.has_backward) s.backward_scratch = AddLife(s.needs.backward_scratch, backward, backward);
    }
  }

  void AddGradientLives() {
    ScheduledValue& last = Value(network_.ValueCount() - 1);
    last.gradient =
        AddLife(ValueFloats(network_.ValueCount() - 1), schedule_.OutputTime(), schedule_.OutputTime());
    for (std::size_t i = schedule_.steps.size(); i-- > 0;) {
      ScheduledStep& s = schedule_.steps[i];
      s.sums.assign(s.inputs.size(), -1);
      s.later.assign(s.inputs.size(), false);
      if (!s.has_backward) continue;
      const int time = schedule_.BackwardTime(i);
      const int dy = Value(s.output).gradient;
      Extend(dy, time);
      for (std::size_t j = 0; j < s.inputs.size(); j++) {
        const int v = s.inputs[j];
        if (!wanted_[static_cast<std::size_t>(v)]) continue;
        int& dx = Value(v).gradient;
        if (dx >= 0) {
          s.later[j] = true;
          Extend(dx, time);
          if (!s.needs.accumulates) s.sums[j] = AddLife(ValueFloats(v), time, time);
        } else if ((s.needs.in_place || s.needs.view) && j == 0 &&
                   std::count(s.inputs.begin(), s.inputs.end(), v) == 1 &&
                   ValueFloats(v) == ValueFloats(s.output)) {
          dx = dy;
        } else {
          dx = AddLife(ValueFloats(v), time, time);
        }
      }
    }
    if (options_.input_gradient && Value(0).gradient >= 0) Extend(Value(0).gradient, schedule_.EndTime());
  }

  const Network& network_;
  const ProgramOptions& options_;
  const int threads_;
  const bool training_, low_;
  Schedule schedule_;
  std::vector<int> readers_;
  std::vector<bool> turned_;
  std::vector<bool> wanted_;
  std::vector<ValueBuffer> buffers_;  // as schedule_.lives begins
};

}  // namespace

Schedule MakeSchedule(const Network& network, const ProgramOptions& options, int threads) {
  return Scheduler(network, options, threads).Take();
}

}  // namespace fovea
