#include "fovea/train/training_loader.h"

#include <algorithm>

namespace fovea {
namespace {

Flip FlipOf(const std::string& name) {
  if (name == "random") return Flip::kRandom;
  return name == "alternate" ? Flip::kAlternate : Flip::kNone;
}

// Cutout leaves the mean colour, which the network sees as 0.
Augmentation AugmentationFor(const TrainConfig& config, const Preprocessing& preprocessing) {
  Augmentation augmentation{.crop_padding = config.crop,
                            .reflect = config.crop_padding == "reflect",
                            .flip = FlipOf(config.flip),
                            .cutout = config.cutout,
                            .jitter = config.jitter};
  for (const double mean : preprocessing.mean)
    augmentation.blank.push_back(static_cast<uint8_t>(std::clamp(mean * 255 + 0.5, 0.0, 255.0)));
  return augmentation;
}

}  // namespace

LoaderOptions TrainingLoader(const TrainConfig& config, const Preprocessing& preprocessing, int workers) {
  return {.split = Split::kTrain,
          .batch = config.batch,
          .shuffle = true,
          .augmentation = AugmentationFor(config, preprocessing),
          .mixing = {config.mixup, config.cutmix},
          .seed = static_cast<uint64_t>(config.seed),
          .workers = workers};
}

}  // namespace fovea
