// CIFAR-10 and CIFAR-100, the binary versions: 3x32x32 images, 50,000 for training and 10,000 for the test. A
// record is one byte of class (CIFAR-100: one of coarse class, one of fine class, which is used) and 3,072 of
// pixels, red plane first. CIFAR-10 has data_batch_1..5.bin and test_batch.bin, CIFAR-100 train.bin and test.bin.
// Source: Krizhevsky 2009, "Learning multiple layers of features from tiny images"
#pragma once

#include <string>
#include <vector>

#include "fovea/data/dataset.h"

namespace fovea {

class Cifar final : public Dataset {
 public:
  enum class Kind { k10, k100 };

  // `path` is the folder of the .bin files or the one above it (cifar-10-batches-bin, cifar-100-binary). Reads
  // everything; class names come from batches.meta.txt or fine_label_names.txt where it is there. Throws IoError
  // for a missing file, FormatError naming the file, the record and the offset for a truncated one or a class out
  // of range.
  Cifar(Kind kind, const std::string& path);

  std::string Name() const override;
  const std::vector<std::string>& Classes() const override { return classes_; }
  Shape ImageShape() const override { return {3, 32, 32}; }
  int64_t Size(Split split) const override;
  int32_t Read(Split split, int64_t index, uint8_t* pixels) const override;
  int32_t Label(Split split, int64_t index) const override;

 private:
  struct Form;  // what differs between the two
  const char* Record(Split split, int64_t index) const;

  const Form& form_;
  std::string path_;
  std::vector<std::string> classes_;
  std::string train_, test_;  // records, one after the other
};

}  // namespace fovea
