// The methods behind conv.h: each has its passes. Included by conv.cc and by the methods.
#pragma once

#include "fovea/kernels/conv.h"

namespace fovea {

// What a pass reads and writes: x and y of ConvForward, dy and dx of ConvBackwardData, x and dy of ConvWeightGradient.
struct ConvCall {
  ThreadPool& pool;
  const KernelTable& table;
  const ConvPlan& plan;
  int64_t n;
  float* scratch;
};

// The end of block kb, whose outputs begin so many floats into the result.
inline Epilogue EndOf(const Epilogue& end, int64_t kb, int64_t offset) {
  return {end.bias ? end.bias + kb * 16 : nullptr, end.other ? end.other + offset : nullptr, end.rectifier};
}

struct ConvFunctions {
  void (*forward)(const ConvCall& call, const ConvSource& x, const float* packed, const Epilogue& end,
                  float* y);
  void (*backward_data)(const ConvCall& call, const float* dy, const float* turned, bool accumulate,
                        float* dx);
  void (*weight_gradient)(const ConvCall& call, const ConvSource& x, const float* dy, float* dw, float* db);
  int64_t (*forward_scratch)(const ConvPlan& plan, int64_t max_n, int threads);
  int64_t (*backward_data_scratch)(const ConvPlan& plan, int64_t max_n, int threads);
  int64_t (*weight_gradient_scratch)(const ConvPlan& plan, int64_t max_n, int threads);
};

void DirectForward(const ConvCall& call, const ConvSource& x, const float* packed, const Epilogue& end,
                   float* y);
void DirectBackwardData(const ConvCall& call, const float* dy, const float* turned, bool accumulate,
                        float* dx);
void DirectWeightGradient(const ConvCall& call, const ConvSource& x, const float* dy, float* dw, float* db);
int64_t DirectForwardScratch(const ConvPlan& plan, int64_t max_n, int threads);
int64_t DirectBackwardDataScratch(const ConvPlan& plan, int64_t max_n, int threads);
int64_t DirectWeightGradientScratch(const ConvPlan& plan, int64_t max_n, int threads);

void WinogradForward(const ConvCall& call, const ConvSource& x, const float* packed, const Epilogue& end,
                     float* y);
void WinogradBackwardData(const ConvCall& call, const float* dy, const float* turned, bool accumulate,
                          float* dx);
void WinogradWeightGradient(const ConvCall& call, const ConvSource& x, const float* dy, float* dw, float* db);
int64_t WinogradForwardScratch(const ConvPlan& plan, int64_t max_n, int threads);
int64_t WinogradBackwardDataScratch(const ConvPlan& plan, int64_t max_n, int threads);
int64_t WinogradWeightGradientScratch(const ConvPlan& plan, int64_t max_n, int threads);

void Bf16Forward(const ConvCall& call, const ConvSource& x, const float* packed, const Epilogue& end,
                 float* y);
void Bf16BackwardData(const ConvCall& call, const float* dy, const float* turned, bool accumulate, float* dx);
void Bf16WeightGradient(const ConvCall& call, const ConvSource& x, const float* dy, float* dw, float* db);
int64_t Bf16ForwardScratch(const ConvPlan& plan, int64_t max_n, int threads);
int64_t Bf16BackwardDataScratch(const ConvPlan& plan, int64_t max_n, int threads);
int64_t Bf16WeightGradientScratch(const ConvPlan& plan, int64_t max_n, int threads);

}  // namespace fovea
