// Forward and backward-data by products of bfloat16 tiles (isa/bf16.h): of every output one chain of steps in the order
// (pair of source blocks, r, s).
//
// A row of a left factor is an image: a task packs a band of source rows of 16 images as tiles [pair of blocks][row]
// [column phase][column][16 images][32 channels], so that every tap of every pixel is a tile, whatever the map's size.
#include <algorithm>
#include <vector>

#include "fovea/kernels/bf16_scope.h"
#include "fovea/kernels/conv_method.h"
#include "fovea/kernels/conv_pack.h"

namespace fovea {
namespace {

constexpr int64_t kPackTiles =
    1024;  // of a task: half of the 2 MB second-level cache that machines with tiles have
constexpr int64_t kTileFloats = kTileRows * 16;

// A pass's two maps, in blocks of 16 channels.
struct Side {
  int64_t src_blocks, src_h, src_w, src_image;  // floats of an image
  int64_t dst_blocks, dst_h, dst_w;
  const std::vector<ConvPass>& passes;
};

int64_t Pairs(int64_t blocks) { return (blocks + 1) / 2; }

// Output rows of a task, the same for all: as many as the cache allows, fewer while threads would idle.
int64_t BandRows(const ConvPass& pass, const Side& side, int64_t groups, int64_t few) {
  int64_t rows = pass.out_h;
  const auto tiles = [&](int64_t r) { return PackedBand(pass, r).Floats() / 16 * Pairs(side.src_blocks); };
  const auto tasks = [&](int64_t r) { return groups * ((pass.out_h + r - 1) / r); };
  while (rows > 1 && (tiles(rows) > kPackTiles || tasks(rows) < few)) rows = (rows + 1) / 2;
  return EvenPiece(pass.out_h, rows);
}

class Bf16Pass {
 public:
  Bf16Pass(const ConvCall& call, const Side& side, const float* src, const float* weights,
           const Epilogue& end, bool add, float* dst)
      : table_(call.table.bf16),
        plan_(call.plan),
        side_(side),
        pass_(Covering(side.passes)),
        groups_((call.n + kTileRows - 1) / kTileRows),
        rows_(BandRows(pass_, side, groups_, 2 * call.pool.threads())),
        bands_((pass_.out_h + rows_ - 1) / rows_),
        band_(pass_, rows_),
        pairs_(Pairs(side.src_blocks)),
        n_(call.n),
        src_(src),
        weights_(reinterpret_cast<const uint16_t*>(weights)),
        end_(end),
        add_(add),
        dst_(dst) {
    for (const ConvPass& pass : side.passes) steps_.push_back(StepsOf(pass));
  }

  int64_t Tasks() const { return groups_ * bands_; }

  void Run(int64_t task, float* scratch) const {
    const int64_t image0 = task / bands_ * kTileRows, images = std::min(kTileRows, n_ - image0);
    const int64_t first_row = task % bands_ * rows_;
    auto* tiles = reinterpret_cast<uint16_t*>(scratch);
    float* out = scratch + BandTiles() * (kTileNumbers / 2);
    for (int64_t i = 0; i < images; i++) Pack(image0 + i, first_row, tiles + i * kTileTerms);
    const Bf16Scope scope(table_);
    for (int64_t kb = 0; kb < side_.dst_blocks; kb += 2) {
      for (std::size_t i = 0; i < side_.passes.size(); i++)
        Multiply(i, tiles, kb, image0, images, first_row, out);
    }
  }

  int64_t ScratchFloats() const { return BandTiles() * (kTileNumbers / 2) + 4 * kTileFloats; }

 private:
  int64_t RowTiles() const { return band_.RowFloats() / 16; }
  int64_t BlockTiles() const { return band_.Floats() / 16; }
  int64_t BandTiles() const { return pairs_ * BlockTiles(); }

  std::vector<TileStep> StepsOf(const ConvPass& pass) const {
    std::vector<TileStep> steps;
    const int64_t columns = plan_.TapColumns();
    for (int64_t pair = 0; pair < pairs_; pair++) {
      for (std::size_t r = 0; r < pass.rows.offset.size(); r++) {
        for (std::size_t s = 0; s < pass.cols.offset.size(); s++) {
          const int64_t tile =
              pair * BlockTiles() + band_.TapOffset(pass.rows.offset[r], pass.cols.offset[s]) / 16;
          const int64_t tap = pass.rows.index[r] * columns + pass.cols.index[s];
          steps.push_back({tile * kTileNumbers, (pair * plan_.Taps() + tap) * kTileNumbers});
        }
      }
    }
    return steps;
  }

  // One image's rows of the tiles.
  void Pack(int64_t image, int64_t first_row, uint16_t* to) const {
    const int64_t rows = std::min(rows_, pass_.out_h - first_row);
    const bool slots = plan_.geometry().image;
    std::vector<float> low(static_cast<std::size_t>(slots ? band_.columns * 16 : 0)), high(low);
    const float* from = src_ + image * side_.src_image;
    const std::vector<float> none(static_cast<std::size_t>(side_.src_w * 16));
    const int64_t plane = side_.src_h * side_.src_w * 16;
    for (int64_t pair = 0; pair < pairs_; pair++) {
      ForEachRun(pass_, band_, first_row, rows, side_.src_h, side_.src_w, [&](const PackedRun& run) {
        uint16_t* tile = to + (pair * BlockTiles() + run.to) * kTileNumbers;
        if (run.from < 0) {
          for (int64_t i = 0; i < run.count; i++)
            std::fill_n(tile + i * kTileNumbers, kTileTerms, uint16_t{0});
          return;
        }
        const auto at = [&](int64_t block, std::vector<float>& row) {
          if (block == side_.src_blocks) return none.data();
          if (!slots) return from + block * plane + (run.y * side_.src_w + run.from) * 16;
          PackImageRow(plan_, band_.columns, block, run.y, from, row.data());
          return static_cast<const float*>(row.data());
        };
        table_.row(at(pair * 2, low), at(pair * 2 + 1, high), run.step, run.count, tile, kTileNumbers);
      });
    }
  }

