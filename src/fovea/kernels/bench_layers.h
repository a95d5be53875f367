// What the benchmarks of convolutions share, these kernels' and the peers' in bench/peers/: the layers, their arithmetic,
// and how a pass is measured, by Google Benchmark, beside the machine's peak.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "fovea/kernels/conv_pass.h"

namespace fovea {

// A square convolution with padding kernel/2. One without blocks of channels (c <= 4) is a network's first layer.
struct BenchLayer {
  int64_t n, c, k, map, kernel, stride = 1;
  bool depthwise = false;

  ConvGeometry Geometry() const;
  std::string Name() const;  // "3x3s2 64->128 @32 b128"
  // "forward"; then "backward-data" (not of a first layer) and "weight-gradient", or "backward": both of a depthwise layer,
  // which share what they read.
  std::vector<std::string> Passes() const;
  double Gflop(const std::string& pass) const;  // of the sum as it is written, whatever the method
  double Mib(const std::string& pass) const;    // what it at least moves: each tensor once
};

// Layers of ResNet, VGG and MobileNetV2 for large images and for small ones (batch 128).
std::span<const BenchLayer> BenchLayers();

// A layer's passes by name, ready to run on buffers of their own.
using BenchPasses = std::map<std::string, std::function<void()>>;

// A method for a layer. `make` is called when a pass is to be run; the passes of one method live at a time. `probe` gives the
// machine's peak in GFLOP/s. `label` ends up in the report.
struct BenchMethod {
  BenchLayer layer;
  std::string name, label;
  std::function<BenchPasses()> make;
  std::function<double()> probe;
};

// Registers "LAYER/METHOD/PASS" for each pass, with the counters GF/s, %peak (of the mean of two probes, right before and right
// after) and MiB. A pass that is not made counts as an error.
void RegisterMethod(BenchMethod method);

// Runs what the flags given to benchmark::Initialize select; prints `title` and a line for each: the median of its
// repetitions.
void RunPasses(const std::string& title);

}  // namespace fovea
