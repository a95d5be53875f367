// Forward and backward-data by products of bfloat16 tiles (isa/bf16.h): of every output one chain of steps in the order
// (pair of source blocks, r, s).
//
// A task packs a band of source rows so that every tap of an output tile is a tile. The 16 rows of a tile are images at one
// pixel, packed [pair of blocks][row][column phase][column][16 images][32 channels]: nothing is wasted, whatever the map's size and
// the stride. Of few images they are neighbouring outputs of one image, packed without the images. The bits are the same.
#include <algorithm>
#include <vector>

#include "fovea/base/checked.h"
#include "fovea/kernels/bf16_scope.h"
#include "fovea/kernels/conv_method.h"
#include "fovea/kernels/conv_pack.h"
#include "fovea/kernels/weight_shards.h"

namespace fovea {
namespace {

// Of a task's packed source: half of the 2 MB second-level cache that machines with tiles have.
constexpr int64_t kPackNumbers = 512 * 1024;
constexpr int64_t kTileFloats = kTileRows * 16;

// A pass's two maps, in blocks of 16 channels.
struct Side {
  int64_t src_blocks, src_h, src_w, src_image;  // numbers of an image
  int64_t dst_blocks, dst_h, dst_w;
  const std::vector<ConvPass>& passes;
};

int64_t Pairs(int64_t blocks) { return (blocks + 1) / 2; }

// What the rows of a tile are.
struct Layout {
  bool of_images;
  int64_t Images() const { return of_images ? kTileRows : 1; }  // of a task
  int64_t Columns() const { return of_images ? 1 : kTileRows; }
  // Numbers of a packed position: of a source pixel in one column phase.
  int64_t Position() const { return of_images ? kTileNumbers : kTileTerms; }
};

// The one that fills its tiles better.
Layout LayoutFor(const ConvPass& pass, int64_t n) {
  const auto filled = [](int64_t count) {
    const int64_t tiles = (count + kTileRows - 1) / kTileRows;
    return static_cast<double>(count) / static_cast<double>(tiles * kTileRows);
  };
  return {filled(n) >= filled(pass.out_w)};
}

int64_t PackedNumbers(const ConvPass& pass, const Side& side, const Layout& layout, int64_t rows) {
  return PackedBand(pass, rows).Floats() / 16 * Pairs(side.src_blocks) * layout.Position();
}

// Output rows of a task, the same for all: as many as the cache allows; fewer while there are few tasks, when rows share no source.
int64_t BandRows(const ConvPass& pass, const Side& side, const Layout& layout, int64_t groups = 1,
                 int64_t few = 0) {
  int64_t rows = pass.out_h;
  const auto idle = [&] { return pass.rows.Span() == 0 && groups * ((pass.out_h + rows - 1) / rows) < few; };
  while (rows > 1 && (PackedNumbers(pass, side, layout, rows) > kPackNumbers || idle()))
    rows = (rows + 1) / 2;
  return EvenPiece(pass.out_h, rows);
}

// Floats of a task: the packed source, a tile more that the last one may read, the tiles of outputs.
int64_t TaskFloats(const ConvPass& pass, const Side& side, const Layout& layout) {
  return (PackedNumbers(pass, side, layout, BandRows(pass, side, layout)) + kTileNumbers) / 2 +
         4 * kTileFloats;
}

class Bf16Pass {
 public:
  Bf16Pass(const ConvCall& call, const Side& side, const ConvSource& src, const float* weights,
           const Epilogue& end, bool add, float* dst)
      : table_(call.table.bf16),
        plan_(call.plan),
        side_(side),
        pass_(Covering(side.passes)),
        layout_(LayoutFor(pass_, call.n)),
        groups_((call.n + layout_.Images() - 1) / layout_.Images()),
        rows_(BandRows(pass_, side, layout_, groups_, kTasksPerThread * call.pool.threads())),
        bands_((pass_.out_h + rows_ - 1) / rows_),
        pieces_(PiecesFor(kTasksPerThread * call.pool.threads())),
        band_(pass_, rows_),
        pairs_(Pairs(side.src_blocks)),
        n_(call.n),
        src_(src),
        weights_(reinterpret_cast<const Bfloat16*>(weights)),
        end_(end),
        add_(add),
        dst_(dst) {
    for (const ConvPass& pass : side.passes) steps_.push_back(StepsOf(pass));
  }

  int64_t Tasks() const { return groups_ * bands_ * pieces_; }

