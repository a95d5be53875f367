// The arithmetic of batch normalisation on maps of T, for the steps that it is part of.
//
// Statistics: mean and centred M2 of each plane while it is in cache, merged up the fixed tree of
// micro-shards by Chan's formula in double.
#pragma once

#include "fovea/engine/steps/moments.h"
#include "fovea/engine/steps/plane_task.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/kernels/read_plane.h"
#include "fovea/kernels/shard_tree.h"
#include "fovea/layers/batch_norm.h"

namespace fovea {

// The batch norm at `site`, when it normalises a blocked map as it is stored; else null: a flattened map has one channel a pixel,
// which its storage does not show.
inline const BatchNorm* NormOfMaps(const Site& site) {
  const auto* layer = site.Layer<BatchNorm>();
  const Storage& x = site.x[0];
  return layer && x.layout == Layout::kBlocked && site.InputShapes()[0][1] == x.c ? layer : nullptr;
}

template <class T>
class BatchNormPass {
 public:
  BatchNormPass(const BatchNorm& layer, const Storage& storage, const Site& site)
      : options_(layer.options()),
        name_(site.NameOf(layer)),
        batch_(layer.UsesBatch(site.mode)),
        storage_(storage),
        max_batch_(site.max_batch),
        blocks_((storage.c + 15) / 16),
        pixels_(storage.h * storage.w) {}

  bool MeasuresBatch() const { return batch_; }
  int64_t Saved() const { return 4 * Lanes(); }                        // mean, scale, shift, r
  int64_t ForwardScratch() const { return 2 * max_batch_ * Lanes(); }  // mean and m2 of every plane
  int64_t BackwardScratch() const {
    return 3 * Lanes() + 2 * max_batch_ * Lanes();
  }  // a, b, c; sums of every plane

  // Fills call.saved, and updates the running statistics, from x and the first two parameters and states. Throws ShapeError for one
  // value a channel.
  void Measure(const StepCall& call, const T* x) const;

  // Of all channels, by what Measure has saved.
  Normalisation Norm(const StepCall& call, const Rectifier* rectifier) const {
    return {call.saved, call.saved + Lanes(), call.saved + 2 * Lanes(), rectifier};
  }
  Normalisation NormOfPlane(const StepCall& call, int64_t i, const Rectifier* rectifier) const {
    return FromChannel(Norm(call, rectifier), i % blocks_ * 16);
  }

  // From dy, the gradient by the normalised values or by what `gate` makes of them: accumulates the gradients of both parameters and,
  // unless dx is null, dx (+)= that by x; dx may be dy. Calls prepare(plane) before dy of a plane is read.
  template <class Prepare>
  void Backward(const StepCall& call, const T* x, const Rectifier* gate, const T* dy, T* dx, bool accumulate,
                const Prepare& prepare) const {
    float *a = call.scratch, *b = a + Lanes(), *c = b + Lanes(), *parts = c + Lanes();
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t at = i * pixels_ * 16;
      prepare(i);
      Planes().normalise_sums(NormOfPlane(call, i, gate), x + at, dy + at, pixels_, parts + i * 32,
                              parts + i * 32 + 16);
    });
    FindCoefficients(call, parts, a, b, c);
    if (dx == nullptr) return;
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t lane = i % blocks_ * 16, at = i * pixels_ * 16;
      Planes().normalise_backward(NormOfPlane(call, i, gate), x + at, dy + at, pixels_, a + lane, b + lane,
                                  c + lane, accumulate, dx + at);
    });
  }

 private:
  static const PlaneTable<T>& Planes() { return Kernels().maps<T>().plane; }
  int64_t Lanes() const { return blocks_ * 16; }

  Moments BatchMoments(const StepCall& call, const float* parts, int64_t c) const;
  PairOfSums Sums(const StepCall& call, const float* parts, int64_t c) const;
  void FindCoefficients(const StepCall& call, const float* parts, float* a, float* b, float* c) const;

  const BatchNormOptions options_;
  const std::string name_;
  const bool batch_;
  const Storage storage_;
  const int64_t max_batch_, blocks_, pixels_;
};

}  // namespace fovea
