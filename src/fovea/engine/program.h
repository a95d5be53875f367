// A network compiled for one input shape and mode: an ordered list of steps on one planned arena.
//
//   Network net = BuildNetwork("resnet20", {3, 32, 32}, 10);
//   Program program(net, {.mode = Mode::kTraining, .max_batch = 128, .threads = 2});
//   auto logits = program.Forward(images);          // plain NCHW in, plain NC out
//   loss.Backward(logits, labels, dlogits);
//   program.ZeroGradients();
//   program.Backward(dlogits);                      // gradients accumulate
//
// The same bits come out for every number of threads and every instruction set. The network must outlive the
// program and keep its graph; its weights may change, and are packed anew when its version has changed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fovea/engine/arithmetic.h"
#include "fovea/layers/layer.h"
#include "fovea/network/network.h"
#include "fovea/tensor/tensor.h"

#pragma GCC visibility push(default)
namespace fovea {

class ThreadPool;

// kLow: values that are cheap to make again are not kept for the backward pass; the same bits in a little more time. Inference always
// needs little.
enum class Memory { kNormal, kLow };

struct ProgramOptions {
  Mode mode = Mode::kInference;
  int64_t max_batch = 1;
  int threads = 0;  // 0: every processor this process may use
  Arithmetic arithmetic = {};
  Memory memory = Memory::kNormal;
  bool input_gradient = false;  // Backward also computes the gradient of the input
  bool reference_only = false;  // every node by its reference step
  bool profile = false;         // measures the seconds of every step
  bool poison = false;          // test mode: fills every buffer with NaN when its life has ended
};

struct StepInfo {
  std::string nodes;                                      // "bn1+relu1"
  std::string step;                                       // "direct convolution"
  int64_t multiply_adds = 0, backward_multiply_adds = 0;  // of one image, as the sum that the layer is
  int64_t forward_bytes = 0, backward_bytes = 0;          // of the largest batch, see engine/traffic.h
  // With ProgramOptions::profile: of all runs so far.
  double forward_seconds = 0, backward_seconds = 0;
};

class Program {
 public:
  // Throws ArgumentError for max_batch < 1, ShapeError for values that are neither maps nor features.
  Program(Network& network, const ProgramOptions& options);
  ~Program();
  Program(Program&&) noexcept;

  // Runs n <= max_batch images (N,C,H,W); returns the last value in plain layout, valid until the next call.
  // In training mode updates the network's running statistics. Throws ShapeError for a wrong input.
  TensorView<const float> Forward(TensorView<const float> x, CallRandom random = {});
  // Once after each Forward, with the same weights, in a training program: accumulates the gradients of all parameters for `dy`
  // of the output's shape. Throws ShapeError, and ArgumentError where one of these conditions does not hold.
  void Backward(TensorView<const float> dy);

  // Says which parameters need no gradient, one word each; at first none. Backward then ends before the first layer that
  // needs one; what it does compute keeps its bits, and a gradient without need may or may not be computed.
  void Freeze(const std::vector<bool>& frozen);

  void ZeroGradients();
  TensorView<float> gradient(int parameter);
  // Of the last Backward; needs ProgramOptions::input_gradient.
  TensorView<const float> InputGradient();

  // Runs Forward and looks for the first value that is not finite: "layer conv3: output", or empty.
  std::string FindNonFinite(TensorView<const float> x, CallRandom random = {});

  int64_t ArenaBytes() const;  // activations, gradients of activations, packed weights, scratch
  int64_t HeldBytes() const;   // the arena, the gradients of parameters, the output; without the network
  std::vector<StepInfo> Steps() const;
  ThreadPool& pool();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
#pragma GCC visibility pop
