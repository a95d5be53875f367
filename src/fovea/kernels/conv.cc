#include "fovea/kernels/conv.h"

#include "fovea/kernels/conv_method.h"

namespace fovea {
namespace {

constexpr ConvFunctions kDirect{DirectForward,        DirectBackwardData,        DirectWeightGradient,
                                DirectForwardScratch, DirectBackwardDataScratch, DirectWeightGradientScratch};
constexpr ConvFunctions kWinograd{
    WinogradForward,        WinogradBackwardData,        WinogradWeightGradient,
    WinogradForwardScratch, WinogradBackwardDataScratch, WinogradWeightGradientScratch};
// The weight gradient would gain little or nothing (docs/decisions/0005-winograd.md).
constexpr ConvFunctions kWinogradStrided{
    WinogradForward,        WinogradBackwardData,        DirectWeightGradient,
    WinogradForwardScratch, WinogradBackwardDataScratch, DirectWeightGradientScratch};
constexpr ConvFunctions kBf16{Bf16Forward,        Bf16BackwardData,        Bf16WeightGradient,
                              Bf16ForwardScratch, Bf16BackwardDataScratch, Bf16WeightGradientScratch};

const ConvFunctions& FunctionsOf(const ConvPlan& plan) {
  switch (plan.method()) {
    case ConvMethod::kDirect:
      return kDirect;
    case ConvMethod::kWinogradStrided:
      return kWinogradStrided;
    case ConvMethod::kBfloat16:
      return kBf16;
    default:
      return kWinograd;
  }
}

}  // namespace

void ConvForward(ThreadPool& pool, const KernelTable& table, const ConvPlan& plan, int64_t n,
                 const ConvSource& x, const float* packed, const Epilogue& end, float* y, float* scratch) {
  FunctionsOf(plan).forward({pool, table, plan, n, scratch}, x, packed, end, y);
}

void ConvBackwardData(ThreadPool& pool, const KernelTable& table, const ConvPlan& plan, int64_t n,
                      const float* dy, const float* turned, bool accumulate, float* dx, float* scratch) {
  FunctionsOf(plan).backward_data({pool, table, plan, n, scratch}, dy, turned, accumulate, dx);
}

void ConvWeightGradient(ThreadPool& pool, const KernelTable& table, const ConvPlan& plan, int64_t n,
                        const ConvSource& x, const float* dy, float* dw, float* db, float* scratch) {
  FunctionsOf(plan).weight_gradient({pool, table, plan, n, scratch}, x, dy, dw, db);
}

int64_t ConvForwardScratch(const ConvPlan& plan, int64_t max_n, int threads) {
  return FunctionsOf(plan).forward_scratch(plan, max_n, threads);
}

int64_t ConvBackwardDataScratch(const ConvPlan& plan, int64_t max_n, int threads) {
  return FunctionsOf(plan).backward_data_scratch(plan, max_n, threads);
}

int64_t ConvWeightGradientScratch(const ConvPlan& plan, int64_t max_n, int threads) {
  return FunctionsOf(plan).weight_gradient_scratch(plan, max_n, threads);
}

}  // namespace fovea
