// oneDNN's convolutions on the layers of Fovea's own benchmark, by the same flags (src/fovea/kernels/bench_layers.h): its
// direct and its Winograd algorithm in the layouts that it likes best for each pass; reorders are not counted. Threads by
// OMP_NUM_THREADS.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <omp.h>

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fovea/base/aligned.h"
#include "fovea/base/parallel.h"
#include "fovea/kernels/bench_layers.h"
#include "fovea/kernels/peak.h"

namespace {

using dnnl::memory;
using fovea::BenchLayer;
using fovea::BenchPasses;

const dnnl::engine& Engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

// The same probe as Fovea's, on OpenMP's threads, since those of another pool would find these still spinning: all wait for the
// slowest.
double Probe() {
  double slowest = std::numeric_limits<double>::max();
#pragma omp parallel reduction(min : slowest)
  {
    fovea::ThreadPool one(1);
    slowest = fovea::ProbePeak(one, 3);
  }
  return omp_get_max_threads() * slowest;
}

// A primitive with its tensors, on memory as Fovea allocates it.
std::function<void()> Ready(const dnnl::primitive& primitive,
                            const std::vector<std::pair<int, memory::desc>>& tensors) {
  auto owned = std::make_shared<std::vector<fovea::AlignedArray<float>>>();
  std::unordered_map<int, memory> arguments;
  for (const auto& [argument, desc] : tensors) {
    const std::size_t floats = desc.get_size() / sizeof(float);
    owned->push_back(fovea::MakeAligned<float>(floats));
    float* values = owned->back().get();
    for (std::size_t i = 0; i < floats; i++) values[i] = static_cast<float>(i % 7) - 3;
    arguments.emplace(argument, memory(desc, Engine(), values));
  }
  return [primitive, arguments, owned, stream = dnnl::stream(Engine())]() mutable {
    primitive.execute(stream, arguments);
    stream.wait();
  };
}

// Leaves out a pass that this version does not have.
template <class Make>
void Try(const Make& make) {
  try {
    make();
  } catch (const dnnl::error& error) {
    if (error.status != dnnl_unimplemented) throw;
  }
}

BenchPasses Passes(const BenchLayer& layer, dnnl::algorithm algorithm) {
  const auto g = layer.Geometry();
  const auto any = [](const memory::dims& dims) {
    return memory::desc(dims, memory::data_type::f32, memory::format_tag::any);
  };
  const memory::desc x = any({layer.n, g.c, g.h, g.w}), y = any({layer.n, g.k, g.OutH(), g.OutW()});
  const memory::desc w = layer.depthwise ? any({g.groups, 1, 1, g.kh, g.kw}) : any({g.k, g.c, g.kh, g.kw});
  const memory::dims strides{g.sh, g.sw}, before{g.pt, g.pl}, after{g.pb, g.pr};
  BenchPasses passes;
  Try([&] {
    using Forward = dnnl::convolution_forward;
    const Forward::primitive_desc forward(
        {dnnl::prop_kind::forward_training, algorithm, x, w, y, strides, before, after}, Engine());
    passes["forward"] = Ready(Forward(forward), {{DNNL_ARG_SRC, forward.src_desc()},
                                                 {DNNL_ARG_WEIGHTS, forward.weights_desc()},
                                                 {DNNL_ARG_DST, forward.dst_desc()}});
    Try([&] {
      using Backward = dnnl::convolution_backward_data;
      const Backward::primitive_desc pd({algorithm, x, w, y, strides, before, after}, Engine(), forward);
      passes["backward-data"] = Ready(Backward(pd), {{DNNL_ARG_DIFF_DST, pd.diff_dst_desc()},
                                                     {DNNL_ARG_WEIGHTS, pd.weights_desc()},
                                                     {DNNL_ARG_DIFF_SRC, pd.diff_src_desc()}});
    });
    Try([&] {
      using Backward = dnnl::convolution_backward_weights;
      const Backward::primitive_desc pd({algorithm, x, w, y, strides, before, after}, Engine(), forward);
      passes["weight-gradient"] = Ready(Backward(pd), {{DNNL_ARG_SRC, pd.src_desc()},
                                                       {DNNL_ARG_DIFF_DST, pd.diff_dst_desc()},
                                                       {DNNL_ARG_DIFF_WEIGHTS, pd.diff_weights_desc()}});
    });
  });
  if (layer.depthwise) {
    passes["backward"] = [data = passes.at("backward-data"), weights = passes.at("weight-gradient")] {
      data();
      weights();
    };
  }
  return passes;
}

void Register(const BenchLayer& layer, const char* method, dnnl::algorithm algorithm) {
  fovea::RegisterMethod({layer, method, "", [=] { return Passes(layer, algorithm); }, Probe});
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  for (const BenchLayer& layer : fovea::BenchLayers()) {
    Register(layer, "direct", dnnl::algorithm::convolution_direct);
    if (layer.kernel == 3 && layer.stride == 1 && !layer.depthwise && !layer.Geometry().image)
      Register(layer, "winograd", dnnl::algorithm::convolution_winograd);
  }
  const dnnl_version_t* version = dnnl_version();
  fovea::RunPasses(fmt::format("oneDNN {}.{}.{}, {} threads, peak {:.0f} GF/s", version->major,
                               version->minor, version->patch, omp_get_max_threads(), Probe()));
  return 0;
}
