// A residual network on data made here, trained by a loop of one's own; then saved, loaded and asked.
#include <algorithm>
#include <cstdio>
#include <vector>

#include "fovea/base/random.h"
#include "fovea/engine/loss_run.h"
#include "fovea/engine/program.h"
#include "fovea/formats/model_file.h"
#include "fovea/layers/add.h"
#include "fovea/layers/batch_norm.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/relu.h"
#include "fovea/layers/softmax_cross_entropy.h"
#include "fovea/optim/sgd.h"

namespace {

constexpr int64_t kBatch = 32;

// Stripes, lying (class 0) or standing (class 1), in noise.
void DrawBatch(uint64_t number, fovea::Tensor<float>& images, std::vector<int32_t>& labels) {
  for (int64_t n = 0; n < kBatch; n++) {
    fovea::RandomStream random({.seed = 7}, number * kBatch + static_cast<uint64_t>(n));
    const auto label = static_cast<int32_t>(random.Below(2));
    const auto phase = static_cast<int64_t>(random.Below(4));
    for (int64_t h = 0; h < 12; h++) {
      for (int64_t w = 0; w < 12; w++) {
        const bool bright = ((label == 0 ? h : w) + phase) % 4 < 2;
        images(n, 0, h, w) = static_cast<float>((bright ? 1 : -1) + random.Normal());
      }
    }
    labels[static_cast<std::size_t>(n)] = label;
  }
}

fovea::Network MakeNetwork() {
  using namespace fovea;
  Network net({1, 12, 12});
  const int stem = net.Add("stem", Conv2d({.filters = 16, .padding = PadAll(1)}));
  net.Add("norm", BatchNorm());
  net.Add("relu", Relu());
  const int branch = net.Add("conv", Conv2d({.filters = 16, .padding = PadAll(1)}));
  net.Add("join", Add(), {stem, branch});
  net.Add("pool", GlobalAvgPool());
  net.Add("flatten", Flatten());
  net.Add("scores", Linear({.features = 2}));
  net.Initialise(1);
  return net;
}

}  // namespace

int main() {
  fovea::Model model{MakeNetwork(), {.mean = {0}, .deviation = {1}}, {"lying", "standing"}};
  fovea::Network& net = model.network;
  fovea::Tensor<float> images({kBatch, 1, 12, 12}), gradient({kBatch, 2});
  std::vector<int32_t> labels(kBatch);
  std::vector<fovea::Tensor<float>> velocities;
  for (const auto& p : net.parameters()) velocities.emplace_back(p.value.shape());

  fovea::Program training(net, {.mode = fovea::Mode::kTraining, .max_batch = kBatch});
  for (uint64_t step = 0; step < 60; step++) {
    DrawBatch(step, images, labels);
    const auto scores = training.Forward(images);
    const float loss =
        fovea::RunLoss(training.pool(), fovea::SoftmaxCrossEntropy(), scores, labels, gradient);
    training.ZeroGradients();
    training.Backward(gradient);
    for (int i = 0; i < static_cast<int>(velocities.size()); i++) {
      const auto g = training.gradient(i);
      fovea::SgdStep(training.pool(), {}, 0.05, g.size(), g.data(),
                     velocities[static_cast<std::size_t>(i)].data(), net.MutableParameter(i).data());
    }
    if (step % 20 == 19)
      std::printf("step %d: loss %.4f\n", static_cast<int>(step) + 1, static_cast<double>(loss));
  }

  fovea::SaveModel("stripes.safetensors", model);
  fovea::Model loaded = fovea::LoadModel("stripes.safetensors");
  fovea::Program inference(loaded.network, {.max_batch = kBatch});
  DrawBatch(1000, images, labels);
  const auto scores = inference.Forward(images);
  int right = 0;
  for (int64_t n = 0; n < kBatch; n++)
    right += (scores(n, 1) > scores(n, 0)) == (labels[static_cast<std::size_t>(n)] == 1);
  std::printf("%d of %d right\n", right, static_cast<int>(kBatch));
  return right >= 30 ? 0 : 1;
}
