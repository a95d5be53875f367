#include "fovea/kernels/depthwise.h"

#include <algorithm>
#include <utility>

#include "fovea/base/micro_shard.h"
#include "fovea/kernels/read_plane.h"
#include "fovea/kernels/shard_tree.h"

namespace fovea {
namespace {

DepthwisePass KernelPass(const ConvPass& pass, int64_t h, int64_t w, int64_t dst_w, bool stream,
                         ptrdiff_t ahead = 0, const Rectifier* rectifier = nullptr) {
  return {pass.rows.offset.data(),
          pass.cols.offset.data(),
          static_cast<int64_t>(pass.rows.offset.size()),
          static_cast<int64_t>(pass.cols.offset.size()),
          h,
          w,
          pass.out_h,
          pass.out_w,
          pass.sh,
          pass.sw,
          pass.dst_row_step * dst_w * 16,
          pass.dst_col_step * 16,
          stream,
          ahead,
          rectifier};
}

// A task reads at least this much at once, so that the machine foresees what it reads next.
constexpr int64_t kRunBytes = 64 * 1024;
constexpr ptrdiff_t kNumbersAhead = 1024;

int64_t TapsOf(const ConvPass& pass) {
  return static_cast<int64_t>(pass.rows.offset.size() * pass.cols.offset.size());
}

}  // namespace

bool DepthwisePlan::Supports(const ConvGeometry& g) { return g.groups == g.c && g.k == g.c && !g.image; }

DepthwisePlan::DepthwisePlan(const ConvGeometry& g)
    : g_(g), forward_(ForwardPass(g)), backward_(BackwardPasses(g)) {}

// [block][r][s][16] for the taps of the pass; returns the end.
float* DepthwisePlan::Pack(const ConvPass& pass, const float* w, float* packed) const {
  for (int64_t c = 0; c < Blocks() * 16; c += 16) {
    for (const int64_t r : pass.rows.index) {
      for (const int64_t s : pass.cols.index) {
        for (int64_t lane = 0; lane < 16; lane++) {
          *packed++ = c + lane < g_.c ? w[((c + lane) * g_.kh + r) * g_.kw + s] : 0;
        }
      }
    }
  }
  return packed;
}

void DepthwisePlan::PackBackward(const float* w, float* packed) const {
  for (const ConvPass& pass : backward_) packed = Pack(pass, w, packed);
}

template <class T>
void DepthwisePlan::Forward(ThreadPool& pool, const KernelTable& table, int64_t n,
                            const DepthwiseSource<T>& x, const float* packed, const Epilogue& end, T* y,
                            float* scratch) const {
  const DepthwisePass pass = KernelPass(forward_, g_.h, g_.w, g_.OutW(), Streams<T>(n, OutPlane()),
                                        x.norm ? 0 : kNumbersAhead, end.rectifier);
  const int64_t planes = n * Blocks(),
                run = std::max<int64_t>(1, kRunBytes / (InPlane() * static_cast<int64_t>(sizeof(T))));
  pool.For((planes + run - 1) / run, [&](int64_t task, int worker) {
    for (int64_t i = task * run; i < std::min(planes, (task + 1) * run); i++) {
      const int64_t block = i % Blocks();
      table.maps<T>().depthwise.run(
          pass, ReadPlane(table, x.norm, x.map, i, Blocks(), g_.h * g_.w, scratch, worker),
          packed + block * Taps() * 16, end.bias ? end.bias + block * 16 : nullptr, y + i * OutPlane());
    }
  });
}

template <class T>
void DepthwisePlan::BackwardPlane(const KernelTable& table, int64_t n, int64_t i, ptrdiff_t ahead,
                                  const T* dy, const float* packed, T* dx) const {
  for (const ConvPass& pass : backward_) {
    T* to = dx + i * InPlane() + (pass.dst_row * g_.w + pass.dst_col) * 16;
    table.maps<T>().depthwise.run(
        KernelPass(pass, g_.OutH(), g_.OutW(), g_.w, Streams<T>(n, InPlane()), std::exchange(ahead, 0)),
        dy + i * OutPlane(), packed + i % Blocks() * TapsOf(pass) * 16, nullptr, to);
    packed += Blocks() * TapsOf(pass) * 16;
  }
}

template <class T>
void DepthwisePlan::Backward(ThreadPool& pool, const KernelTable& table, int64_t n,
                             const DepthwiseSource<T>& x, const T* dy, const float* packed, T* dx, float* dw,
                             float* db, float* scratch) const {
  const int64_t shards = ShardsOf(n), tasks = shards * Blocks();
  // A plane of dy is read once for both gradients, when there are tasks enough.
  const bool together = dx != nullptr && tasks >= 2 * pool.threads();
  // The next plane of the task is that of the next image.
  const auto ahead = [&](int64_t plane) {
    return plane * static_cast<int64_t>(sizeof(T)) < kRunBytes ? Blocks() * plane : kNumbersAhead;
  };
  const DepthwisePass pass =
      KernelPass(forward_, g_.h, g_.w, g_.OutW(), false, x.norm ? 0 : ahead(InPlane()));
  float* rooms = scratch + PartsFloats(n);
  pool.For(tasks, [&](int64_t task, int worker) {
    const int64_t shard = task / Blocks(), block = task % Blocks();
    float* part = scratch + task * PartFloats();
    std::fill_n(part, PartFloats(), 0.0f);
    for (int64_t image = shard * kMicroShard; image < std::min(n, (shard + 1) * kMicroShard); image++) {
      const int64_t plane = image * Blocks() + block;
      if (together) BackwardPlane(table, n, plane, ahead(OutPlane()), dy, packed, dx);
      table.maps<T>().depthwise.weights(
          pass, ReadPlane(table, x.norm, x.map, plane, Blocks(), g_.h * g_.w, rooms, worker),
          dy + plane * OutPlane(), part);
      if (db) table.maps<T>().plane.sum(dy + plane * OutPlane(), g_.OutH() * g_.OutW(), part + Taps() * 16);
    }
  });
  AddParts(shards, scratch, dw, db);
  if (dx == nullptr || together) return;
  pool.For(n * Blocks(), [&](int64_t i, int) { BackwardPlane(table, n, i, kNumbersAhead, dy, packed, dx); });
}

template void DepthwisePlan::Forward(ThreadPool&, const KernelTable&, int64_t, const DepthwiseSource<float>&,
                                     const float*, const Epilogue&, float*, float*) const;
template void DepthwisePlan::Backward(ThreadPool&, const KernelTable&, int64_t, const DepthwiseSource<float>&,
                                      const float*, const float*, float*, float*, float*, float*) const;
template void DepthwisePlan::Forward(ThreadPool&, const KernelTable&, int64_t,
                                     const DepthwiseSource<Bfloat16>&, const float*, const Epilogue&,
                                     Bfloat16*, float*) const;
template void DepthwisePlan::Backward(ThreadPool&, const KernelTable&, int64_t,
                                      const DepthwiseSource<Bfloat16>&, const Bfloat16*, const float*,
                                      Bfloat16*, float*, float*, float*) const;

void DepthwisePlan::AddParts(int64_t shards, const float* parts, float* dw, float* db) const {
  for (int64_t c = 0; c < g_.c; c++) {
    const float* lane = parts + c / 16 * PartFloats() + c % 16;
    for (int64_t t = 0; t <= Taps(); t++) {
      float sum;
      AddUpTree<1>(lane + t * 16, Blocks() * PartFloats(), shards, &sum);
      if (t < Taps()) {
        dw[c * Taps() + t] += sum;
      } else if (db) {
        db[c] += sum;
      }
    }
  }
}

int64_t DepthwisePlan::BackwardScratch(int64_t max_n, int threads) const {
  return PartsFloats(max_n) + ForwardScratch(threads);
}

}  // namespace fovea
