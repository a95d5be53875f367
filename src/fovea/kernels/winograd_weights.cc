// Weight gradients of 3x3 convolutions with stride 1 by Winograd's F(3x3, 4x4) or F(3x3, 2x2).
//
// A portion of tiles at a time, x and dy are transformed to v and g and multiplied, d[f] += v[f] x g[f]. Two schedules,
// the same bits. Few weights and many shards: a task owns a shard and a piece of the output blocks, and all arrays stay
// in its cache. Otherwise all threads transform a portion of a shard, or several shards of small maps, and then a task owns
// two output blocks and adds those shards up.
//
// Bits: for each frequency one chain over the tiles of a micro-shard, then the transform; the shards go up the tree.
#include <algorithm>
#include <bit>

#include "fovea/base/aligned.h"
#include "fovea/base/checked.h"
#include "fovea/kernels/conv_method.h"
#include "fovea/kernels/weight_shards.h"
#include "fovea/kernels/winograd_grid.h"

namespace fovea {
namespace {

constexpr int64_t kOwnSums = 320 * 1024, kOwnInputs = 256 * 1024;  // floats of a task that owns a shard
constexpr int64_t kMostPieces = 2;                                 // each transforms x again
constexpr int64_t kBlockFloats = 9 * 256;                          // of a pair of blocks
// Tiles of a shared portion: the transformed dy of two output blocks stays in the second-level cache.
constexpr int64_t kSharedTiles = 192;
constexpr int64_t kJoinedTiles = 64;  // of a portion of several shards

// Inputs, weights and outputs are alike.
int64_t Frequencies(const ConvPlan& plan) { return ForwardForm(plan.method()).Inputs(); }

// How a plan is cut: output blocks of a task, tiles of a portion.
struct Cut {
  int64_t blocks, tiles;
  bool several;        // portions of a shard: the sums of all blocks are kept from one to the next
  int64_t shards = 1;  // of a portion, a power of two

  static int64_t ShardTiles(const ConvPlan& plan) {
    return kMicroShard * GridOver(ForwardForm(plan.method()), plan.out_h(), plan.out_w(), {}).per_image;
  }
  static Cut Owned(const ConvPlan& plan) {
    const int64_t f = Frequencies(plan), c = plan.InBlocks(), k = plan.OutBlocks();
    const int64_t most = std::max<int64_t>(2, kOwnSums / (f * c * 256) / 2 * 2);
    const int64_t blocks = k <= most ? k : most;
    const int64_t tiles =
        EvenPiece(ShardTiles(plan), std::max<int64_t>(16, kOwnInputs / (f * (c + blocks) * 16)));
    return {blocks, tiles, tiles < ShardTiles(plan)};
  }
  static Cut Shared(const ConvPlan& plan) {
    const int64_t all = ShardTiles(plan), blocks = std::min<int64_t>(2, plan.OutBlocks());
    if (all > kSharedTiles) return {blocks, EvenPiece(all, kSharedTiles), true};
    const auto shards =
        static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(std::max<int64_t>(1, kJoinedTiles / all))));
    return {blocks, shards * all, false, shards};
  }
  int64_t Pieces(const ConvPlan& plan) const { return (plan.OutBlocks() + blocks - 1) / blocks; }
};

bool OwnsShards(const ConvPlan& plan, int64_t n, int threads) {
  const int64_t pieces = Cut::Owned(plan).Pieces(plan);
  return pieces <= kMostPieces && ShardsOf(n) * pieces >= kTasksPerThread * threads;
}

// v[f][source block][tile][16], g[f][output block][tile][16].
struct Inputs {
  float *v, *g;
  int64_t v_f, g_f, tiles;

  static int64_t Floats(const ConvPlan& plan, int64_t outputs, int64_t tiles) {
    return Frequencies(plan) * (FrequencyFloats(plan.InBlocks(), tiles) + FrequencyFloats(outputs, tiles));
  }
  Inputs(const ConvPlan& plan, int64_t outputs, int64_t t, float* at)
      : v(at), v_f(FrequencyFloats(plan.InBlocks(), t)), g_f(FrequencyFloats(outputs, t)), tiles(t) {
    g = v + Frequencies(plan) * v_f;
  }
};

