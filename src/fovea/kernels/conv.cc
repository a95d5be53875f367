#include "fovea/kernels/conv.h"

#include "fovea/kernels/conv_method.h"

namespace fovea {
namespace {

bool Direct(const ConvPlan& plan) { return plan.method() == ConvMethod::kDirect; }

}  // namespace

void ConvForward(ThreadPool& pool, const KernelTable& table, const ConvPlan& plan, int64_t n, const float* x,
                 const float* packed, const float* bias, float* y, float* scratch) {
  const ConvCall call{pool, table, plan, n, scratch};
  Direct(plan) ? DirectForward(call, x, packed, bias, y) : WinogradForward(call, x, packed, bias, y);
}

void ConvBackwardData(ThreadPool& pool, const KernelTable& table, const ConvPlan& plan, int64_t n,
                      const float* dy, const float* turned, bool accumulate, float* dx, float* scratch) {
  const ConvCall call{pool, table, plan, n, scratch};
  Direct(plan) ? DirectBackwardData(call, dy, turned, accumulate, dx)
               : WinogradBackwardData(call, dy, turned, accumulate, dx);
}

void ConvWeightGradient(ThreadPool& pool, const KernelTable& table, const ConvPlan& plan, int64_t n,
                        const float* x, const float* dy, float* dw, float* db, float* scratch) {
  const ConvCall call{pool, table, plan, n, scratch};
  Direct(plan) ? DirectWeightGradient(call, x, dy, dw, db) : WinogradWeightGradient(call, x, dy, dw, db);
}

int64_t ConvForwardScratch(const ConvPlan& plan, int64_t max_n, int threads) {
  return Direct(plan) ? DirectForwardScratch(plan, threads) : WinogradForwardScratch(plan, max_n, threads);
}

int64_t ConvBackwardDataScratch(const ConvPlan& plan, int64_t max_n, int threads) {
  return Direct(plan) ? DirectBackwardDataScratch(plan, threads)
                      : WinogradBackwardDataScratch(plan, max_n, threads);
}

int64_t ConvWeightGradientScratch(const ConvPlan& plan, int64_t max_n, int threads) {
  return Direct(plan) ? DirectWeightGradientScratch(plan, max_n, threads)
                      : WinogradWeightGradientScratch(plan, max_n, threads);
}

}  // namespace fovea