  void Run(int64_t task, float* scratch) const {
    const int64_t piece = task % pieces_, band = task / pieces_ % bands_;
    Part part;
    part.image = task / (pieces_ * bands_) * layout_.Images();
    part.images = std::min(layout_.Images(), n_ - part.image);
    part.row = band * rows_;
    part.packed = reinterpret_cast<Bfloat16*>(scratch);
    part.out = scratch + (PackedNumbers(pass_, side_, layout_, rows_) + kTileNumbers) / 2;
    for (int64_t i = 0; i < part.images; i++) Pack(part.image + i, part.row, part.packed + i * kTileTerms);
    const Bf16Scope scope(table_);
    const int64_t k2 = Pairs(side_.dst_blocks), end = (piece + 1) * k2 / pieces_;
    for (int64_t k = piece * k2 / pieces_; k < end; k++) {
      for (std::size_t i = 0; i < side_.passes.size(); i++) Multiply(i, part, 2 * k);
    }
  }

 private:
  // A task: its images, its first row, and where its packed source and its outputs lie.
  struct Part {
    int64_t image, images, row;
    Bfloat16* packed;
    float* out;
  };

  // Few tasks are also cut across the output blocks, at the price of packing their source more than once.
  int64_t PiecesFor(int64_t few) const {
    const int64_t base = groups_ * bands_;
    return base >= few ? 1 : std::min(Pairs(side_.dst_blocks), (few + base - 1) / base);
  }
  int64_t RowPositions() const { return band_.RowFloats() / 16; }
  int64_t BlockPositions() const { return band_.Floats() / 16; }

  std::vector<TileStep> StepsOf(const ConvPass& pass) const {
    std::vector<TileStep> steps;
    const int64_t columns = plan_.TapColumns();
    for (int64_t pair = 0; pair < pairs_; pair++) {
      for (std::size_t r = 0; r < pass.rows.offset.size(); r++) {
        for (std::size_t s = 0; s < pass.cols.offset.size(); s++) {
          const int64_t at =
              pair * BlockPositions() + band_.TapOffset(pass.rows.offset[r], pass.cols.offset[s]) / 16;
          const int64_t tap = pass.rows.index[r] * columns + pass.cols.index[s];
          steps.push_back({at * layout_.Position(), (pair * plan_.Taps() + tap) * kTileNumbers});
        }
      }
    }
    return steps;
  }

  // One image's part of the packed source. Images come in single precision, other maps as they are multiplied.
  void Pack(int64_t image, int64_t first_row, Bfloat16* to) const {
    if (!plan_.geometry().image) {
      const auto* from = reinterpret_cast<const Bfloat16*>(src_.map) + image * side_.src_image;
      const int64_t plane = side_.src_h * side_.src_w * 16;
      return PackBlocks(table_.half, first_row, to, [&](int64_t block, const PackedRun& run, Bfloat16*) {
        return from + block * plane + (run.y * side_.src_w + run.from) * 16;
      });
    }
    PackBlocks(table_.single, first_row, to, [&](int64_t block, const PackedRun& run, float* row) {
      PackImageRow(plan_, band_.columns, block, run.y, src_.map + image * side_.src_image, row);
      return static_cast<const float*>(row);
    });
  }

  // at(block, run, room for a row): the run's first pixel.
  template <class T, class At>
  void PackBlocks(const TilePacking<T>& packing, int64_t first_row, Bfloat16* to, const At& at) const {
    std::vector<T> low(static_cast<std::size_t>(band_.columns * 16)), high(low);
    const int64_t rows = std::min(rows_, pass_.out_h - first_row), step = layout_.Position();
    for (int64_t pair = 0; pair < pairs_; pair++) {
      ForEachRun(pass_, band_, first_row, rows, side_.src_h, side_.src_w, [&](const PackedRun& run) {
        Bfloat16* packed = to + (pair * BlockPositions() + run.to) * step;
        if (run.from < 0) {
          for (int64_t i = 0; i < run.count; i++) std::fill_n(packed + i * step, kTileTerms, Bfloat16{0});
          return;
        }
        const int64_t block = pair * 2, channel = block * 16;
        const T* second = block + 1 < side_.src_blocks ? at(block + 1, run, high.data()) : nullptr;
        packing.row({at(block, run, low.data()), second, src_.norm, channel, second ? channel + 16 : channel,
                     run.step, run.count, packed, step});
      });
    }
  }

