#include "fovea/network/initialise.h"

#include <cmath>

namespace fovea {
namespace {

class Filler {
 public:
  Filler(const Initializer& init, RandomKey key, uint64_t number, TensorView<float> w)
      : init_(init), stream_(key, number), w_(w) {}

  void Fill() {
    const double fan_in = static_cast<double>(init_.fan_in), fan_out = static_cast<double>(init_.fan_out);
    switch (init_.kind) {
      case Init::kHe:
      case Init::kWhiten:
        return Normal(std::sqrt(2 / fan_in));
      case Init::kXavier:
        return Uniform(w_, std::sqrt(6 / (fan_in + fan_out)));
      case Init::kMeanField:
        return Uniform(w_, std::sqrt(3) / fan_in);
      case Init::kConstant:
        return Constant(w_, init_.value);
      case Init::kDirac:
        for (int64_t k = 0; k < w_.extent(0); k++) Identity(k, k % w_.extent(1));
        return;
      case Init::kPartialDirac:
        return PartialDirac();
    }
  }

 private:
  void Normal(double deviation) {
    for (float& v : w_.values()) v = static_cast<float>(deviation * stream_.Normal());
  }
  void Uniform(TensorView<float> values, double limit) {
    for (float& v : values.values()) v = static_cast<float>(stream_.Uniform(-limit, limit));
  }
  static void Constant(TensorView<float> values, double value) {
    for (float& v : values.values()) v = static_cast<float>(value);
  }

  int64_t Window() const { return w_.size() / (w_.extent(0) * w_.extent(1)); }
  TensorView<float> Filter(int64_t k) const {
    const int64_t size = w_.extent(1) * Window();
    return {w_.data() + k * size, {size}};
  }

  // Filter k passes channel c on: 1 at the middle of the window, the upper left one of the four when it is even.
  void Identity(int64_t k, int64_t c) const {
    const int64_t kh = w_.shape().rank() == 4 ? w_.extent(2) : 1, kw = Window() / kh;
    const TensorView<float> filter = Filter(k);
    Constant(filter, 0);
    filter[c * Window() + (kh - 1) / 2 * kw + (kw - 1) / 2] = 1;
  }

  void PartialDirac() {
    const int64_t filters_of_group = init_.fan_out / Window();
    const double limit = 1 / std::sqrt(static_cast<double>(init_.fan_in));
    for (int64_t k = 0; k < w_.extent(0); k++) {
      const int64_t place = k % filters_of_group;
      if (place < w_.extent(1)) {
        Identity(k, place);
      } else {
        Uniform(Filter(k), limit);
      }
    }
  }

  const Initializer& init_;
  RandomStream stream_;
  const TensorView<float> w_;
};

}  // namespace

void Initialise(const Initializer& init, RandomKey key, uint64_t number, TensorView<float> values) {
  Filler(init, key, number, values).Fill();
}

}  // namespace fovea
