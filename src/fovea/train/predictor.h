// What a model says about photos: the preprocessing that the model carries, so a prediction equals an evaluation
// of the same image to the bit, with the same numerics and views.
#pragma once

#include <string>
#include <vector>

#include "fovea/data/pixel_table.h"
#include "fovea/engine/program.h"
#include "fovea/network/model.h"
#include "fovea/train/scorer.h"

#pragma GCC visibility push(default)
namespace fovea {

struct ClassProbability {
  int32_t label = 0;
  double probability = 0;
};

struct PhotoPrediction {
  std::string path;
  std::vector<ClassProbability> top;  // most probable first; ties to the lower class
  std::string error;  // why the photo could not be read, or has no finite scores; then `top` is empty
};

class Predictor {
 public:
  // `threads` 0: all. The model must outlive the predictor.
  Predictor(Model& model, int64_t batch, int threads, const Arithmetic& arithmetic = {},
            std::vector<View> views = ViewsOf("none"));

  // The `count` most probable classes of each photo. A photo is brought to the network's input as a folder of photos
  // is for training; a network of one channel sees its grey values.
  std::vector<PhotoPrediction> Run(const std::vector<std::string>& paths, int64_t count);

 private:
  void Load(const std::string& path, float* input) const;

  Model& model_;
  const Shape image_;  // (C,H,W)
  const PixelTable table_;
  const int64_t batch_;
  Program program_;
  Scorer scorer_;
};

}  // namespace fovea
#pragma GCC visibility pop
