#include "fovea/train/evaluate.h"

#include <gtest/gtest.h>

#include "fovea/data/pixel_table.h"
#include "fovea/layers/softmax_cross_entropy.h"
#include "fovea/network/architectures.h"

namespace fovea {
namespace {

constexpr int64_t kImages = 12;

// The scores of the test images as one view shows them, image by image.
Tensor<float> ScoresOf(Model& model, const Dataset& data, const Shift& shift) {
  Program program(model.network, {.max_batch = 1, .threads = 1});
  const PixelTable table(model.preprocessing);
  Tensor<float> scores({kImages, 10}), input(model.network.InputShape(1));
  std::vector<uint8_t> pixels(static_cast<std::size_t>(input.size())), shown(pixels.size());
  for (int64_t i = 0; i < kImages; i++) {
    data.Read(Split::kTest, i, pixels.data());
    ShiftImage(shift, data.ImageShape(), pixels.data(), shown.data());
    table.Apply(data.ImageShape(), shown.data(), input.data());
    const auto y = program.Forward(input);
    std::copy_n(y.data(), 10, &scores(i, 0));
  }
  return scores;
}

TEST(Evaluate, AveragesTheScoresOfAllViews) {
  const auto data = OpenDataset("glyphs");
  const auto channels = static_cast<std::size_t>(data->ImageShape()[0]);
  Model model{BuildNetwork("lenet5", data->ImageShape(), 10),
              {std::vector<double>(channels, 0.2), std::vector<double>(channels, 0.3)},
              data->Classes()};
  model.network.Initialise(3);
  std::vector<int64_t> indices;
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < kImages; i++) indices.push_back(i), labels.push_back(data->Label(Split::kTest, i));
  double last = 0;
  for (const char* name : {"none", "mirror", "mirror+shift"}) {
    Tensor<float> average({kImages, 10});
    for (const View& view : ViewsOf(name)) {
      const Tensor<float> scores = ScoresOf(model, *data, view.shift);
      for (int64_t i = 0; i < average.size(); i++) average[i] += view.weight * scores[i];
    }
    const double want = static_cast<double>(SoftmaxCrossEntropy().RunForward(average, labels));
    const Evaluation got =
        Evaluate(model, *data, Split::kTest, indices, {.batch = 5, .threads = 2, .views = ViewsOf(name)});
    EXPECT_NEAR(got.loss, want, 1e-5) << name;  // means of a dozen floats near 2
    EXPECT_NE(got.loss, last);
    last = got.loss;
    for (int64_t i = 0; i < kImages; i++) {
      EXPECT_EQ(got.samples[static_cast<std::size_t>(i)].prediction, ArgMax(&average(i, 0), 10));
    }
  }
}

}  // namespace
}  // namespace fovea
