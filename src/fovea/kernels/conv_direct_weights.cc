#include <algorithm>
#include <vector>

#include "fovea/kernels/conv_method.h"
#include "fovea/kernels/conv_pack.h"
#include "fovea/kernels/weight_shards.h"

namespace fovea {
namespace {

constexpr int64_t kSourceFloats = 128 * 1024;  // that a task goes through at a time: half of a 1 MB cache
constexpr int64_t kSourceBlocks = 4, kOutputBlocks = 8;  // of a task: its sums stay in the cache
constexpr int64_t kFewTasks = 8;
// Pixels between two visits of the sums: their rows of x and dy, 192 bytes a pixel, stay in the first-level
// cache.
constexpr int64_t kChunkPixels = 128;
constexpr int64_t kAheadLines = 8;  // of the next images' rows, fetched with every tile

// Where the parts of a task lie: blocks of sources and outputs of one group, a shard of images.
struct Piece {
  int64_t shard, group, k0, k1, c0, c1;
};

class WeightGradient {
 public:
  WeightGradient(const ConvCall& call, const WeightShards& shards, const float* x, const float* dy, bool bias)
      : table_(call.table),
        plan_(call.plan),
        g_(plan_.geometry()),
        pass_(plan_.forward()),
        band_(pass_, pass_.out_h),
        source_(SourceMap(plan_)),
        n_(call.n),
        shards_(shards),
        src_blocks_(plan_.SourceBlocks()),
        dst_blocks_(plan_.OutBlocks() / g_.groups),
        c_pieces_((src_blocks_ + kSourceBlocks - 1) / kSourceBlocks),
        k_blocks_(OutputBlocks(shards.shards() * g_.groups * c_pieces_, dst_blocks_)),
        k_pieces_((dst_blocks_ + k_blocks_ - 1) / k_blocks_),
        group_(ImageGroup(plan_)),
        x_(x),
        dy_(dy),
        bias_(bias),
        packs_(call.scratch + WeightShards::Floats(plan_, n_)) {
    for (std::size_t r = 0; r < pass_.rows.offset.size(); r++) {
      for (std::size_t s = 0; s < pass_.cols.offset.size(); s++) places_.push_back(MakePlace(r, s));
    }
  }

  // Floats of a worker's packed rows: images alone are packed, blocked maps read where they lie.
  static int64_t PackFloats(const ConvPlan& plan) {
    return plan.geometry().image ? ImageGroup(plan) * SourceMap(plan).image : 0;
  }

  int64_t Tasks() const { return shards_.shards() * g_.groups * c_pieces_ * k_pieces_; }

  void Run(int64_t task, int worker) const {
    const Piece p = PieceOf(task);
    const int64_t begin = shards_.First(p.shard), end = shards_.End(p.shard);
    float* pack = packs_ + worker * PackFloats(plan_);
    for (int64_t image0 = begin; image0 < end; image0 += group_) {
      const int64_t images = std::min(group_, end - image0);
      if (g_.image) PackGroup(p, image0, images, pack);
      const float* source = g_.image ? pack : x_ + image0 * SourceFloats() + SourceBlock(p.group, p.c0);
      Ahead ahead(x_ + std::min(image0 + group_, n_ - 1) * SourceFloats() + SourceBlock(p.group, p.c0),
                  image0 + group_ < end ? (p.c1 - p.c0) * g_.h * g_.w : 0);
      for (int64_t kb = p.k0; kb < p.k1;) {
        const int64_t blocks = p.k1 - kb >= 2 && table_.max_pixels[2] > 0 ? 2 : 1;
        for (int64_t cb = p.c0; cb < p.c1; cb++) {
          RunBlock(p, kb, blocks, cb, source + (cb - p.c0) * source_.plane, image0, images, ahead);
        }
        kb += blocks;
      }
    }
    if (p.c0 > 0 || !bias_) return;
    for (int64_t kb = p.k0; kb < p.k1; kb++) shards_.SumBias(p.shard, p.group * dst_blocks_ + kb, dy_);
  }

 private:
  // The map that the tiles read: [image][block][h][w][16] floats, whose row 0 and column 0 have these offsets.
  struct Map {
    int64_t h, w, row, column, step;  // step: columns from one output to the next
    int64_t plane, image;
  };
  // A kernel tap: its block in the sums and, for every output row of a group of images, the pixels that meet it
  // inside the map. What lies in the padding is left out: it adds nothing.
  struct Place {
    int64_t sum;
    std::vector<Tap> rows;
  };

  // Lines to fetch, a few at a time, so that none is dropped.
  class Ahead {
   public:
    Ahead(const float* from, int64_t lines) : next_(from), end_(from + lines * 16) {}
    void Fetch() {
      for (int64_t i = 0; i < kAheadLines && next_ < end_; i++, next_ += 16) __builtin_prefetch(next_, 0, 2);
    }

   private:
    const float *next_, *end_;
  };

  static Map SourceMap(const ConvPlan& plan) {
    const ConvGeometry& g = plan.geometry();
    if (!g.image) {
      const int64_t plane = g.h * g.w * 16;
      return {.h = g.h,
              .w = g.w,
              .row = 0,
              .column = 0,
              .step = g.sw,
              .plane = plane,
              .image = plan.InBlocks() * plane};
    }
    const PackedBand band(plan.forward(), plan.out_h());
    const int64_t blocks = std::min(plan.SourceBlocks(), kSourceBlocks);
    return {.h = band.rows,
            .w = band.columns,
            .row = plan.forward().rows.First(),
            .column = 0,
            .step = 1,
            .plane = band.Floats(),
            .image = blocks * band.Floats()};
  }