  // Outputs of one pass in two blocks from kb on, two tiles at a time.
  void Multiply(std::size_t index, const Part& part, int64_t kb) const {
    const ConvPass& pass = side_.passes[index];
    const int64_t across = (pass.out_w + layout_.Columns() - 1) / layout_.Columns();
    const int64_t tiles = std::min(rows_, pass.out_h - part.row) * across;
    const int64_t blocks = std::min<int64_t>(2, side_.dst_blocks - kb);
    const int64_t weight_block = pairs_ * plan_.Taps() * kTileNumbers;
    const auto source_of = [&](int64_t tile) {
      const int64_t at = tile / across * pass.sh * RowPositions() + tile % across * layout_.Columns();
      return part.packed + at * layout_.Position();
    };
    TileProductArgs args{};
    args.b = weights_ + kb * weight_block, args.b_j = weight_block;
    args.steps = steps_[index].data(), args.count = static_cast<int64_t>(steps_[index].size());
    args.c = part.out, args.c_i = 2 * kTileFloats, args.c_j = kTileFloats;
    for (int64_t tile = 0; tile < tiles; tile += 2) {
      const int64_t count = std::min<int64_t>(2, tiles - tile);
      args.a = source_of(tile);
      args.a_i = count == 2 ? source_of(tile + 1) - args.a : 0;
      table_.product[count][blocks](args);
      for (int64_t i = 0; i < count; i++) {
        const int64_t row = (tile + i) / across, column = (tile + i) % across * layout_.Columns();
        for (int64_t j = 0; j < blocks; j++)
          Put(pass, part, kb + j, row, column, part.out + (i * 2 + j) * kTileFloats);
      }
    }
  }

  // Stores the outputs from (row, column) of a band on.
  void Put(const ConvPass& pass, const Part& part, int64_t kb, int64_t row, int64_t column,
           const float* tile) const {
    const int64_t y = pass.dst_row + (part.row + row) * pass.dst_row_step,
                  x = pass.dst_col + column * pass.dst_col_step;
    const int64_t plane = side_.dst_h * side_.dst_w * 16, image = side_.dst_blocks * plane;
    const int64_t at = part.image * image + kb * plane + (y * side_.dst_w + x) * 16;
    const int64_t rows = layout_.of_images ? part.images : std::min(kTileRows, pass.out_w - column);
    Bfloat16* to = reinterpret_cast<Bfloat16*>(dst_) + at;
    const auto* other = reinterpret_cast<const Bfloat16*>(end_.other);
    const TileEnd end{end_.bias ? end_.bias + kb * 16 : nullptr,
                      add_    ? to
                      : other ? other + at
                              : nullptr,
                      end_.rectifier};
    table_.put(tile, rows, end, to, layout_.of_images ? image : pass.dst_col_step * 16);
  }

  const Bf16Table& table_;
  const ConvPlan& plan_;
  const Side& side_;
  const ConvPass pass_;  // covers them all
  const Layout layout_;
  const int64_t groups_, rows_, bands_, pieces_;
  const PackedBand band_;
  const int64_t pairs_, n_;
  const ConvSource src_;
  const Bfloat16* weights_;
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

int64_t ScratchFloats(const ConvPass& pass, const Side& side, int threads) {
  return threads * std::max(TaskFloats(pass, side, {true}), TaskFloats(pass, side, {false}));
}

void Run(const ConvCall& call, const Side& side, const Bf16Pass& pass) {
  const int64_t floats = ScratchFloats(Covering(side.passes), side, 1);
  call.pool.For(pass.Tasks(),
                [&](int64_t task, int worker) { pass.Run(task, call.scratch + worker * floats); });
}

}  // namespace

void Bf16Forward(const ConvCall& call, const ConvSource& x, const float* packed, const Epilogue& end,
                 float* y) {
  const std::vector<ConvPass> passes{call.plan.forward()};
  const Side side = ForwardSide(call.plan, passes);
  Run(call, side, Bf16Pass(call, side, x, packed, end, false, y));
}

void Bf16BackwardData(const ConvCall& call, const float* dy, const float* turned, bool accumulate,
                      float* dx) {
  const Side side = BackwardSide(call.plan);
  Run(call, side, Bf16Pass(call, side, dy, turned, {}, accumulate, dx));
}

int64_t Bf16ForwardScratch(const ConvPlan& plan, int64_t /*max_n*/, int threads) {
  const std::vector<ConvPass> passes{plan.forward()};
  return ScratchFloats(plan.forward(), ForwardSide(plan, passes), threads);
}

int64_t Bf16BackwardDataScratch(const ConvPlan& plan, int64_t /*max_n*/, int threads) {
  return plan.backward().empty() ? 0 : ScratchFloats(Covering(plan.backward()), BackwardSide(plan), threads);
}

}  // namespace fovea
