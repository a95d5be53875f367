// Weight gradients of 3x3 convolutions with stride 1 by Winograd's F(3x3, 4x4) or F(3x3, 2x2).
//
// A shard's tiles are taken a portion at a time: all threads transform the portion's x and dy, then each pair of output
// blocks goes through the frequencies, d[f] += v[f] x g[f].
//
// Bits: for each frequency one chain over the tiles of a micro-shard, then the transform; the shards go up the tree.
#include <algorithm>

#include "fovea/kernels/conv_method.h"
#include "fovea/kernels/weight_shards.h"
#include "fovea/kernels/winograd_grid.h"

namespace fovea {
namespace {

// Tiles of a portion: the transformed dy of two output blocks stays in the second-level cache.
constexpr int64_t kPortionTiles = 192;

class Gradient {
 public:
  Gradient(const ConvCall& call, const WeightShards& shards, const float* x, const float* dy)
      : pool_(call.pool),
        table_(call.table),
        plan_(call.plan),
        transforms_(TransformsFor(call.table, plan_.method())),
        shards_(shards),
        frequencies_(Frequencies(plan_.method())),
        src_(SourceGrid(plan_)),
        dst_(GradientGrid(plan_)),
        portion_(PortionTiles(plan_)),
        x_(x),
        dy_(dy),
        v_(call.scratch + WeightShards::Floats(plan_, call.n)),
        g_(v_ + frequencies_ * FrequencyFloats(plan_.InBlocks(), portion_)),
        d_(g_ + frequencies_ * FrequencyFloats(plan_.OutBlocks(), portion_)) {}

  static int64_t Scratch(const ConvPlan& plan, int64_t max_n) {
    return WeightShards::Floats(plan, max_n) +
           Frequencies(plan.method()) *
               (FrequencyFloats(plan.InBlocks(), PortionTiles(plan)) +
                FrequencyFloats(plan.OutBlocks(), PortionTiles(plan)) + SumFloats(plan));
  }

  void Run() const {
    for (int64_t shard = 0; shard < shards_.shards(); shard++) {
      const int64_t begin = shards_.First(shard) * src_.per_image, end = shards_.End(shard) * src_.per_image;
      for (int64_t first = begin; first < end; first += portion_) {
        const int64_t count = std::min(portion_, end - first);
        Transform(first, count);
        pool_.For((plan_.OutBlocks() + 1) / 2, [&](int64_t pair, int) {
          const int64_t kb = pair * 2, blocks = std::min<int64_t>(2, plan_.OutBlocks() - kb);
          for (int64_t cb = 0; cb < plan_.InBlocks(); cb++) {
            Multiply(kb, blocks, cb, count, first > begin);
            if (first + count == end) Store(shard, kb, blocks, cb);
          }
        });
      }
    }
  }

 private:
  static TileGrid SourceGrid(const ConvPlan& plan) {
    const ConvGeometry& g = plan.geometry();
    return GridOver(plan.method(), plan.out_h(), plan.out_w(),
                    {g.h, g.w, -g.pt, -g.pl, plan.InBlocks() * g.h * g.w * 16});
  }
  static TileGrid GradientGrid(const ConvPlan& plan) {
    const int64_t h = plan.out_h(), w = plan.out_w();
    return GridOver(plan.method(), h, w, {h, w, 0, 0, plan.OutBlocks() * h * w * 16});
  }
  static int64_t PortionTiles(const ConvPlan& plan) {
    return EvenPiece(kMicroShard * SourceGrid(plan).per_image, kPortionTiles);
  }
  // Of one frequency of d[f][kb][cb][16][16].
  static int64_t SumFloats(const ConvPlan& plan) { return plan.OutBlocks() * plan.InBlocks() * 256 + 16; }

  float* Sum(int64_t kb, int64_t cb) const { return d_ + (kb * plan_.InBlocks() + cb) * 256; }

  void Transform(int64_t first, int64_t count) const {
    const ConvGeometry& g = plan_.geometry();
    const int64_t x_plane = g.h * g.w * 16, dy_plane = plan_.out_h() * plan_.out_w() * 16;
    pool_.For(plan_.InBlocks() + plan_.OutBlocks(), [&](int64_t block, int) {
      if (block < plan_.InBlocks()) {
        transforms_.input(src_, {first, count, FrequencyFloats(plan_.InBlocks(), portion_)},
                          x_ + block * x_plane, v_ + block * portion_ * 16);
      } else {
        block -= plan_.InBlocks();
        transforms_.gradient(dst_, {first, count, FrequencyFloats(plan_.OutBlocks(), portion_)},
                             dy_ + block * dy_plane, g_ + block * portion_ * 16);
      }
    });
  }

  // d[f] (+)= v[f] x g[f] for output blocks kb.. and source block cb.
  void Multiply(int64_t kb, int64_t blocks, int64_t cb, int64_t count, bool add) const {
    const Tap tap{0, 0, count};
    TileArgs args{};
    args.taps = &tap, args.count = 1;
    args.a_k = 16, args.b_n = portion_ * 16;
    args.c_m = 16, args.c_n = plan_.InBlocks() * 256;
    args.add = add;
    const int64_t together = blocks == 2 && table_.max_pixels[2] > 0 ? 2 : 1;
    const int64_t piece = EvenPiece(16, table_.max_pixels[together]);
    for (int64_t f = 0; f < frequencies_; f++) {
      const float* v = v_ + f * FrequencyFloats(plan_.InBlocks(), portion_) + cb * portion_ * 16;
      for (int64_t k = kb; k < kb + blocks; k += together) {
        args.b = g_ + f * FrequencyFloats(plan_.OutBlocks(), portion_) + k * portion_ * 16;
        float* d = Sum(k, cb) + f * SumFloats(plan_);
        for (int64_t lane = 0; lane < 16; lane += piece) {
          args.a = v + lane, args.c = d + lane * 16;
          table_.outer[std::min(piece, 16 - lane)][together](args);
        }
      }
    }
  }

  void Store(int64_t shard, int64_t kb, int64_t blocks, int64_t cb) const {
    for (int64_t k = kb; k < kb + blocks; k++) {
      transforms_.weight_gradient(Sum(k, cb), SumFloats(plan_), shards_.Part(shard, k, cb));
    }
  }

  ThreadPool& pool_;
  const KernelTable& table_;
  const ConvPlan& plan_;
  const WinogradTable& transforms_;
  const WeightShards& shards_;
  const int64_t frequencies_;
  const TileGrid src_, dst_;
  const int64_t portion_;
  const float *x_, *dy_;
  float *v_, *g_, *d_;
};

}  // namespace

void WinogradWeightGradient(const ConvCall& call, const float* x, const float* dy, float* dw, float* db) {
  const WeightShards shards(call.table, call.plan, call.n, call.scratch);
  Gradient(call, shards, x, dy).Run();
  if (db != nullptr) {
    call.pool.For(shards.shards() * call.plan.OutBlocks(), [&](int64_t task, int) {
      shards.SumBias(task / call.plan.OutBlocks(), task % call.plan.OutBlocks(), dy);
    });
  }
  shards.AddTo(call.pool, dw, db);
}

int64_t WinogradWeightGradientScratch(const ConvPlan& plan, int64_t max_n) {
  return Gradient::Scratch(plan, max_n);
}

}  // namespace fovea
