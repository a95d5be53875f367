// Layers that only move values: every number of y is one number of x, or a constant.
//   y[n,i] = x[n, source[i]], or Fill() where source[i] is kNothing; i counts the numbers of a sample in row-major order
// Saves     nothing.
// Backward  dx[n,j] = sum of dy[n,i] over the i with source[i] = j, in ascending order
//
// The engine serves them all with one step made from the same map (engine/steps/rearrange_step.h).
#pragma once

#include <optional>
#include <vector>

#include "fovea/layers/layer.h"

#pragma GCC visibility push(default)
namespace fovea {

constexpr int64_t kNothing = -1;
using Sources = std::vector<int64_t>;  // one for every number of a sample of y

class Rearrangement {
 public:
  virtual ~Rearrangement() = default;
  // Where the numbers of y come from, of an x of this complete shape; absent when these options do more than move values.
  virtual std::optional<Sources> SourcesOf(const Shape& x) const = 0;
  virtual double Fill() const { return 0; }
};

template <class S>
void Rearrange(const Sources& sources, double fill, TensorView<const S> x, TensorView<S> y);
template <class S>
void RearrangeBackward(const Sources& sources, TensorView<const S> dy, TensorView<S> dx);

// Forward and Backward of a layer L by its SourcesOf.
template <class L, class O>
class RearrangementOf : public LayerOf<L, O>, public Rearrangement {
 public:
  using LayerOf<L, O>::LayerOf;

  template <class S>
  void Forward(const ForwardCall<S>& call) const {
    Rearrange(*SourcesOf(call.x[0].shape()), Fill(), call.x[0], call.y);
  }
  template <class S>
  void Backward(const BackwardCall<S>& call) const {
    if (call.dx[0].present()) RearrangeBackward(*SourcesOf(call.x[0].shape()), call.dy, call.dx[0]);
  }
};

// Numbers read at first + sum of i[k]*step[k], the last axis fastest.
struct WalkAxis {
  int64_t extent, step;
};
Sources Walk(int64_t first, const std::vector<WalkAxis>& axes);
// How many numbers of a row-major x lie between neighbours along each axis.
std::vector<int64_t> SampleSteps(const Shape& x);

}  // namespace fovea
#pragma GCC visibility pop
