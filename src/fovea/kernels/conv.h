// Convolution of blocked activations with the micro-kernel: the three passes, by the plan's method. See conv_plan.h for
// layouts.
//
// Bits of the direct method: every output is one chain of fused multiply-adds in the order (source block, r, s, channel); a weight
// gradient is one chain over the pixels of a micro-shard, and the shards are added up a binary tree. Neither
// depends on threads, task order, tile shapes or instruction set. Winograd's bits (winograd.cc) are others, as fixed.
#pragma once

#include "fovea/base/parallel.h"
#include "fovea/kernels/conv_plan.h"

namespace fovea {

// Maps are floats; those of ConvMethod::kBfloat16, but for an image, are Bfloat16 behind the same pointers, and so is end.other.
//
// A map, read through a normalisation of all its channels where there is one: what lies in the padding is zero all the same. Only
// where ConvPlan::Normalises().
struct ConvSource {
  ConvSource(const float* m, const Normalisation* n = nullptr) : map(m), norm(n) {}
  const float* map;
  const Normalisation* norm;
};

// y = conv(x, packed) and the end, assigned, tail lanes included (they come out as zero). `end.bias`: OutBlocks()*16
// floats with zeros beyond K, or null; `end.other` may be y.
void ConvForward(ThreadPool& pool, const KernelTable& table, const ConvPlan& plan, int64_t n,
                 const ConvSource& x, const float* packed, const Epilogue& end, float* y, float* scratch);

// dx, assigned everywhere or added to, from dy and the turned weights. Not for image inputs.
void ConvBackwardData(ThreadPool& pool, const KernelTable& table, const ConvPlan& plan, int64_t n,
                      const float* dy, const float* turned, bool accumulate, float* dx, float* scratch);

// dw (K,C/g,kh,kw) and db (K, or null) += the gradients, in plain layout.
void ConvWeightGradient(ThreadPool& pool, const KernelTable& table, const ConvPlan& plan, int64_t n,
                        const ConvSource& x, const float* dy, float* dw, float* db, float* scratch);

// Floats of scratch for up to max_n images on so many threads.
int64_t ConvForwardScratch(const ConvPlan& plan, int64_t max_n, int threads);
int64_t ConvBackwardDataScratch(const ConvPlan& plan, int64_t max_n, int threads);
int64_t ConvWeightGradientScratch(const ConvPlan& plan, int64_t max_n, int threads);

}  // namespace fovea
