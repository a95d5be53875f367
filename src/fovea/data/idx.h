// Data sets in the IDX format of MNIST: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte
// and t10k-labels-idx1-ubyte, each as it is or compressed (.gz). Images are bytes, one channel.
// Source: LeCun, Cortes, Burges, "The MNIST database"; Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747 (Fashion-MNIST)
#pragma once

#include <string>
#include <vector>

#include "fovea/data/dataset.h"

namespace fovea {

class Idx final : public Dataset {
 public:
  // `kind` is "mnist" (digits), "fashion_mnist" (its ten names) or "idx" (as many numbered classes as the labels
  // have). Throws IoError for a missing file, FormatError naming the file and the offset for one that is not what
  // it claims, or files that do not fit each other.
  Idx(const std::string& kind, const std::string& path);

  std::string Name() const override { return kind_ + ":" + path_; }
  const std::vector<std::string>& Classes() const override { return classes_; }
  Shape ImageShape() const override { return {1, height_, width_}; }
  int64_t Size(Split split) const override { return static_cast<int64_t>(Part(split).labels.size()); }
  int32_t Read(Split split, int64_t index, uint8_t* pixels) const override;
  int32_t Label(Split split, int64_t index) const override;

 private:
  struct Images {
    std::string pixels, labels;
  };
  const Images& Part(Split split) const { return split == Split::kTrain ? train_ : test_; }
  Images ReadPart(const std::string& stem);

  std::string kind_, path_;
  std::vector<std::string> classes_;
  int64_t height_ = 0, width_ = 0;
  Images train_, test_;
};

}  // namespace fovea
