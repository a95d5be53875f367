// The weight gradient by products of bfloat16 tiles (isa/bf16.h): the 32 terms of a step are the 32 images of a micro-shard at
// one pixel, the steps of a tap are the pixels that meet it inside the map, row by row. Of up to 16 images and a kernel of one tap
// they are 16 images at two neighbouring pixels of a row.
#include <algorithm>
#include <vector>

#include "fovea/base/micro_shard.h"
#include "fovea/kernels/bf16_scope.h"
#include "fovea/kernels/conv_method.h"
#include "fovea/kernels/conv_pack.h"
#include "fovea/kernels/weight_shards.h"

namespace fovea {
namespace {

static_assert(kMicroShard == kTileTerms, "a step sums over the images of a micro-shard");

constexpr int64_t kTiles = 1280;  // of a task's rows: they share a cache of 2 MB with the sums
constexpr int64_t kPackPixels =
    128;  // of a map at a time: 4 KB in one piece are fetched faster than a short row
constexpr int64_t kVisitSteps =
    32;  // of a sum, before the next one's turn: its tiles stay in the first-level cache

// Neighbouring pixels whose images make up a step.
int64_t PixelsOfStep(const ConvPlan& plan, int64_t n) {
  const ConvGeometry& g = plan.geometry();
  const bool pixel_by_pixel =
      plan.Taps() == 1 && !g.image && plan.out_h() == g.h && plan.out_w() == g.w && g.pt + g.pl == 0;
  return pixel_by_pixel && 2 * n <= kTileTerms ? 2 : 1;
}

// How a layer is cut: rows of sources that are kept, tiles of channels and outputs of a task, output rows packed at a time.
struct Cut {
  Cut(const ConvPlan& plan, int64_t pixels, int64_t shards, int64_t few)
      : pass(plan.forward()),
        column_step(pass.cols.Span() == 0 ? pass.sw : 1),
        columns((((pass.out_w - 1) * pass.sw + pass.cols.Span()) / column_step + pixels) / pixels),
        out_columns((pass.out_w + pixels - 1) / pixels),
        sources(plan.SourceBlocks()),
        outputs(plan.OutBlocks()),
        visit_rows(std::clamp<int64_t>(16 / pass.out_w, 1, pass.out_h)),
        rows(std::min(std::max<int64_t>(1, kPackPixels / pass.out_w / visit_rows) * visit_rows, pass.out_h)) {
    while (Tiles() > kTiles && rows > visit_rows)
      rows = (rows / 2 + visit_rows - 1) / visit_rows * visit_rows;
    while (Tiles() > kTiles && sources + outputs > 4) Halve();
    const auto tasks = [&] {
      return shards * ((plan.SourceBlocks() + sources - 1) / sources) *
             ((plan.OutBlocks() + outputs - 1) / outputs);
    };
    while (tasks() < few && sources + outputs > 4) Halve();
  }
  void Halve() {
    int64_t& larger = sources >= outputs ? sources : outputs;
    larger = std::max<int64_t>(1, (larger / 2 + 1) / 2 * 2);
  }
  int64_t KeptRows() const { return (rows - 1) * pass.sh + pass.rows.Span() + 1; }
  int64_t SourceTiles() const { return KeptRows() * columns; }  // of a block
  int64_t OutputTiles() const { return rows * out_columns; }
  int64_t Tiles() const { return SourceTiles() * sources + OutputTiles() * outputs; }

  const ConvPass& pass;
  int64_t column_step, columns, out_columns;  // packed, of sources and outputs
  int64_t sources, outputs;
  int64_t visit_rows, rows;  // output rows: of a visit, packed at a time
};

class Bf16Gradient {
 public:
  Bf16Gradient(const ConvCall& call, const WeightShards& shards, const ConvSource& x, const Bfloat16* dy)
      : table_(call.table.bf16),
        transpose_(call.table.transpose),
        plan_(call.plan),
        g_(plan_.geometry()),
        pass_(plan_.forward()),
        pixels_(PixelsOfStep(plan_, call.n)),
        cut_(plan_, pixels_, shards.shards(), kTasksPerThread * call.pool.threads()),
        shards_(shards),
        c_pieces_((plan_.SourceBlocks() + cut_.sources - 1) / cut_.sources),
        k_pieces_((plan_.OutBlocks() + cut_.outputs - 1) / cut_.outputs),
        source_w_(g_.image ? pass_.out_w : g_.w),
        x_(x),
        dy_(dy) {}