  // Outputs of one pass in two blocks from kb on, two pixels at a time.
  void Multiply(std::size_t index, const uint16_t* tiles, int64_t kb, int64_t image0, int64_t images,
                int64_t first_row, float* out) const {
    const ConvPass& pass = side_.passes[index];
    const int64_t rows = std::min(rows_, pass.out_h - first_row), pixels = rows * pass.out_w;
    const int64_t blocks = std::min<int64_t>(2, side_.dst_blocks - kb);
    const int64_t weight_block = pairs_ * plan_.Taps() * kTileNumbers;
    const auto tile_of = [&](int64_t pixel) {
      return (pixel / pass.out_w * pass.sh * RowTiles() + pixel % pass.out_w) * kTileNumbers;
    };
    TileProductArgs args{};
    args.b = weights_ + kb * weight_block, args.b_j = weight_block;
    args.steps = steps_[index].data(), args.count = static_cast<int64_t>(steps_[index].size());
    args.c = out, args.c_i = 2 * kTileFloats, args.c_j = kTileFloats;
    for (int64_t pixel = 0; pixel < pixels; pixel += 2) {
      const int64_t count = std::min<int64_t>(2, pixels - pixel);
      args.a = tiles + tile_of(pixel);
      args.a_i = count == 2 ? tile_of(pixel + 1) - tile_of(pixel) : 0;
      table_.product[count][blocks](args);
      for (int64_t j = 0; j < blocks; j++) {
        for (int64_t i = 0; i < count; i++) {
          Put(pass, kb + j, image0, images, first_row, pixel + i, out + (i * 2 + j) * kTileFloats);
        }
      }
    }
  }

  void Put(const ConvPass& pass, int64_t kb, int64_t image0, int64_t images, int64_t first_row, int64_t pixel,
           const float* tile) const {
    const int64_t row = pass.dst_row + (first_row + pixel / pass.out_w) * pass.dst_row_step;
    const int64_t column = pass.dst_col + pixel % pass.out_w * pass.dst_col_step;
    const int64_t at = (((image0 * side_.dst_blocks + kb) * side_.dst_h + row) * side_.dst_w + column) * 16;
    table_.put(tile, images, EndOf(end_, kb, at), add_, dst_ + at,
               side_.dst_blocks * side_.dst_h * side_.dst_w * 16);
  }

  const Bf16Table& table_;
  const ConvPlan& plan_;
  const Side& side_;
  const ConvPass pass_;  // covers them all
  const int64_t groups_, rows_, bands_;
  const PackedBand band_;
  const int64_t pairs_, n_;
  const float* src_;
  const uint16_t* weights_;
  const Epilogue end_;
  const bool add_;
  float* dst_;
  std::vector<std::vector<TileStep>> steps_;
};

Side ForwardSide(const ConvPlan& plan, const std::vector<ConvPass>& passes) {
  const ConvGeometry& g = plan.geometry();
  return {plan.SourceBlocks(),
          g.h,
          g.image ? plan.out_w() : g.w,
          (g.image ? g.c : plan.InBlocks() * 16) * g.h * g.w,
          plan.OutBlocks(),
          plan.out_h(),
          plan.out_w(),
          passes};
}

Side BackwardSide(const ConvPlan& plan) {
  const ConvGeometry& g = plan.geometry();
  return {plan.OutBlocks(), plan.out_h(), plan.out_w(), plan.OutBlocks() * plan.out_h() * plan.out_w() * 16,
          plan.InBlocks(),  g.h,          g.w,          plan.backward()};
}

// Of tasks that take all rows that the cache allows.
int64_t ScratchFloats(const ConvPass& pass, const Side& side, int threads) {
  const int64_t tiles = PackedBand(pass, BandRows(pass, side, 1, 0)).Floats() / 16 * Pairs(side.src_blocks);
  return threads * (tiles * (kTileNumbers / 2) + 4 * kTileFloats);
}

void Run(const ConvCall& call, const Bf16Pass& pass) {
  call.pool.For(pass.Tasks(), [&](int64_t task, int worker) {
    pass.Run(task, call.scratch + worker * pass.ScratchFloats());
  });
}

}  // namespace

void Bf16Forward(const ConvCall& call, const float* x, const float* packed, const Epilogue& end, float* y) {
  const std::vector<ConvPass> passes{call.plan.forward()};
  const Side side = ForwardSide(call.plan, passes);
  Run(call, Bf16Pass(call, side, x, packed, end, false, y));
}

void Bf16BackwardData(const ConvCall& call, const float* dy, const float* turned, bool accumulate,
                      float* dx) {
  const Side side = BackwardSide(call.plan);
  Run(call, Bf16Pass(call, side, dy, turned, {}, accumulate, dx));
}

int64_t Bf16ForwardScratch(const ConvPlan& plan, int64_t /*max_n*/, int threads) {
  const std::vector<ConvPass> passes{plan.forward()};
  return ScratchFloats(plan.forward(), ForwardSide(plan, passes), threads);
}

int64_t Bf16BackwardDataScratch(const ConvPlan& plan, int64_t /*max_n*/, int threads) {
  return plan.backward().empty() ? 0 : ScratchFloats(Covering(plan.backward()), BackwardSide(plan), threads);
}

}  // namespace fovea
