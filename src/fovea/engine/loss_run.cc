#include "fovea/engine/loss_run.h"

#include <vector>

#include "fovea/base/math.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/layers/multiclass_hinge.h"
#include "fovea/layers/softmax_cross_entropy.h"

namespace fovea {
namespace {

// The loss of one sample; `p` becomes its gradient, times `scale`.
struct CrossEntropyRow {
  const SoftmaxCrossEntropy& loss;

  float Run(const float* x, int64_t classes, const Target<float>& target, float scale, float* p) const {
    const SoftmaxCrossEntropyOptions& o = loss.options();
    return target.values || !o.class_weights.empty() ? Shares(x, classes, target, scale, p)
                                                     : Label(x, classes, target.label, scale, p);
  }

  float Label(const float* x, int64_t classes, int32_t label, float scale, float* p) const {
    const float smoothing = static_cast<float>(loss.options().label_smoothing);
    const float share = smoothing / static_cast<float>(classes);
    float top, sum, mean = 0;
    Kernels().row.softmax(x, classes, p, &top, &sum);
    for (int64_t k = 0; k < classes; k++) p[k] = (p[k] - share) * scale;
    p[label] -= (1 - smoothing) * scale;
    for (int64_t k = 0; share > 0 && k < classes; k++) mean += share * (x[k] - top);
    return Log(sum) - (1 - smoothing) * (x[label] - top) - mean;
  }

  float Shares(const float* x, int64_t classes, const Target<float>& target, float scale, float* p) const {
    float top, sum;
    double whole = 0, value = 0;  // sums of as many terms as there are classes
    Kernels().row.softmax(x, classes, p, &top, &sum);
    const float log = Log(sum);
    for (int64_t k = 0; k < classes; k++) {
      const float share = loss.Share(target, classes, k);
      whole += static_cast<double>(share);
      if (share != 0) value += static_cast<double>(share * (log - (x[k] - top)));
    }
    for (int64_t k = 0; k < classes; k++)
      p[k] = (p[k] * static_cast<float>(whole) - loss.Share(target, classes, k)) * scale;
    return static_cast<float>(value);
  }
};

struct HingeRow {
  const MulticlassHinge& loss;

  float Run(const float* x, int64_t classes, const Target<float>& target, float scale, float* p) const {
    const float margin = static_cast<float>(loss.options().margin);
    float sum, gates;
    Kernels().row.hinge(x, classes, x[target.label], margin, p, &sum, &gates);
    gates -= p[target.label];  // the label's own term, which is the margin, does not count
    for (int64_t k = 0; k < classes; k++) p[k] *= scale;
    p[target.label] = -gates * scale;
    return sum - margin;
  }
};

template <class Row>
float RunRows(ThreadPool& pool, const Row& row, TensorView<const float> x, const Targets<float>& targets,
              TensorView<float> dx, double weight) {
  const int64_t samples = x.extent(0), classes = x.extent(1), group = std::max<int64_t>(1, 2048 / classes);
  const auto whole = static_cast<float>(weight);
  const float scale = 1.0f / whole;
  std::vector<float> losses(static_cast<std::size_t>(samples));
  pool.For((samples + group - 1) / group, [&](int64_t task, int) {
    std::vector<float> unwanted(static_cast<std::size_t>(dx.present() ? 0 : classes));
    for (int64_t n = task * group; n < std::min(samples, (task + 1) * group); n++) {
      losses[static_cast<std::size_t>(n)] = row.Run(&x(n, 0), classes, targets.Of(n, classes), scale,
                                                    dx.present() ? &dx(n, 0) : unwanted.data());
    }
  });
  float sum = 0;
  for (float l : losses) sum += l;
  return sum / whole;
}

}  // namespace

float RunLoss(ThreadPool& pool, const Loss& loss, TensorView<const float> x, const Targets<float>& targets,
              TensorView<float> dx, double whole) {
  loss.Check(x.shape(), targets);
  const double own = loss.Weight(x.shape(), targets), weight = whole > 0 ? whole : own;
  if (const auto* softmax = dynamic_cast<const SoftmaxCrossEntropy*>(&loss))
    return RunRows(pool, CrossEntropyRow{*softmax}, x, targets, dx, weight);
  if (const auto* hinge = dynamic_cast<const MulticlassHinge*>(&loss))
    return RunRows(pool, HingeRow{*hinge}, x, targets, dx, weight);
  const float mean = loss.RunForward(x, targets);
  if (dx.present()) loss.RunBackward(x, targets, dx);
  if (whole <= 0) return mean;
  const auto share = static_cast<float>(own / whole);
  for (int64_t i = 0; i < dx.size(); i++) dx[i] *= share;
  return mean * share;
}

}  // namespace fovea
