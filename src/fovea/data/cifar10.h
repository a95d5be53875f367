// CIFAR-10, the binary version: 3x32x32 images, 50,000 for training in data_batch_1..5.bin and 10,000 in
// test_batch.bin. A record is one byte of class and 3,072 of pixels, red plane first. Source: Krizhevsky
// 2009, "Learning multiple layers of features from tiny images"
#pragma once

#include <string>
#include <vector>

#include "fovea/data/dataset.h"

namespace fovea {

class Cifar10 final : public Dataset {
 public:
  // `path` is the folder of the .bin files or the one above it. Reads everything; class
  // names come from batches.meta.txt where it is there. Throws IoError for a
  // missing file, FormatError naming the file, the record and the offset for a truncated one or a class
  // outside 0..9.
  explicit Cifar10(const std::string& path);

  std::string Name() const override { return "cifar10:" + path_; }
  const std::vector<std::string>& Classes() const override { return classes_; }
  Shape ImageShape() const override { return {3, 32, 32}; }
  int64_t Size(Split split) const override;
  int32_t Read(Split split, int64_t index, uint8_t* pixels) const override;

 private:
  std::string path_;
  std::vector<std::string> classes_;
  std::string train_, test_;  // records, one after the other
};

}  // namespace fovea
