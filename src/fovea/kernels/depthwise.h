// Depthwise convolution of blocked activations, of T = float or Bfloat16: every channel has its own filter (groups = C = K). The three
// passes are bound by memory; a task is a plane or a run of neighbouring planes.
//
// Bits: an output is one chain of fused multiply-adds in the order (r, s); a weight gradient runs over the rows of
// each image of a micro-shard in order, and the shards are added up a binary tree.
#pragma once

#include "fovea/base/aligned.h"
#include "fovea/base/micro_shard.h"
#include "fovea/base/parallel.h"
#include "fovea/kernels/conv_pass.h"
#include "fovea/kernels/isa/table.h"

namespace fovea {

// A map, read through a normalisation of all its channels where there is one.
template <class T>
struct DepthwiseSource {
  const T* map;
  const Normalisation* norm = nullptr;
};

class DepthwisePlan {
 public:
  static bool Supports(const ConvGeometry& g);
  explicit DepthwisePlan(const ConvGeometry& g);

  const ConvGeometry& geometry() const { return g_; }
  int64_t Blocks() const { return (g_.c + 15) / 16; }
  int64_t Taps() const { return g_.kh * g_.kw; }
  // Floats of the weights packed for the forward pass, and of those for all passes of backward-data.
  int64_t PackedFloats() const { return Blocks() * Taps() * 16; }
  void PackForward(const float* w, float* packed) const { Pack(forward_, w, packed); }
  void PackBackward(const float* w, float* packed) const;

  // y = conv(x) and the end, whose `other` must be null; assigned, tail lanes zero. `end.bias`: Blocks()*16 floats with zeros
  // beyond C, or null.
  template <class T>
  void Forward(ThreadPool& pool, const KernelTable& table, int64_t n, const DepthwiseSource<T>& x,
               const float* packed, const Epilogue& end, T* y, float* scratch) const;
  // dw (C,1,kh,kw) and db (C, or null) += the gradients, in plain layout; dx, unless null, assigned everywhere. `packed`: of
  // PackBackward.
  template <class T>
  void Backward(ThreadPool& pool, const KernelTable& table, int64_t n, const DepthwiseSource<T>& x,
                const T* dy, const float* packed, T* dx, float* dw, float* db, float* scratch) const;
  // Floats; Forward needs none without a normalisation.
  int64_t ForwardScratch(int threads) const { return threads * InPlane(); }
  int64_t BackwardScratch(int64_t max_n, int threads) const;

 private:
  float* Pack(const ConvPass& pass, const float* w, float* packed) const;
  int64_t InPlane() const { return g_.h * g_.w * 16; }
  int64_t OutPlane() const { return g_.OutH() * g_.OutW() * 16; }
  template <class T>
  bool Streams(int64_t n, int64_t plane) const {
    return n * Blocks() * plane > kStreamBytes / static_cast<int64_t>(sizeof(T));
  }
  int64_t PartsFloats(int64_t n) const { return ShardsOf(n) * Blocks() * PartFloats(); }
  // Plane i of dx.
  template <class T>
  void BackwardPlane(const KernelTable& table, int64_t n, int64_t i, ptrdiff_t ahead, const T* dy,
                     const float* packed, T* dx) const;
  void AddParts(int64_t shards, const float* parts, float* dw, float* db) const;
  // A part of the weight gradient: taps, then the bias.
  int64_t PartFloats() const { return (Taps() + 1) * 16; }

  ConvGeometry g_;
  ConvPass forward_;
  std::vector<ConvPass> backward_;
};

}  // namespace fovea
