#include "fovea/engine/steps.h"

#include "fovea/engine/steps/add_step.h"
#include "fovea/engine/steps/batch_norm_step.h"
#include "fovea/engine/steps/concat_step.h"
#include "fovea/engine/steps/conv_step.h"
#include "fovea/engine/steps/depthwise_step.h"
#include "fovea/engine/steps/dropout_step.h"
#include "fovea/engine/steps/gelu_step.h"
#include "fovea/engine/steps/linear_step.h"
#include "fovea/engine/steps/pool_step.h"
#include "fovea/engine/steps/rectify_step.h"
#include "fovea/engine/steps/reference_step.h"
#include "fovea/engine/steps/softmax_step.h"
#include "fovea/engine/steps/view_step.h"
#include "fovea/layers/conv2d.h"

namespace fovea {
namespace {

// Ordered: fused before single, fast before slow; the reference step ends the list and serves every layer.
using TryStep = StepChoice (*)(const Site& site);
constexpr TryStep kRows[] = {
    TryBatchNormStep,  // with the ReLU behind it
    TryDepthwiseStep, TryConvStep, TryConcatStep, TryLinearStep,  TryPoolStep,    TryRectifyStep,
    TryGeluStep,      TryAddStep,  TryViewStep,   TrySoftmaxStep, TryDropoutStep, TryReferenceStep,
};

}  // namespace

StepChoice ChooseStep(const Site& site) {
  for (TryStep row : kRows) {
    if (StepChoice choice = row(site)) return choice;
  }
  return {};
}

StepChoice LastResort(const Site& site) { return TryReferenceStep(site); }

bool AcceptsImage(const Site& site) { return site.Layer<Conv2d>() != nullptr && TryConvStep(site); }

}  // namespace fovea