  int64_t Tasks() const { return shards_.shards() * c_pieces_ * k_pieces_; }

  void Run(int64_t task, float* scratch) const {
    Piece p;
    p.shard = task / (c_pieces_ * k_pieces_);
    p.c0 = task / k_pieces_ % c_pieces_ * cut_.sources, p.k0 = task % k_pieces_ * cut_.outputs;
    p.c1 = std::min(plan_.SourceBlocks(), p.c0 + cut_.sources),
    p.k1 = std::min(plan_.OutBlocks(), p.k0 + cut_.outputs);
    p.x = reinterpret_cast<Bfloat16*>(scratch), p.dy = p.x + cut_.SourceTiles() * cut_.sources * kTileNumbers;
    const Bf16Scope scope(table_);
    int64_t packed = pass_.rows.First();
    for (int64_t row = 0; row < pass_.out_h; row += cut_.rows) {
      const int64_t rows = std::min(cut_.rows, pass_.out_h - row);
      const int64_t end = (row + rows - 1) * pass_.sh + pass_.rows.First() + pass_.rows.Span() + 1;
      for (packed = std::max(packed, row * pass_.sh + pass_.rows.First()); packed < end; packed++)
        PackSource(p, packed);
      for (int64_t i = 0; i < rows; i++) PackOutput(p, row + i, i);
      for (int64_t i = 0; i < rows; i += cut_.visit_rows)
        VisitRows(p, row, row + i, std::min(cut_.visit_rows, rows - i));
    }
  }

  int64_t ScratchFloats() const { return cut_.Tiles() * (kTileNumbers / 2); }
  static int64_t MostScratchFloats(const ConvPlan& plan) {
    const int64_t tiles =
        std::max(Cut(plan, 1, 1, 0).Tiles(), Cut(plan, PixelsOfStep(plan, 1), 1, 0).Tiles());
    return tiles * (kTileNumbers / 2);
  }

 private:
  struct Piece {
    int64_t shard, c0, c1, k0, k1;
    Bfloat16 *x, *dy;
  };

  int64_t Slot(int64_t y) const {
    const int64_t kept = cut_.KeptRows();
    return ((y - pass_.rows.First()) % kept) * cut_.columns;
  }

  // The tiles of `count` pixels of a row, from the pairs of images of a shard, of blocks first.. ; those of a block `block_tiles`
  // behind those of the one before. row(image, block, room for a row): its first pixel.
  template <class T, class Row>
  void PackPairs(const TilePacking<T>& packing, const Normalisation* norm, const Piece& p, int64_t first,
                 int64_t blocks, int64_t block_tiles, int64_t step, int64_t count, const Row& row,
                 Bfloat16* to) const {
    std::vector<T> a(static_cast<std::size_t>(g_.image ? source_w_ * 16 : 0)), b(a);
    const int64_t pairs = 16 / pixels_;
    for (int64_t pair = 0; pair < 16; pair++) {
      const int64_t four = shards_.First(p.shard) + pair % pairs / 2 * 4, end = shards_.End(p.shard);
      const uint8_t* terms = table_.terms + pair % 2 * 2;
      const int64_t pixel = pair / pairs, tiles = (count - pixel + pixels_ - 1) / pixels_;
      for (int64_t block = 0; block < blocks; block++) {
        Bfloat16* tile = to + block * block_tiles * kTileNumbers + pair * 32;
        const int64_t whole = four + std::min(terms[0], terms[1]) < end ? tiles : 0,
                      channel = (first + block) * 16;
        for (int64_t i = whole * kTileNumbers; i < (count + pixels_ - 1) / pixels_ * kTileNumbers;
             i += kTileNumbers)
          std::fill_n(tile + i, 32, Bfloat16{0});
        if (whole == 0) continue;
        const auto of = [&](int64_t image, std::vector<T>& room) {
          return image < end ? row(image, first + block, room.data()) + pixel * step * 16 : nullptr;
        };
        const T *low = of(four + terms[0], a), *high = of(four + terms[1], b);
        packing.pair({low, high, norm, channel, channel, step * pixels_, whole, tile, kTileNumbers});
      }
    }
  }

