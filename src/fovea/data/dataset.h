// What a data set is: images of one shape with a class each, in a training and a test split. Images are bytes
// in plain (C,H,W) order; preprocessing belongs to the model.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fovea/data/photo/folder_options.h"
#include "fovea/tensor/shape.h"

#pragma GCC visibility push(default)
namespace fovea {

enum class Split { kTrain, kTest };

class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual std::string Name() const = 0;  // as the tool spells it: "cifar10:PATH"
  virtual const std::vector<std::string>& Classes() const = 0;
  virtual Shape ImageShape() const = 0;  // (C,H,W)
  virtual int64_t Size(Split split) const = 0;
  // Writes the pixels of one image, ImageShape().Size() bytes, and returns its class. Safe from several
  // threads.
  virtual int32_t Read(Split split, int64_t index, uint8_t* pixels) const = 0;
  // The class of one image, without its pixels where the data set can; here by Read.
  virtual int32_t Label(Split split, int64_t index) const;
  // What a user should know about the data, a line each: photos that were left out.
  virtual std::vector<std::string> Remarks() const { return {}; }
};

// "glyphs", "folder:PATH", "cifar10:PATH", "cifar100:PATH", "mnist:PATH", "fashion_mnist:PATH" or "idx:PATH", or a darknet
// file PATH.data; the options are those of a folder. Throws ArgumentError for an unknown kind (with the nearest known one) or a missing
// path, and what opening throws.
std::unique_ptr<Dataset> OpenDataset(const std::string& spec, const PhotoFolderOptions& photos = {});
std::vector<std::string> DatasetKinds();

// Per-channel mean and standard deviation of pixel/255 over the listed training images, from exact integer
// sums.
struct ChannelStatistics {
  std::vector<double> mean, deviation;
};
// `threads` 0: all.
ChannelStatistics MeasureChannels(const Dataset& data, const std::vector<int64_t>& indices, int threads = 0);

}  // namespace fovea
#pragma GCC visibility pop
