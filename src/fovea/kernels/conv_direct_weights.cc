#include <algorithm>
#include <vector>

#include "fovea/base/checked.h"
#include "fovea/kernels/conv_method.h"
#include "fovea/kernels/conv_pack.h"
#include "fovea/kernels/weight_shards.h"

namespace fovea {
namespace {

constexpr int64_t kSourceFloats = 128 * 1024;  // that a task goes through at a time: half of a 1 MB cache
constexpr int64_t kSourceBlocks = 4, kOutputBlocks = 8;  // of a task: its sums stay in the cache
constexpr int64_t kOneTapSums = 128;  // pairs of blocks of a kernel of one tap: 128 KB of sums
// Pixels between two visits of the sums: their rows of x and dy, 192 bytes a pixel, stay in the first-level
// cache.
constexpr int64_t kChunkPixels = 128;

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
        source_(SourceMap(plan_)),
        shards_(shards),
        src_blocks_(plan_.SourceBlocks()),
        dst_blocks_(plan_.OutBlocks() / g_.groups),
        task_(ChooseTask(plan_, shards.shards(), kTasksPerThread * call.pool.threads())),
        c_pieces_((src_blocks_ + task_.sources - 1) / task_.sources),
        k_pieces_((dst_blocks_ + task_.outputs - 1) / task_.outputs),
        group_(ImageGroup(plan_)),
        x_(x),
        dy_(dy),
        bias_(bias),
        packs_(call.scratch + WeightShards::Floats(plan_, call.n)) {
    for (int64_t cb = 0; cb < src_blocks_; cb++) {
      runs_.push_back(g_.image ? LaneRuns(plan_, cb) : std::vector<LaneRun>{{0, plan_.RealLanes(cb), 0}});
    }
    for (std::size_t r = 0; r < pass_.rows.offset.size(); r++) {
      for (std::size_t s = 0; s < pass_.cols.offset.size(); s++) places_.push_back(MakePlace(r, s));
    }
  }

  // Floats of a worker's padded images; blocked maps are read where they lie.
  static int64_t PackFloats(const ConvPlan& plan) {
    return plan.geometry().image ? ImageGroup(plan) * SourceMap(plan).image : 0;
  }

  int64_t Tasks() const { return shards_.shards() * g_.groups * c_pieces_ * k_pieces_; }

  void Run(int64_t task, int worker) const {
    const Piece p = PieceOf(task);
    float* pack = packs_ + worker * PackFloats(plan_);
    for (Span span = FirstSpan(p); span.row < span.rows;) {
      if (g_.image && span.row == 0) PadGroup(span, pack);
      for (int64_t kb = p.k0; kb < p.k1;) {
        const int64_t blocks = p.k1 - kb >= 2 && table_.max_pixels[2] > 0 ? 2 : 1;
        for (int64_t cb = p.c0; cb < p.c1; cb++) RunBlock(p, span, kb, blocks, cb, pack);
        kb += blocks;
      }
      span = NextSpan(p, span);
    }
    if (p.c0 > 0 || !bias_) return;
    for (int64_t kb = p.k0; kb < p.k1; kb++) shards_.SumBias(p.shard, p.group * dst_blocks_ + kb, dy_);
  }

 private:
  // The map that the tiles read, whose row 0 and column 0 have these offsets: floats from one row, column, output and
  // image to the next. An image has its padding with it, and a column for each output.
  struct Map {
    int64_t h, w, first_row, step;
    int64_t row, column, image;
    int64_t Advance() const { return step * column; }
  };
  // A kernel tap: its block in the sums and, for every output row of a group of images, the pixels that meet it
  // inside the map. What lies in the padding is left out: it adds nothing.
  struct Place {
    int64_t sum;
    std::vector<Tap> rows;
  };

  // Output rows row.. of a group of images, numbered through the group, which has `rows` of them.
  struct Span {
    int64_t image, row, count, rows;
  };

  static Map SourceMap(const ConvPlan& plan) {
    const ConvGeometry& g = plan.geometry();
    if (!g.image) {
      const int64_t row = g.w * 16;
      return {.h = g.h,
              .w = g.w,
              .first_row = 0,
              .step = g.sw,
              .row = row,
              .column = 16,
              .image = plan.InBlocks() * g.h * row};
    }
    const PackedBand band(plan.forward(), plan.out_h());
    const int64_t row = PaddedRow(g);
    return {.h = band.rows,
            .w = plan.out_w(),
            .first_row = plan.forward().rows.First(),
            .step = 1,
            .row = row,
            .column = PaddedColumn(g),
            .image = band.rows * row};
  }