  bool IsRead(int64_t y) const {
    return y >= 0 && y < g_.h &&
           std::any_of(pass_.rows.offset.begin(), pass_.rows.offset.end(),
                       [&](int64_t offset) { return (y - offset) % pass_.sh == 0; });
  }

  // The first column of the map that is kept, and how many are inside of it.
  int64_t FirstColumn() const { return pass_.cols.First(); }

  void PackSource(const Piece& p, int64_t y) const {
    if (!IsRead(y)) return;
    const int64_t blocks = p.c1 - p.c0, step = cut_.column_step, first = FirstColumn();
    const int64_t skipped = first < 0 ? (-first + step - 1) / step : 0;  // columns left of the map
    const int64_t begin = first + skipped * step;
    const int64_t count = std::min(cut_.columns * pixels_ - skipped,
                                   begin < source_w_ ? (source_w_ - begin + step - 1) / step : 0);
    Bfloat16* to = p.x + (Slot(y) + skipped) * kTileNumbers;
    if (g_.image) {
      PackPairs(
          table_.single, nullptr, p, p.c0, blocks, cut_.SourceTiles(), step, count,
          [&](int64_t image, int64_t block, float* slots) {
            PackImageRow(plan_, source_w_, block, y, x_.map + image * g_.c * g_.h * g_.w, slots);
            return static_cast<const float*>(slots);
          },
          to);
    } else {
      const auto* x = reinterpret_cast<const Bfloat16*>(x_.map);
      PackPairs(
          table_.half, x_.norm, p, p.c0, blocks, cut_.SourceTiles(), step, count,
          [&](int64_t image, int64_t block, Bfloat16*) {
            return x + (((image * plan_.InBlocks() + block) * g_.h + y) * g_.w + begin) * 16;
          },
          to);
    }
    for (int64_t block = 0; block < blocks; block++) {
      for (int64_t i = 0; i < (count + pixels_ - 1) / pixels_; i++)
        transpose_(to + (block * cut_.SourceTiles() + i) * kTileNumbers);
    }
  }

  void PackOutput(const Piece& p, int64_t row, int64_t slot) const {
    PackPairs(
        table_.half, nullptr, p, p.k0, p.k1 - p.k0, cut_.OutputTiles(), 1, pass_.out_w,
        [&](int64_t image, int64_t block, Bfloat16*) {
          return dy_ + ((image * plan_.OutBlocks() + block) * pass_.out_h + row) * pass_.out_w * 16;
        },
        p.dy + slot * cut_.out_columns * kTileNumbers);
  }

  void VisitRows(const Piece& p, int64_t packed, int64_t row, int64_t rows) const {
    const int64_t columns = std::max<int64_t>(1, kVisitSteps / rows);
    for (int64_t q = 0; q < cut_.out_columns; q += columns)
      Visit(p, packed, row, rows, q, std::min(columns, cut_.out_columns - q), row + q > 0);
  }

