#include "fovea/engine/loss_run.h"

#include <vector>

#include "fovea/base/math.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/layers/softmax_cross_entropy.h"

namespace fovea {
namespace {

class Rows {
 public:
  Rows(const SoftmaxCrossEntropy& loss, int64_t batch, int64_t classes)
      : classes_(classes),
        smoothing_(static_cast<float>(loss.options().label_smoothing)),
        share_(smoothing_ / static_cast<float>(classes)),
        weight_(1.0f / static_cast<float>(batch)) {}

  // The loss of one sample; `p` becomes its gradient in the mean.
  float Run(const float* x, int32_t label, float* p) const {
    float top, sum;
    Kernels().row.softmax(x, classes_, p, &top, &sum);
    for (int64_t k = 0; k < classes_; k++) p[k] = (p[k] - share_) * weight_;
    p[label] -= (1 - smoothing_) * weight_;
    float mean = 0;
    for (int64_t k = 0; share_ > 0 && k < classes_; k++) mean += share_ * (x[k] - top);
    return Log(sum) - (1 - smoothing_) * (x[label] - top) - mean;
  }

 private:
  const int64_t classes_;
  const float smoothing_, share_, weight_;
};

float RunRows(ThreadPool& pool, const SoftmaxCrossEntropy& loss, TensorView<const float> x, Labels labels,
              TensorView<float> dx, int64_t batch) {
  const int64_t samples = x.extent(0), classes = x.extent(1), group = std::max<int64_t>(1, 2048 / classes);
  const Rows rows(loss, batch, classes);
  std::vector<float> losses(static_cast<std::size_t>(samples));
  pool.For((samples + group - 1) / group, [&](int64_t task, int) {
    std::vector<float> unwanted(static_cast<std::size_t>(dx.present() ? 0 : classes));
    for (int64_t n = task * group; n < std::min(samples, (task + 1) * group); n++) {
      const auto i = static_cast<std::size_t>(n);
      losses[i] = rows.Run(&x(n, 0), labels[i], dx.present() ? &dx(n, 0) : unwanted.data());
    }
  });
  float sum = 0;
  for (float l : losses) sum += l;
  return sum / static_cast<float>(batch);
}

}  // namespace

float RunLoss(ThreadPool& pool, const Loss& loss, TensorView<const float> x, Labels labels,
              TensorView<float> dx, int64_t batch) {
  if (const auto* fast = dynamic_cast<const SoftmaxCrossEntropy*>(&loss)) {
    CheckScores(loss.Type(), x.shape(), labels);
    return RunRows(pool, *fast, x, labels, dx, batch > 0 ? batch : x.extent(0));
  }
  const float mean = loss.RunForward(x, labels);
  if (dx.present()) loss.RunBackward(x, labels, dx);
  if (batch == 0) return mean;
  const float share = static_cast<float>(x.extent(0)) / static_cast<float>(batch);
  for (int64_t i = 0; i < dx.size(); i++) dx[i] *= share;
  return mean * share;
}

}  // namespace fovea