// d[f][output block][source block][16][16] of a task; of two output blocks and one source block when it is not kept.
struct Sums {
  float* d;
  bool kept;
  int64_t f, kb;

  static int64_t Sources(const ConvPlan& plan, bool kept) { return kept ? plan.InBlocks() : 1; }
  static int64_t Floats(const ConvPlan& plan, int64_t outputs, bool kept) {
    return Frequencies(plan) * FrequencyFloats((kept ? outputs : 2) * Sources(plan, kept), 16);
  }
  Sums(const ConvPlan& plan, int64_t outputs, bool k, float* at)
      : d(at),
        kept(k),
        f(FrequencyFloats((kept ? outputs : 2) * Sources(plan, kept), 16)),
        kb(Sources(plan, kept) * 256) {}
  float* Of(int64_t output, int64_t source) const { return kept ? d + output * kb + source * 256 : d; }
};

class Gradient {
 public:
  Gradient(const ConvCall& call, const WeightShards& shards, const ConvSource& x, const float* dy)
      : pool_(call.pool),
        table_(call.table),
        plan_(call.plan),
        transforms_(call.table.*ForwardForm(plan_.method()).transforms),
        shards_(shards),
        src_(SourceGrid(plan_)),
        dst_(GradientGrid(plan_)),
        x_(x),
        dy_(dy),
        scratch_(call.scratch +
                 WeightShards::Floats(plan_, call.n, JoinedShards(plan_, call.n, call.pool.threads()))) {}

  // Shards that are added up before they become a part.
  static int64_t JoinedShards(const ConvPlan& plan, int64_t n, int threads) {
    return OwnsShards(plan, n, threads) ? 1 : Cut::Shared(plan).shards;
  }

  static int64_t Scratch(const ConvPlan& plan, int64_t max_n, int threads) {
    const Cut shared = Cut::Shared(plan), owned = Cut::Owned(plan);
    const int64_t all = Inputs::Floats(plan, plan.OutBlocks(), shared.tiles) +
                        (shared.several ? Sums::Floats(plan, plan.OutBlocks(), true)
                                        : threads * Sums::Floats(plan, shared.blocks, false));
    const int64_t shared_floats = WeightShards::Floats(plan, max_n, shared.shards) + all;
    if (!OwnsShards(plan, max_n, threads)) return shared_floats;
    return std::max(shared_floats, WeightShards::Floats(plan, max_n) + threads * OwnFloats(plan, owned));
  }

  void RunOwned() const {
    const Cut cut = Cut::Owned(plan_);
    pool_.For(shards_.shards() * cut.Pieces(plan_), [&](int64_t task, int worker) {
      const int64_t shard = task / cut.Pieces(plan_), k0 = task % cut.Pieces(plan_) * cut.blocks;
      const int64_t blocks = std::min(cut.blocks, plan_.OutBlocks() - k0);
      float* own = scratch_ + worker * OwnFloats(plan_, cut);
      const Inputs in(plan_, cut.blocks, cut.tiles, own);
      const Sums sums(plan_, cut.blocks, cut.several, own + Inputs::Floats(plan_, cut.blocks, cut.tiles));
      ForEachPortion(shard, 1, cut.tiles, [&](const Portion& portion) {
        for (int64_t cb = 0; cb < plan_.InBlocks(); cb++) TransformSource(in, portion, cb);
        for (int64_t kb = 0; kb < blocks; kb++) TransformGradient(in, portion, kb, k0 + kb);
        for (int64_t kb = 0; kb < blocks; kb += 2) {
          Multiply(in, sums, portion, kb, std::min<int64_t>(2, blocks - kb), k0);
        }
      });
    });
  }

