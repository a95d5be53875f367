#include "fovea/engine/steps/rearrange_step.h"

#include <algorithm>

#include "fovea/engine/steps/plane_task.h"
#include "fovea/engine/steps/stored_move.h"
#include "fovea/kernels/bfloat16.h"
#include "fovea/layers/rearrangement.h"

namespace fovea {
namespace {

float Sum(float a, float b) { return a + b; }
Bfloat16 Sum(Bfloat16 a, Bfloat16 b) { return RoundToBfloat16(WidenBfloat16(a) + WidenBfloat16(b)); }

template <class T>
class RearrangeStep final : public Step {
 public:
  RearrangeStep(const StoredMove& move, double fill, const Storage& x, const Storage& y)
      : move_(move), x_(x), y_(y) {
    RoundTo(static_cast<float>(fill), fill_);
  }

  std::string_view Name() const override { return "rearrange"; }
  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.remakes = needs.accumulates = true;
    return needs;
  }

  void Forward(const StepCall& call) override {
    const T* x = As<T>(call.x[0]);
    T* y = As<T>(call.y);
    if (move_.leads_y) return Gather(call, x, y, false);
    ClearTails(call, y_, y);
    Scatter(call, x, y, false);
  }

  void Backward(const StepCall& call) override {
    if (call.dx[0] == nullptr) return;
    const T* dy = As<T>(call.dy);
    T* dx = As<T>(call.dx[0]);
    if (!move_.leads_y) return Gather(call, dy, dx, call.accumulate[0]);
    if (!call.accumulate[0]) std::fill_n(dx, call.n * x_.Numbers(), T{});
    Scatter(call, dy, dx, true);
  }

 private:
  const Storage& Leading() const { return move_.leads_y ? y_ : x_; }
  const Storage& Other() const { return move_.leads_y ? x_ : y_; }

  // A plane of the leading side: its first channel, how many of its lanes are channels, and where its image lies on the other.
  struct Plane {
    int64_t first, lanes, image;
  };
  // Calls body(plane, its first number). Planes whose numbers may meet in one go in order.
  template <class Body>
  void ForEachLeading(const StepCall& call, const Body& body) const {
    const Storage& lead = Leading();
    const int64_t blocks = (lead.c + 15) / 16, pixels = lead.h * lead.w;
    const auto visit = [&](int64_t i) {
      const int64_t first = i % blocks * 16;
      body(Plane{first, std::min<int64_t>(16, lead.c - first), i / blocks * Other().Numbers()},
           i * pixels * 16);
    };
    if (move_.once) return ForEachPlane(*call.pool, lead, call.n, visit);
    call.pool->For(call.n, [&](int64_t n, int) {
      for (int64_t b = 0; b < blocks; b++) visit(n * blocks + b);
    });
  }

  // Every number of the leading side from the other.
  void Gather(const StepCall& call, const T* other, T* leading, bool add) const {
    ForEachLeading(call, [&](const Plane& plane, int64_t at) {
      const T* from = other + plane.image;
      T* to = leading + at;
      const bool whole = !add && move_.WholeBlock(plane.first);
      const int64_t* channel = move_.channel.data() + plane.first;
      for (const int64_t pixel : move_.pixel) {
        if (whole && pixel != kNowhere) {
          std::copy_n(from + channel[0] + pixel, 16, to);
        } else {
          for (int64_t lane = 0; lane < plane.lanes; lane++) {
            const bool nowhere = pixel == kNowhere || channel[lane] == kNowhere;
            const T v = nowhere ? fill_ : from[channel[lane] + pixel];
            to[lane] = add ? Sum(to[lane], v) : v;
          }
          if (!add) std::fill(to + plane.lanes, to + 16, T{});
        }
        to += 16;
      }
    });
  }

  // Every number of the leading side to the other, which may have others there already.
  void Scatter(const StepCall& call, const T* leading, T* other, bool add) const {
    ForEachLeading(call, [&](const Plane& plane, int64_t at) {
      T* to = other + plane.image;
      const T* from = leading + at;
      const int64_t* channel = move_.channel.data() + plane.first;
      for (const int64_t pixel : move_.pixel) {
        for (int64_t lane = 0; pixel != kNowhere && lane < plane.lanes; lane++) {
          if (channel[lane] == kNowhere) continue;
          T& target = to[channel[lane] + pixel];
          target = add ? Sum(target, from[lane]) : from[lane];
        }
        from += 16;
      }
    });
  }

  static void ClearTails(const StepCall& call, const Storage& s, T* map) {
    if (s.c % 16 == 0) return;
    const int64_t plane = s.h * s.w * 16;
    call.pool->For(call.n,
                   [&](int64_t n, int) { std::fill_n(map + (n + 1) * s.Numbers() - plane, plane, T{}); });
  }

  const StoredMove move_;
  const Storage x_, y_;
  T fill_;
};

// What several rearrangements in a row come to.
class Chain {
 public:
  // Takes one more; false when it cannot: no rearrangement, or it fills places with another constant.
  bool Take(const Layer* layer, const Shape& x) {
    const auto* next = dynamic_cast<const Rearrangement*>(layer);
    const auto sources = next ? next->SourcesOf(x) : std::nullopt;
    if (!sources) return false;
    if (std::find(sources->begin(), sources->end(), kNothing) != sources->end()) {
      if (fill_ && *fill_ != next->Fill()) return false;
      fill_ = next->Fill();
    }
    Sources joined;
    for (const int64_t source : *sources)
      joined.push_back(source == kNothing || first_ ? source : sources_[static_cast<std::size_t>(source)]);
    sources_ = std::move(joined), first_ = false;
    return true;
  }
  const Sources& sources() const { return sources_; }
  double fill() const { return fill_.value_or(0); }

 private:
  Sources sources_;
  std::optional<double> fill_;
  bool first_ = true;
};

}  // namespace

// The longest chain that has the form of a move. It does not end in features: making a map features costs nothing.
StepChoice TryRearrangeStep(const Site& site) {
  const Storage& x = site.x[0];
  if (!x.InBlocks()) return {};
  StepChoice choice;
  Chain chain;
  for (int i = 0; const auto* layer = site.Layer<Layer>(i); i++) {
    if (!chain.Take(layer, site.network.InputShapes(site.at(i), 1)[0])) break;
    const Storage y = site.OutputStorage(i);
    if (x.element != y.element || (i > 0 && site.at(i).shape.rank() == 2)) continue;
    const auto move = MoveOf(chain.sources(), x, y);
    // Gradients that meet are added in single precision.
    if (!move || (x.element != Element::kFloat && !move->once)) continue;
    choice = {MakeMapStep<RearrangeStep>(x.element, *move, chain.fill(), x, y), i + 1, y};
  }
  return choice;
}

}  // namespace fovea
