// A step of a program: one node of the network, or a short chain of nodes fused, run on buffers that the
// program owns.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "fovea/base/parallel.h"
#include "fovea/engine/storage.h"
#include "fovea/layers/layer.h"
#include "fovea/network/network.h"

namespace fovea {

// What a step asks of the program, in floats for the largest batch. Declared once, before the memory is
// planned.
struct StepNeeds {
  bool x_in_backward = false;  // Backward reads the inputs
  bool y_in_backward = false;  // Backward reads the output
  bool in_place = false;       // y may be the same buffer as x[0], dx[0] the same as dy
  bool view = false;  // in_place, and the values do not change: y may share x[0] even when others keep it
  bool accumulates = false;  // Backward honours StepCall::accumulate; otherwise the program adds
  int64_t saved = 0;         // written by Forward, read by Backward
  int64_t kept = 0;          // lives as long as the program: packed weights
  int64_t forward_scratch = 0, backward_scratch = 0;
};

// One run. Pointers are fixed when the program is compiled; n, mode, random and pool are set for each run.
struct StepCall {
  int64_t n = 0;
  Mode mode = Mode::kInference;
  CallRandom random;
  ThreadPool* pool = nullptr;

  std::vector<const float*> x;
  float* y = nullptr;
  const float* dy = nullptr;
  std::vector<float*> dx;        // null where not wanted
  std::vector<bool> accumulate;  // dx[i] += instead of dx[i] =
  std::vector<TensorView<const float>> w;
  std::vector<TensorView<float>> dw;  // accumulated, plain layout of the parameter
  std::vector<TensorView<float>> state;
  float *saved = nullptr, *kept = nullptr, *scratch = nullptr;
};

class Step {
 public:
  virtual ~Step() = default;
  // For tables and profiles: "direct convolution".
  virtual std::string_view Name() const = 0;
  virtual StepNeeds Needs() const = 0;
  // Packs weights into `kept`; called when the network's version has changed.
  virtual void Prepare(const StepCall&) {}
  virtual void Forward(const StepCall& call) = 0;
  virtual void Backward(const StepCall& call) = 0;
};

// Where a step would stand: what its factory may look at.
struct Site {
  const Network& network;
  int node = 0;
  Mode mode = Mode::kInference;
  int64_t max_batch = 1;
  int threads = 1;
  bool fast = true;          // Numerics::kFast
  std::vector<Storage> x;    // of the node's inputs
  std::vector<int> readers;  // how many nodes read each value of the network

  const Node& at(int offset = 0) const { return network.nodes()[static_cast<std::size_t>(node + offset)]; }
  // The layer of the node `offset` further on as an L, when that node continues the chain from this one: it
  // reads only the value before it and nobody else does. nullptr otherwise.
  template <class L>
  const L* Layer(int offset = 0) const {
    for (int i = 1; i <= offset; i++) {
      if (node + i >= static_cast<int>(network.nodes().size())) return nullptr;
      if (at(i).inputs != std::vector<int>{node + i} || readers[static_cast<std::size_t>(node + i)] != 1)
        return nullptr;
    }
    return dynamic_cast<const L*>(at(offset).layer.get());
  }
  std::vector<Shape> InputShapes() const { return network.InputShapes(at(), max_batch); }
  Storage OutputStorage(int offset = 0) const { return BlockedStorage(at(offset).shape); }
};

}  // namespace fovea