  void RunShared() const {
    const Cut cut = Cut::Shared(plan_);
    const Inputs in(plan_, plan_.OutBlocks(), cut.tiles, scratch_);
    float* at = scratch_ + Inputs::Floats(plan_, plan_.OutBlocks(), cut.tiles);
    const int64_t own = cut.several ? 0 : Sums::Floats(plan_, cut.blocks, false);
    for (int64_t shard = 0; shard < shards_.shards(); shard += cut.shards) {
      ForEachPortion(shard, cut.shards, cut.tiles, [&](const Portion& portion) {
        pool_.For(plan_.InBlocks() + plan_.OutBlocks(), [&](int64_t block, int) {
          const int64_t kb = block - plan_.InBlocks();
          kb < 0 ? TransformSource(in, portion, block) : TransformGradient(in, portion, kb, kb);
        });
        pool_.For(cut.Pieces(plan_), [&](int64_t piece, int worker) {
          const Sums sums(plan_, plan_.OutBlocks(), cut.several, at + worker * own);
          const int64_t kb = piece * cut.blocks;
          Multiply(in, sums, portion, kb, std::min(cut.blocks, plan_.OutBlocks() - kb), 0);
        });
      });
    }
  }

 private:
  struct Portion {
    int64_t part, first, count;  // of the weights; tiles
    bool begins, ends;           // the part
  };

  template <class Body>
  void ForEachPortion(int64_t shard, int64_t shards, int64_t tiles, const Body& body) const {
    const int64_t begin = shards_.First(shard) * src_.per_image,
                  end = shards_.End(shard + shards - 1) * src_.per_image;
    for (int64_t first = begin; first < end; first += tiles) {
      const int64_t count = std::min(tiles, end - first);
      body(Portion{shard / shards, first, count, first == begin, first + count == end});
    }
  }

  static TileGrid SourceGrid(const ConvPlan& plan) {
    const ConvGeometry& g = plan.geometry();
    return GridOver(ForwardForm(plan.method()), plan.out_h(), plan.out_w(),
                    {g.h, g.w, -g.pt, -g.pl, plan.InBlocks() * g.h * g.w * 16});
  }
  static TileGrid GradientGrid(const ConvPlan& plan) {
    const int64_t h = plan.out_h(), w = plan.out_w();
    return GridOver(ForwardForm(plan.method()), h, w, {h, w, 0, 0, plan.OutBlocks() * h * w * 16});
  }
  static int64_t OwnFloats(const ConvPlan& plan, const Cut& cut) {
    return Inputs::Floats(plan, cut.blocks, cut.tiles) + Sums::Floats(plan, cut.blocks, cut.several);
  }

  void TransformSource(const Inputs& in, const Portion& portion, int64_t cb) const {
    const ConvGeometry& g = plan_.geometry();
    transforms_.input(src_, {portion.first, portion.count, in.v_f}, x_.norm, cb * 16,
                      x_.map + cb * g.h * g.w * 16, in.v + cb * in.tiles * 16);
  }
  // Output block k of the layer becomes block kb of g.
  void TransformGradient(const Inputs& in, const Portion& portion, int64_t kb, int64_t k) const {
    transforms_.gradient(dst_, {portion.first, portion.count, in.g_f},
                         dy_ + k * plan_.out_h() * plan_.out_w() * 16, in.g + kb * in.tiles * 16);
  }

  // All source blocks of output blocks kb.. of g, which are blocks k0 + kb.. of the layer.
  void Multiply(const Inputs& in, const Sums& sums, const Portion& portion, int64_t kb, int64_t blocks,
                int64_t k0) const {
    for (int64_t cb = 0; cb < plan_.InBlocks(); cb++) {
      const float *v = in.v + cb * in.tiles * 16, *g = in.g + kb * in.tiles * 16;
      float* part = shards_.Part(portion.part, k0 + kb, cb);
      if (!sums.kept) {
        MultiplyShards(in, v, g, sums, portion.count, blocks, part, shards_.KbFloats());
        continue;
      }
      float* d = sums.Of(kb, cb);
      MultiplyBlock(in, v, g, sums, d, portion.count, blocks, !portion.begins);
      if (portion.ends) Transform(sums, d, blocks, part, shards_.KbFloats());
    }
  }