  // Images taken at a time: as many as the cache allows.
  static int64_t ImageGroup(const ConvPlan& plan) {
    const int64_t floats = SourceMap(plan).plane * std::min(plan.SourceBlocks(), kSourceBlocks);
    return std::clamp<int64_t>(kSourceFloats / floats, 1, kMicroShard);
  }

  Place MakePlace(std::size_t r, std::size_t s) const {
    Place place{.sum = (pass_.rows.index[r] * plan_.TapColumns() + pass_.cols.index[s]) * 256, .rows = {}};
    const int64_t column0 = pass_.cols.offset[s] - source_.column, step = source_.step;
    const int64_t first = column0 < 0 ? (-column0 + step - 1) / step : 0;
    const int64_t beyond = column0 < source_.w ? (source_.w - 1 - column0) / step + 1 : 0;
    const int64_t count = std::max<int64_t>(0, std::min(beyond, pass_.out_w) - first);
    for (int64_t i = 0; i < group_; i++) {
      for (int64_t p = 0; p < pass_.out_h; p++) {
        const int64_t row = p * pass_.sh + pass_.rows.offset[r] - source_.row;
        const bool inside = row >= 0 && row < source_.h;
        place.rows.push_back({i * source_.image + (row * source_.w + column0 + first * step) * 16,
                              ((i * plan_.OutBlocks() * pass_.out_h + p) * pass_.out_w + first) * 16,
                              inside ? count : 0});
      }
    }
    return place;
  }

  // Output blocks of a task: fewer, always in pairs, when there would be few tasks.
  static int64_t OutputBlocks(int64_t tasks, int64_t blocks) {
    int64_t most = kOutputBlocks;
    while (most > 2 && tasks * ((blocks + most - 1) / most) < kFewTasks) most /= 2;
    return most;
  }

  Piece PieceOf(int64_t task) const {
    const int64_t k0 = task % k_pieces_ * k_blocks_, c0 = task / k_pieces_ % c_pieces_ * kSourceBlocks;
    const int64_t rest = task / (k_pieces_ * c_pieces_);
    return {.shard = rest / g_.groups,
            .group = rest % g_.groups,
            .k0 = k0,
            .k1 = std::min(dst_blocks_, k0 + k_blocks_),
            .c0 = c0,
            .c1 = std::min(src_blocks_, c0 + kSourceBlocks)};
  }

  int64_t SourceFloats() const { return (g_.image ? g_.c : plan_.InBlocks() * 16) * g_.h * g_.w; }
  int64_t SourceBlock(int64_t group, int64_t cb) const {
    return g_.image ? 0 : (group * src_blocks_ + cb) * g_.h * g_.w * 16;
  }

  void PackGroup(const Piece& p, int64_t image0, int64_t images, float* to) const {
    for (int64_t i = 0; i < images; i++) {
      for (int64_t cb = p.c0; cb < p.c1; cb++) {
        PackImage(plan_, band_, cb, 0, pass_.out_h, x_ + (image0 + i) * SourceFloats(),
                  to + i * source_.image + (cb - p.c0) * source_.plane);
      }
    }
  }

  void RunBlock(const Piece& p, int64_t kb, int64_t blocks, int64_t cb, const float* source, int64_t image0,
                int64_t images, Ahead& ahead) const {
    const int64_t dy_plane = pass_.out_h * pass_.out_w * 16;
    const int64_t lanes = plan_.RealLanes(cb), piece = EvenPiece(lanes, table_.max_pixels[blocks]);
    TileArgs args{};
    args.b = dy_ + (image0 * plan_.OutBlocks() + p.group * dst_blocks_ + kb) * dy_plane;
    args.a_k = source_.step * 16, args.b_n = dy_plane;
    args.c_m = 16, args.c_n = shards_.KbFloats();
    args.add = image0 != shards_.First(p.shard);
    float* sums = shards_.Part(p.shard, p.group * dst_blocks_ + kb, cb);
    const int64_t rows = images * pass_.out_h;
    const int64_t chunk = std::max<int64_t>(1, kChunkPixels / pass_.out_w);
    for (int64_t row = 0; row < rows; row += chunk) {
      args.count = std::min(chunk, rows - row);
      for (const Place& place : places_) {
        args.taps = place.rows.data() + row;
        for (int64_t lane = 0; lane < lanes; lane += piece) {
          args.a = source + lane, args.c = sums + place.sum + lane * 16;
          ahead.Fetch();
          table_.outer[std::min(piece, lanes - lane)][blocks](args);
        }
      }
      args.add = true;
    }
  }

  const KernelTable& table_;
  const ConvPlan& plan_;
  const ConvGeometry& g_;
  const ConvPass& pass_;
  const PackedBand band_;
  const Map source_;
  const int64_t n_;
  const WeightShards& shards_;
  const int64_t src_blocks_, dst_blocks_, c_pieces_, k_blocks_, k_pieces_, group_;
  const float *x_, *dy_;
  const bool bias_;
  float* packs_;
  std::vector<Place> places_;
};

}  // namespace

void DirectWeightGradient(const ConvCall& call, const float* x, const float* dy, float* dw, float* db) {
  const WeightShards shards(call.table, call.plan, call.n, call.scratch);
  const WeightGradient gradient(call, shards, x, dy, db != nullptr);
  call.pool.For(gradient.Tasks(), [&](int64_t task, int worker) { gradient.Run(task, worker); });
  shards.AddTo(call.pool, dw, db);
}

int64_t DirectWeightGradientScratch(const ConvPlan& plan, int64_t max_n, int threads) {
  return WeightShards::Floats(plan, max_n) + threads * WeightGradient::PackFloats(plan);
}

}  // namespace fovea