  // Images taken at a time: as many as the cache allows.
  static int64_t ImageGroup(const ConvPlan& plan) {
    const Map map = SourceMap(plan);
    const int64_t floats =
        plan.geometry().image ? map.image : map.h * map.row * std::min(plan.SourceBlocks(), kSourceBlocks);
    return std::clamp<int64_t>(kSourceFloats / floats, 1, kMicroShard);
  }

  Place MakePlace(std::size_t r, std::size_t s) const {
    Place place{.sum = (pass_.rows.index[r] * plan_.TapColumns() + pass_.cols.index[s]) * 256, .rows = {}};
    const int64_t column0 = pass_.cols.offset[s], step = source_.step;
    const int64_t first = column0 < 0 ? (-column0 + step - 1) / step : 0;
    const int64_t beyond = column0 < source_.w ? (source_.w - 1 - column0) / step + 1 : 0;
    const int64_t count = std::max<int64_t>(0, std::min(beyond, pass_.out_w) - first);
    for (int64_t i = 0; i < group_; i++) {
      for (int64_t p = 0; p < pass_.out_h; p++) {
        const int64_t row = p * pass_.sh + pass_.rows.offset[r] - source_.first_row;
        const bool inside = row >= 0 && row < source_.h;
        place.rows.push_back(
            {i * source_.image + row * source_.row + (column0 + first * step) * source_.column,
             ((i * plan_.OutBlocks() * pass_.out_h + p) * pass_.out_w + first) * 16, inside ? count : 0});
      }
    }
    return place;
  }

  // Blocks of a task. Of kernels with several taps the sums fill its cache, and it takes fewer outputs, always pairs, and then
  // fewer sources, when there would be fewer than `few` tasks. Of one tap it is memory that is scarce: of all pieces whose sums stay in the cache, those
  // for which the maps are read least often.
  struct TaskBlocks {
    int64_t sources, outputs;
  };
  static TaskBlocks ChooseTask(const ConvPlan& plan, int64_t shards, int64_t few) {
    const ConvGeometry& g = plan.geometry();
    const int64_t src = plan.SourceBlocks(), dst = plan.OutBlocks() / g.groups;
    const auto pieces = [](int64_t blocks, int64_t of) { return (blocks + of - 1) / of; };
    const auto tasks = [&](const TaskBlocks& t) {
      return shards * g.groups * pieces(src, t.sources) * pieces(dst, t.outputs);
    };
    TaskBlocks best{std::min(src, kSourceBlocks), kOutputBlocks};
    while (best.outputs > 2 && tasks(best) < few) best.outputs /= 2;
    while (best.sources > 1 && tasks(best) < few) best.sources /= 2;
    if (g.image || g.kh * plan.TapColumns() > 1) return best;  // an image is packed kSourceBlocks at a time
    const auto reads = [&](const TaskBlocks& t) {
      return src * g.h * g.w * pieces(dst, t.outputs) +
             dst * plan.out_h() * plan.out_w() * pieces(src, t.sources);
    };
    for (int64_t c = 1; c <= std::min<int64_t>(16, src); c *= 2) {
      for (int64_t k = 2; k <= 16 && c * k <= kOneTapSums; k *= 2) {
        const TaskBlocks t{c, k};
        if (tasks(t) >= std::min(few, tasks(best)) && reads(t) < reads(best)) best = t;
      }
    }
    return best;
  }

  Piece PieceOf(int64_t task) const {
    const int64_t k0 = task % k_pieces_ * task_.outputs, c0 = task / k_pieces_ % c_pieces_ * task_.sources;
    const int64_t rest = task / (k_pieces_ * c_pieces_);
    return {.shard = rest / g_.groups,
            .group = rest % g_.groups,
            .k0 = k0,
            .k1 = std::min(dst_blocks_, k0 + task_.outputs),
            .c0 = c0,
            .c1 = std::min(src_blocks_, c0 + task_.sources)};
  }

  int64_t SourceFloats() const { return (g_.image ? g_.c : plan_.InBlocks() * 16) * g_.h * g_.w; }
  int64_t SourceBlock(int64_t group, int64_t cb) const {
    return g_.image ? 0 : (group * src_blocks_ + cb) * g_.h * g_.w * 16;
  }

