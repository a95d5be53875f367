#include "fovea/engine/steps.h"

#include "fovea/engine/steps/reference_step.h"

namespace fovea {
namespace {

// Ordered: fused before single, fast before slow; the reference step ends the list and serves every layer.
using TryStep = StepChoice (*)(const Site& site);
constexpr TryStep kRows[] = {
    TryReferenceStep,
};

}  // namespace

StepChoice ChooseStep(const Site& site) {
  for (TryStep row : kRows) {
    if (StepChoice choice = row(site)) return choice;
  }
  return {};
}

StepChoice LastResort(const Site& site) { return TryReferenceStep(site); }

bool AcceptsImage(const Site&) { return false; }

}  // namespace fovea
