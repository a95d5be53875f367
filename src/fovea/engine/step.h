// A step of a program: one node of the network, or a short chain of nodes fused, run on buffers that the
// program owns.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/base/parallel.h"
#include "fovea/engine/arithmetic.h"
#include "fovea/engine/storage.h"
#include "fovea/kernels/isa/plane.h"
#include "fovea/layers/layer.h"
#include "fovea/network/network.h"

namespace fovea {

// What a step asks of the program, in floats for the largest batch. Declared once, before the memory is
// planned.
struct StepNeeds {
  std::vector<int> x_in_backward;  // the inputs that Backward reads
  bool y_in_backward = false;      // Backward reads the output
  bool in_place = false;           // y may be the same buffer as x[0], dx[0] the same as dy
  bool view = false;     // in_place, and the values do not change: y may share x[0] even when others keep it
  bool remakes = false;  // Remake gives y again
  bool accumulates = false;  // Backward honours StepCall::accumulate; otherwise the program adds
  bool normalises = false;   // x[0] may be read through StepCall::norm
  int forward_again = 0,
      backward_again = 0;  // how often maps like x[0] are gone through after the first time
  int64_t saved = 0;       // written by Forward, read by Backward
  // Packed weights: written by PackForward and read by Forward, and the same of Backward.
  int64_t forward_packed = 0, backward_packed = 0;
  int64_t forward_scratch = 0, backward_scratch = 0;
};

// One run. Pointers are fixed when the program is compiled; n, mode, random and pool are set for each run.
struct StepCall {
  int64_t n = 0;
  Mode mode = Mode::kInference;
  CallRandom random;
  ThreadPool* pool = nullptr;

  // Values hold what their storage says.
  std::vector<const float*> x;
  const Normalisation* norm = nullptr;  // of all channels: x[0] is what it gives
  float* y = nullptr;
  float* dy = nullptr;           // nobody reads it afterwards
  std::vector<float*> dx;        // null where not wanted
  std::vector<bool> accumulate;  // dx[i] += instead of dx[i] =
  std::vector<TensorView<const float>> w;
  std::vector<TensorView<float>> dw;  // accumulated, plain layout of the parameter
  std::vector<TensorView<float>> state;
  float *saved = nullptr, *packed = nullptr, *scratch = nullptr;  // packed: those of the pass
};

class Step {
 public:
  virtual ~Step() = default;
  // For tables and profiles: "direct convolution".
  virtual std::string_view Name() const = 0;
  virtual StepNeeds Needs() const = 0;
  // Pack weights into `packed`: before every Forward and Backward of a training program, where they change from step to step; in an
  // inference program when the network's version has changed.
  virtual void PackForward(const StepCall&) {}
  virtual void PackBackward(const StepCall&) {}
  virtual void Forward(const StepCall& call) = 0;
  virtual void Backward(const StepCall& call) = 0;
  // During the backward pass: makes y again, the same bits, from x and `saved`. Leaves `saved`, `state` and `scratch` alone.
  virtual void Remake(const StepCall& call) { Forward(call); }
};

// Where a step would stand: what its factory may look at.
struct Site {
  const Network& network;
  int node = 0;
  Mode mode = Mode::kInference;
  int64_t max_batch = 1;
  int threads = 1;
  Arithmetic arithmetic = {};
  std::vector<Storage> values;  // of the network, as far as they are placed
  std::vector<Storage> x;       // of the node's inputs
  std::vector<int> readers;     // how many nodes read each value of the network
  std::vector<bool> turned;     // which values are stored turned (engine/turned.h)
  bool halves = false;          // maps are stored as Bfloat16

  const Node& at(int offset = 0) const { return network.nodes()[static_cast<std::size_t>(node + offset)]; }
  // The layer of the node `offset` further on as an L, when the nodes up to it continue the chain from this one: each reads
  // only the value before it and nobody else does. nullptr otherwise.
  template <class L>
  const L* Layer(int offset = 0) const {
    for (int i = 1; i <= offset; i++) {
      if (!Follows(i) || at(i).inputs.size() != 1) return nullptr;
    }
    return dynamic_cast<const L*>(at(offset).layer.get());
  }
  // The other value that the next node reads, when it is an L of two inputs that continues the chain; -1 otherwise.
  template <class L>
  int Joined() const {
    if (!Follows(1) || at(1).inputs.size() != 2 || !dynamic_cast<const L*>(at(1).layer.get())) return -1;
    const int a = at(1).inputs[0], b = at(1).inputs[1];
    return a == node + 1 ? b : a;
  }
  // Whether the node `offset` further on is the only one to read the value before it, once.
  bool Follows(int offset) const {
    const int value = node + offset;
    if (value >= static_cast<int>(network.nodes().size()) || readers[static_cast<std::size_t>(value)] != 1)
      return false;
    const std::vector<int>& inputs = at(offset).inputs;
    return std::find(inputs.begin(), inputs.end(), value) != inputs.end();
  }
  // Of the node whose layer this is.
  std::string NameOf(const fovea::Layer& layer) const {
    const auto& nodes = network.nodes();
    return std::find_if(nodes.begin(), nodes.end(), [&](const Node& n) { return n.layer.get() == &layer; })
        ->name;
  }
  // The same, seen from the node `offset` further on.
  Site From(int offset) const {
    Site site = *this;
    site.node += offset;
    return site;
  }
  std::vector<Shape> InputShapes() const { return network.InputShapes(at(), max_batch); }
  // Maps are stored as the program multiplies, features as floats.
  Storage OutputStorage(int offset = 0) const {
    const bool is_turned = turned[static_cast<std::size_t>(node + offset) + 1];
    Storage y = is_turned ? TurnedStorage(at(offset).shape) : BlockedStorage(at(offset).shape);
    if (halves && at(offset).shape.rank() == 4) y.element = Element::kBfloat16;
    return y;
  }
  // The same with maps of floats.
  Site Widened() const {
    Site site = *this;
    site.halves = false;
    for (Storage& input : site.x) input = input.Widened();
    for (Storage& value : site.values) value = value.Widened();
    return site;
  }
};

// A step for maps of this element, MapStep<float> or MapStep<Bfloat16>.
template <template <class T> class MapStep, class... Arguments>
std::unique_ptr<Step> MakeMapStep(Element element, const Arguments&... arguments) {
  if (element == Element::kFloat) return std::make_unique<MapStep<float>>(arguments...);
  return std::make_unique<MapStep<Bfloat16>>(arguments...);
}

}  // namespace fovea