  void PadGroup(const Span& span, float* to) const {
    for (int64_t i = 0; i < span.rows / pass_.out_h; i++) {
      PadImage(plan_, 0, pass_.out_h, x_ + (span.image + i) * SourceFloats(), to + i * source_.image);
    }
  }

  // A kernel of one tap uses its rows once for each pair of blocks, and an image is small beside dy: a few rows go through all
  // pairs, then the next. The taps of a larger one use their rows many times: each pair goes through all rows of a group.
  Span Cut(const Piece& p, int64_t image, int64_t row) const {
    const int64_t rows = std::min(group_, shards_.End(p.shard) - image) * pass_.out_h;
    return {image, row, places_.size() == 1 || g_.image ? std::min(rows - row, SpanRows()) : rows, rows};
  }
  Span FirstSpan(const Piece& p) const { return Cut(p, shards_.First(p.shard), 0); }
  Span NextSpan(const Piece& p, const Span& span) const {
    if (span.row + span.count < span.rows) return Cut(p, span.image, span.row + span.count);
    return Cut(p, std::min(span.image + group_, shards_.End(p.shard)), 0);
  }
  int64_t SpanRows() const {
    const int64_t floats = (task_.sources * pass_.sh * pass_.sw + task_.outputs) * pass_.out_w * 16;
    return std::max(ChunkRows(), kSourceFloats / floats / ChunkRows() * ChunkRows());
  }
  int64_t ChunkRows() const { return std::max<int64_t>(1, kChunkPixels / pass_.out_w); }

  void RunBlock(const Piece& p, const Span& span, int64_t kb, int64_t blocks, int64_t cb,
                const float* pack) const {
    const int64_t dy_plane = pass_.out_h * pass_.out_w * 16;
    const int64_t most = table_.max_pixels[blocks];
    const float* source = g_.image ? pack : x_ + span.image * SourceFloats() + SourceBlock(p.group, cb);
    TileArgs args{};
    args.b = dy_ + (span.image * plan_.OutBlocks() + p.group * dst_blocks_ + kb) * dy_plane;
    args.a_k = source_.Advance(), args.b_n = dy_plane;
    args.c_m = 16, args.c_n = shards_.KbFloats();
    args.add = span.image != shards_.First(p.shard) || span.row > 0;
    float* sums = shards_.Part(p.shard, p.group * dst_blocks_ + kb, cb);
    for (int64_t row = 0; row < span.count; row += ChunkRows()) {
      args.count = std::min(ChunkRows(), span.count - row);
      for (const Place& place : places_) {
        args.taps = place.rows.data() + span.row + row;
        for (const LaneRun& run : runs_[static_cast<std::size_t>(cb)]) {
          const int64_t piece = EvenPiece(run.count, most);
          for (int64_t lane = 0; lane < run.count; lane += piece) {
            args.a = source + run.offset + lane, args.c = sums + place.sum + (run.lane + lane) * 16;
            table_.outer[std::min(piece, run.count - lane)][blocks](args);
          }
        }
      }
      args.add = true;
    }
  }

  const KernelTable& table_;
  const ConvPlan& plan_;
  const ConvGeometry& g_;
  const ConvPass& pass_;
  const Map source_;
  const WeightShards& shards_;
  const int64_t src_blocks_, dst_blocks_;
  const TaskBlocks task_;
  const int64_t c_pieces_, k_pieces_, group_;
  const float *x_, *dy_;
  const bool bias_;
  float* packs_;
  std::vector<Place> places_;
  std::vector<std::vector<LaneRun>> runs_;  // of each source block
};

}  // namespace

void DirectWeightGradient(const ConvCall& call, const ConvSource& x, const float* dy, float* dw, float* db) {
  const WeightShards shards(call.table, call.plan, call.n, call.scratch);
  const WeightGradient gradient(call, shards, x.map, dy, db != nullptr);
  call.pool.For(gradient.Tasks(), [&](int64_t task, int worker) { gradient.Run(task, worker); });
  shards.AddTo(call.pool, dw, db);
}

int64_t DirectWeightGradientScratch(const ConvPlan& plan, int64_t max_n, int threads) {
  return WeightShards::Floats(plan, max_n) + threads * WeightGradient::PackFloats(plan);
}

}  // namespace fovea
