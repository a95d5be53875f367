#include "fovea/engine/steps/view_step.h"

#include <algorithm>

#include "fovea/engine/turned.h"
#include "fovea/layers/dropout.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/reshape.h"

namespace fovea {
namespace {

class ViewStep final : public Step {
 public:
  explicit ViewStep(int64_t floats) : floats_(floats) {}

  std::string_view Name() const override { return "view"; }
  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.view = needs.remakes = true;
    return needs;
  }
  // The program may have had to give the two values buffers of their own.
  void Forward(const StepCall& call) override {
    if (call.y != call.x[0]) std::copy_n(call.x[0], call.n * floats_, call.y);
  }
  void Backward(const StepCall& call) override {
    if (call.dx[0] != nullptr && call.dx[0] != call.dy) std::copy_n(call.dy, call.n * floats_, call.dx[0]);
  }

 private:
  const int64_t floats_;
};

// Whether it is a transposition that moves nothing, since one side is stored turned.
bool TurnsInPlace(const Site& site, const Storage& x, const Storage& y) {
  const Layer& layer = *site.at().layer;
  const Shape shape = site.InputShapes()[0];
  return x.layout == Layout::kTurned ? TurnsBack(layer, shape)
                                     : y.layout == Layout::kTurned && Turns(layer, shape);
}

}  // namespace

// Features keep the storage of a map; so does another map of as many channels, since its pixels are as many.
StepChoice TryViewStep(const Site& site) {
  const Storage &x = site.x[0], y = site.OutputStorage();
  if (!x.InBlocks() || x.element != y.element) return {};
  const bool idle = site.Layer<Dropout>() && site.mode == Mode::kInference;
  const bool turns = TurnsInPlace(site, x, y);
  const bool plain = x.layout == Layout::kBlocked;
  const bool flattens =
      site.Layer<Flatten>() || (plain && site.Layer<Reshape>() && site.at().shape.rank() == 2);
  const bool refolds = plain && site.Layer<Reshape>() && x.c == y.c;
  if (!idle && !turns && !flattens && !refolds) return {};
  return {std::make_unique<ViewStep>(x.Floats()), 1, refolds || turns ? y : x};
}

}  // namespace fovea
