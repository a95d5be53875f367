// Batches of preprocessed images, prepared on threads of their own ahead of the compute.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "fovea/data/augment.h"
#include "fovea/data/dataset.h"
#include "fovea/data/mix.h"
#include "fovea/network/model.h"
#include "fovea/tensor/tensor.h"

namespace fovea {

struct Batch {
  Tensor<float> images;  // (N,C,H,W)
  std::vector<int32_t> labels;
  std::vector<int64_t> samples;  // numbers of the images in their split
  // Of mixed images: the label of what was mixed in; `share` is that of `labels`.
  std::vector<int32_t> other_labels;
  float share = 1;
};

struct LoaderOptions {
  Split split = Split::kTrain;
  int64_t batch = 64;
  bool shuffle = false;
  Augmentation augmentation = {};
  Mixing mixing = {};
  uint64_t seed = 0;
  int workers = 1;  // threads that read and decode; any number gives the same batches
};

// The order of `indices` in an epoch: shuffled by (seed, epoch) alone.
std::vector<int64_t> EpochOrder(std::vector<int64_t> indices, uint64_t seed, int64_t epoch);

// Sizes of the batches of `count` images; a last batch of one joins the one before. Throws ArgumentError
// for batch < 1.
std::vector<int64_t> BatchSizes(int64_t count, int64_t batch);

class Loader {
 public:
  // Serves the batches of one epoch from batch number `first` on. Everything named must outlive the loader.
  // Throws ArgumentError for a `first` beyond the last batch; first = the number of batches serves none.
  Loader(const Dataset& data, const Preprocessing& preprocessing, std::vector<int64_t> indices,
         const LoaderOptions& options, int64_t epoch, int64_t first = 0);
  ~Loader();

  // Fills `batch` and returns true, or false after the last. Throws what reading an image threw.
  bool Next(Batch& batch);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
