// Trains, saves, loads and predicts: what `fovea train` and `fovea predict` do, from C++.
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "fovea/data/pixel_table.h"
#include "fovea/engine/program.h"
#include "fovea/formats/model_file.h"
#include "fovea/train/trainer.h"

int main() {
  fovea::TrainConfig config;
  config.data = "glyphs", config.network = "lenet5", config.out = "train_and_predict_run", config.epochs = 1;
  std::filesystem::remove_all(config.out);
  fovea::TrainObserver observer;   // derive from it to hear of steps and epochs
  const std::atomic<int> stop{0};  // set it from a signal handler or another thread
  const fovea::TrainOutcome outcome = fovea::Train(config, false, observer, stop);  // saves in config.out
  std::printf("%d of %d test images right\n", static_cast<int>(outcome.test.correct),
              static_cast<int>(outcome.test.total));

  fovea::Model model = fovea::LoadModel(fovea::FindModel(config.out));
  const auto data = fovea::OpenDataset(config.data);
  std::vector<uint8_t> pixels(static_cast<std::size_t>(data->ImageShape().Size()));
  const int32_t truth = data->Read(fovea::Split::kTest, 3, pixels.data());
  fovea::Tensor<float> image(model.network.InputShape(1));
  fovea::PixelTable(model.preprocessing).Apply(data->ImageShape(), pixels.data(), image.data());
  fovea::Program program(model.network, {});
  const auto scores = program.Forward(image).values();
  const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
  std::printf("image 3 shows %s, the network says %s\n",
              data->Classes()[static_cast<std::size_t>(truth)].c_str(),
              model.classes[static_cast<std::size_t>(best)].c_str());
  return outcome.test.Accuracy() > 0.5 ? 0 : 1;
}