  // The tree over the shards among `tiles`, as in shard_tree.h, into blocks `step` apart.
  void MultiplyShards(const Inputs& in, const float* v, const float* g, const Sums& sums, int64_t tiles,
                      int64_t blocks, float* to, int64_t step) const {
    const int64_t shard = Cut::ShardTiles(plan_);
    if (tiles <= shard) {
      MultiplyBlock(in, v, g, sums, sums.d, tiles, blocks, false);
      return Transform(sums, sums.d, blocks, to, step);
    }
    const auto shards = static_cast<uint64_t>((tiles + shard - 1) / shard);
    const int64_t left = static_cast<int64_t>(std::bit_floor(shards - 1)) * shard;
    alignas(kCacheLine) float right[2 * kBlockFloats];
    MultiplyShards(in, v, g, sums, left, blocks, to, step);
    MultiplyShards(in, v + left * 16, g + left * 16, sums, tiles - left, blocks, right, kBlockFloats);
    for (int64_t i = 0; i < blocks; i++) {
      for (int64_t j = 0; j < kBlockFloats; j++) to[i * step + j] += right[i * kBlockFloats + j];
    }
  }

  void Transform(const Sums& sums, const float* d, int64_t blocks, float* to, int64_t step) const {
    for (int64_t i = 0; i < blocks; i++) transforms_.weight_gradient(d + i * sums.kb, sums.f, to + i * step);
  }

  // d[f] (+)= v[f] x g[f] of one source block and one or two output blocks.
  void MultiplyBlock(const Inputs& in, const float* v, const float* g, const Sums& sums, float* d,
                     int64_t tiles, int64_t blocks, bool add) const {
    const Tap tap{0, 0, tiles};
    TileArgs args{};
    args.taps = &tap, args.count = 1;
    args.a_k = 16, args.b_n = in.tiles * 16;
    args.c_m = 16, args.c_n = sums.kb;
    args.add = add;
    const int64_t together = blocks == 2 && table_.max_pixels[2] > 0 ? 2 : 1;
    const int64_t piece = EvenPiece(16, table_.max_pixels[together]);
    for (int64_t f = 0; f < Frequencies(plan_); f++) {
      for (int64_t k = 0; k < blocks; k += together) {
        args.b = g + f * in.g_f + k * in.tiles * 16;
        for (int64_t lane = 0; lane < 16; lane += piece) {
          args.a = v + f * in.v_f + lane, args.c = d + f * sums.f + k * sums.kb + lane * 16;
          table_.outer[std::min(piece, 16 - lane)][together](args);
        }
      }
    }
  }

  ThreadPool& pool_;
  const KernelTable& table_;
  const ConvPlan& plan_;
  const WinogradTable& transforms_;
  const WeightShards& shards_;
  const TileGrid src_, dst_;
  const ConvSource x_;
  const float* dy_;
  float* scratch_;
};

}  // namespace

void WinogradWeightGradient(const ConvCall& call, const ConvSource& x, const float* dy, float* dw,
                            float* db) {
  const WeightShards shards(call.table, call.plan, call.n, call.scratch,
                            Gradient::JoinedShards(call.plan, call.n, call.pool.threads()));
  const Gradient gradient(call, shards, x, dy);
  OwnsShards(call.plan, call.n, call.pool.threads()) ? gradient.RunOwned() : gradient.RunShared();
  if (db != nullptr) shards.SumBiases(call.pool, dy);
  shards.AddTo(call.pool, dw, db);
}

int64_t WinogradWeightGradientScratch(const ConvPlan& plan, int64_t max_n, int threads) {
  return Gradient::Scratch(plan, max_n, threads);
}

}  // namespace fovea
