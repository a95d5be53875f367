#include "fovea/layers/reduce.h"

#include <algorithm>

#include "fovea/layers/axes.h"
#include "fovea/layers/extremum.h"
#include "fovea/layers/rearrangement.h"

namespace fovea {
namespace {

std::vector<bool> Reduced(const ReduceOptions& o, const Shape& x) {
  std::vector<bool> reduced(static_cast<std::size_t>(x.rank()), o.axes.empty());
  reduced[0] = false;
  for (const int axis : AxesBehindBatch(o.axes, x)) reduced[static_cast<std::size_t>(axis)] = true;
  return reduced;
}

// The numbers of y, each that of the x at first[i] + part[0], first[i] + part[1], ... of its sample.
struct Parts {
  Sources first, part;

  Parts(const ReduceOptions& o, const Shape& x) {
    const std::vector<bool> reduced = Reduced(o, x);
    const std::vector<int64_t> steps = SampleSteps(x);
    std::vector<WalkAxis> kept, gone;
    for (std::size_t axis = 1; axis < reduced.size(); axis++) {
      (reduced[axis] ? gone : kept).push_back({x[static_cast<int>(axis)], steps[axis]});
    }
    first = Walk(0, kept), part = Walk(0, gone);
  }
};

template <class S>
S Magnitude(const S& v) {
  return v < S(0) ? -v : v;
}

// The numbers that make one y.
template <class S>
struct Values {
  const S* x;
  const Sources& part;

  S operator[](std::size_t i) const { return x[part[i]]; }
  template <class Term>
  S Sum(const Term& term) const {
    S sum(0);
    for (std::size_t i = 0; i < part.size(); i++) sum += term((*this)[i]);
    return sum;
  }
  // Of the first largest, or smallest.
  std::size_t Place(bool largest) const {
    std::size_t best = 0;
    for (std::size_t i = 1; i < part.size(); i++) {
      const S v = (*this)[i], top = (*this)[best];
      if (largest ? Exceeds(v, top) : Exceeds(-v, -top)) best = i;
    }
    return best;
  }
};

template <class S>
S Count(const Values<S>& x) {
  return static_cast<S>(static_cast<double>(x.part.size()));
}

template <class S>
S Value(const std::string& op, const Values<S>& x) {
  if (op == "max" || op == "min") return x[x.Place(op == "max")];
  if (op == "l1") return x.Sum([](const S& v) { return Magnitude(v); });
  if (op == "l2") return Sqrt(x.Sum([](const S& v) { return v * v; }));
  if (op == "log_sum_exp") {
    const S top = x[x.Place(true)];
    return top + Log(x.Sum([&](const S& v) { return Exp(v - top); }));
  }
  const S sum = x.Sum([](const S& v) { return v; });
  return op == "mean" ? sum / Count(x) : sum;
}

// Calls give(i, dx of the i-th number).
template <class S, class Give>
void Gradients(const std::string& op, const Values<S>& x, const S& dy, const Give& give) {
  const bool extremum = op == "max" || op == "min";
  const std::size_t place = extremum ? x.Place(op == "max") : 0;
  const S y = op == "l2" || op == "log_sum_exp" ? Value(op, x) : S(0);
  for (std::size_t i = 0; i < x.part.size(); i++) {
    const S v = x[i];
    if (extremum) {
      give(i, i == place ? dy : S(0));
    } else if (op == "l1") {
      give(i, v > S(0) ? dy : v < S(0) ? -dy : S(0));
    } else if (op == "l2") {
      give(i, y == S(0) ? S(0) : dy * v / y);
    } else if (op == "log_sum_exp") {
      give(i, dy * Exp(v - y));
    } else {
      give(i, op == "mean" ? dy / Count(x) : dy);
    }
  }
}

}  // namespace

Shape Reduce::OutputShape(std::span<const Shape> inputs) const {
  const Shape& x = inputs[0];
  const std::vector<bool> reduced = Reduced(options(), x);
  std::vector<int64_t> y;
  for (int axis = 0; axis < x.rank(); axis++) {
    if (!reduced[static_cast<std::size_t>(axis)]) {
      y.push_back(x[axis]);
    } else if (options().keepdims) {
      y.push_back(1);
    }
  }
  return Shape(y);
}

template <class S>
void Reduce::Forward(const ForwardCall<S>& call) const {
  const auto& x = call.x[0];
  const Parts parts(options(), x.shape());
  const int64_t samples = x.extent(0), size = x.size() / samples;
  S* y = call.y.data();
  for (int64_t n = 0; n < samples; n++) {
    for (const int64_t first : parts.first)
      *y++ = Value(options().op, Values<S>{x.data() + n * size + first, parts.part});
  }
}

template <class S>
void Reduce::Backward(const BackwardCall<S>& call) const {
  const auto &x = call.x[0], &dy = call.dy;
  if (!call.dx[0].present()) return;
  const Parts parts(options(), x.shape());
  const int64_t samples = x.extent(0), size = x.size() / samples;
  const S* g = dy.data();
  for (int64_t n = 0; n < samples; n++) {
    for (const int64_t first : parts.first) {
      const int64_t at = n * size + first;
      Gradients(options().op, Values<S>{x.data() + at, parts.part}, *g++,
                [&](std::size_t i, const S& v) { call.dx[0][at + parts.part[i]] = v; });
    }
  }
}

template class LayerOf<Reduce, ReduceOptions>;

}  // namespace fovea
