#include "fovea/engine/steps.h"

#include "fovea/engine/steps/add_step.h"
#include "fovea/engine/steps/batch_norm_step.h"
#include "fovea/engine/steps/binary_step.h"
#include "fovea/engine/steps/channel_norm_step.h"
#include "fovea/engine/steps/concat_step.h"
#include "fovea/engine/steps/conv_step.h"
#include "fovea/engine/steps/conv_transpose_step.h"
#include "fovea/engine/steps/depthwise_step.h"
#include "fovea/engine/steps/dropout_step.h"
#include "fovea/engine/steps/group_norm_step.h"
#include "fovea/engine/steps/linear_step.h"
#include "fovea/engine/steps/normalised_step.h"
#include "fovea/engine/steps/pointwise_step.h"
#include "fovea/engine/steps/pool_step.h"
#include "fovea/engine/steps/rearrange_step.h"
#include "fovea/engine/steps/rectify_step.h"
#include "fovea/engine/steps/reference_step.h"
#include "fovea/engine/steps/resize_step.h"
#include "fovea/engine/steps/response_norm_step.h"
#include "fovea/engine/steps/softmax_step.h"
#include "fovea/engine/steps/view_step.h"
#include "fovea/engine/steps/widened_step.h"
#include "fovea/layers/conv2d.h"

namespace fovea {
namespace {

// Ordered: fused before single, fast before slow; the reference step ends the list and serves every layer.
struct Row {
  StepChoice (*try_step)(const Site& site);
  bool halves = false;  // it knows maps of Bfloat16
};
constexpr Row kRows[] = {
    {TryNormalisedStep, true}, {TryBatchNormStep, true},  // with the ReLU behind it
    {TryDepthwiseStep, true},  {TryConvStep, true},        {TryConvTransposeStep, true},
    {TryGroupNormStep, true},  {TryChannelNormStep, true}, {TryConcatStep},
    {TryLinearStep},           {TryPoolStep, true},        {TryRectifyStep, true},
    {TryPointwiseStep, true},  {TryAddStep, true},         {TryBinaryStep, true},
    {TryViewStep, true},       {TryRearrangeStep, true},   {TryResizeStep, true},
    {TryResponseNormStep},     {TrySoftmaxStep},           {TryDropoutStep, true},
    {TryReferenceStep, true},
};

StepChoice Try(const Row& row, const Site& site) {
  if (!site.halves) return row.try_step(site);
  if (row.halves) {
    if (StepChoice choice = row.try_step(site)) return choice;
  }
  StepChoice choice = row.try_step(site.Widened());
  return choice ? Widen(site, std::move(choice)) : StepChoice{};
}

}  // namespace

StepChoice ChooseStep(const Site& site) {
  for (const Row& row : kRows) {
    if (StepChoice choice = Try(row, site)) return choice;
  }
  return {};
}

StepChoice LastResort(const Site& site) { return TryReferenceStep(site); }

bool AcceptsImage(const Site& site) { return site.Layer<Conv2d>() != nullptr && TryConvStep(site); }

}  // namespace fovea