  // Adds what `rows` output rows from `row` on, of those packed from `packed` on, and `count` columns from q on give to all sums of a piece.
  void Visit(const Piece& p, int64_t packed, int64_t row, int64_t rows, int64_t q, int64_t count,
             bool add) const {
    const int64_t taps = static_cast<int64_t>(pass_.rows.offset.size() * pass_.cols.offset.size());
    std::vector<std::vector<TileStep>> steps(static_cast<std::size_t>(taps));
    for (int64_t t = 0; t < taps; t++)
      steps[static_cast<std::size_t>(t)] = StepsOf(t, packed, row, rows, q, count);
    TileProductArgs args{};
    args.a_i = cut_.SourceTiles() * kTileNumbers, args.b_j = cut_.OutputTiles() * kTileNumbers;
    args.c_i = shards_.BlockFloats(), args.c_j = shards_.KbFloats();
    args.add = add;
    for (int64_t kb = p.k0; kb < p.k1; kb += 2) {
      for (int64_t cb = p.c0; cb < p.c1; cb += 2) {
        const auto product = table_.product[std::min<int64_t>(2, p.c1 - cb)][std::min<int64_t>(2, p.k1 - kb)];
        args.a = p.x + (cb - p.c0) * args.a_i, args.b = p.dy + (kb - p.k0) * args.b_j;
        for (int64_t t = 0; t < taps; t++) {
          const std::vector<TileStep>& list = steps[static_cast<std::size_t>(t)];
          if (list.empty() && add) continue;
          args.steps = list.data(), args.count = static_cast<int64_t>(list.size());
          args.c = shards_.Part(p.shard, kb, cb) + t * 256;
          product(args);
        }
      }
    }
  }

  std::vector<TileStep> StepsOf(int64_t tap, int64_t packed, int64_t row, int64_t rows, int64_t q,
                                int64_t count) const {
    const auto columns = static_cast<int64_t>(pass_.cols.offset.size());
    const int64_t row_offset = pass_.rows.offset[static_cast<std::size_t>(tap / columns)];
    const int64_t column_offset = pass_.cols.offset[static_cast<std::size_t>(tap % columns)];
    std::vector<TileStep> steps;
    for (int64_t i = row; i < row + rows; i++) {
      const int64_t y = i * pass_.sh + row_offset;
      if (y < 0 || y >= g_.h) continue;
      for (int64_t j = q; j < q + count; j++) {
        const int64_t x = j * pass_.sw + column_offset;
        if (x < 0 || x >= source_w_) continue;
        steps.push_back({(Slot(y) + (x - FirstColumn()) / cut_.column_step) * kTileNumbers,
                         ((i - packed) * cut_.out_columns + j) * kTileNumbers});
      }
    }
    return steps;
  }

  const Bf16Table& table_;
  void (*const transpose_)(void* block);  // pairs of images and channels, and back
  const ConvPlan& plan_;
  const ConvGeometry& g_;
  const ConvPass& pass_;
  const int64_t pixels_;
  const Cut cut_;
  const WeightShards& shards_;
  const int64_t c_pieces_, k_pieces_, source_w_;
  const ConvSource x_;  // an image in single precision, or a map of Bfloat16
  const Bfloat16* dy_;
};

}  // namespace

void Bf16WeightGradient(const ConvCall& call, const ConvSource& x, const float* stored_dy, float* dw,
                        float* db) {
  const WeightShards shards(call.table, call.plan, call.n, call.scratch);
  const auto* dy = reinterpret_cast<const Bfloat16*>(stored_dy);
  const Bf16Gradient gradient(call, shards, x, dy);
  float* scratch = call.scratch + WeightShards::Floats(call.plan, call.n);
  const int64_t floats = gradient.ScratchFloats();
  call.pool.For(gradient.Tasks(),
                [&](int64_t task, int worker) { gradient.Run(task, scratch + worker * floats); });
  if (db != nullptr) shards.SumBiases(call.pool, dy);
  shards.AddTo(call.pool, dw, db);
}

int64_t Bf16WeightGradientScratch(const ConvPlan& plan, int64_t max_n, int threads) {
  return WeightShards::Floats(plan, max_n) + threads * Bf16Gradient::MostScratchFloats(plan);
}

}  // namespace fovea
