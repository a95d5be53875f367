#include "fovea/engine/loss_run.h"

#include <vector>

#include "fovea/base/math.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/layers/multiclass_hinge.h"
#include "fovea/layers/softmax_cross_entropy.h"

namespace fovea {
namespace {

// The loss of one sample; `p` becomes its gradient in the mean of a batch of 1/weight.
struct CrossEntropyRow {
  explicit CrossEntropyRow(const SoftmaxCrossEntropy& loss)
      : smoothing(static_cast<float>(loss.options().label_smoothing)) {}

  float Run(const float* x, int64_t classes, int32_t label, float weight, float* p) const {
    const float share = smoothing / static_cast<float>(classes);
    float top, sum, mean = 0;
    Kernels().row.softmax(x, classes, p, &top, &sum);
    for (int64_t k = 0; k < classes; k++) p[k] = (p[k] - share) * weight;
    p[label] -= (1 - smoothing) * weight;
    for (int64_t k = 0; share > 0 && k < classes; k++) mean += share * (x[k] - top);
    return Log(sum) - (1 - smoothing) * (x[label] - top) - mean;
  }

  float smoothing;
};

struct HingeRow {
  explicit HingeRow(const MulticlassHinge& loss) : margin(static_cast<float>(loss.options().margin)) {}

  float Run(const float* x, int64_t classes, int32_t label, float weight, float* p) const {
    float sum, gates;
    Kernels().row.hinge(x, classes, x[label], margin, p, &sum, &gates);
    gates -= p[label];  // the label's own term, which is the margin, does not count
    for (int64_t k = 0; k < classes; k++) p[k] *= weight;
    p[label] = -gates * weight;
    return sum - margin;
  }

  float margin;
};

template <class Row>
float RunRows(ThreadPool& pool, const Row& row, TensorView<const float> x, Labels labels,
              TensorView<float> dx, int64_t batch) {
  const int64_t samples = x.extent(0), classes = x.extent(1), group = std::max<int64_t>(1, 2048 / classes);
  const float weight = 1.0f / static_cast<float>(batch);
  std::vector<float> losses(static_cast<std::size_t>(samples));
  pool.For((samples + group - 1) / group, [&](int64_t task, int) {
    std::vector<float> unwanted(static_cast<std::size_t>(dx.present() ? 0 : classes));
    for (int64_t n = task * group; n < std::min(samples, (task + 1) * group); n++) {
      const auto i = static_cast<std::size_t>(n);
      losses[i] = row.Run(&x(n, 0), classes, labels[i], weight, dx.present() ? &dx(n, 0) : unwanted.data());
    }
  });
  float sum = 0;
  for (float l : losses) sum += l;
  return sum / static_cast<float>(batch);
}

}  // namespace

float RunLoss(ThreadPool& pool, const Loss& loss, TensorView<const float> x, Labels labels,
              TensorView<float> dx, int64_t batch) {
  CheckScores(loss.Type(), x.shape(), labels);
  const int64_t whole = batch > 0 ? batch : x.extent(0);
  if (const auto* softmax = dynamic_cast<const SoftmaxCrossEntropy*>(&loss))
    return RunRows(pool, CrossEntropyRow(*softmax), x, labels, dx, whole);
  if (const auto* hinge = dynamic_cast<const MulticlassHinge*>(&loss))
    return RunRows(pool, HingeRow(*hinge), x, labels, dx, whole);
  const float mean = loss.RunForward(x, labels);
  if (dx.present()) loss.RunBackward(x, labels, dx);
  if (batch == 0) return mean;
  const float share = static_cast<float>(x.extent(0)) / static_cast<float>(batch);
  for (int64_t i = 0; i < dx.size(); i++) dx[i] *= share;
  return mean * share;
}

}  // namespace fovea
