#include <algorithm>

#include "fovea/base/checked.h"
#include "fovea/kernels/conv_method.h"
#include "fovea/kernels/conv_pack.h"

namespace fovea {
namespace {

// A task's packed source should stay in half of a 1 MB second-level cache.
constexpr int64_t kPackFloats = 128 * 1024;
constexpr int64_t kMaxImages = 8;

// What a pass reads and writes: blocks of a group, planes in floats.
struct Side {
  int64_t groups, src_blocks, dst_blocks;  // blocks of one group
  int64_t src_lanes;                       // of a group's blocks that are real
  int64_t src_image, src_plane, src_h, src_w;
  int64_t dst_image, dst_plane, dst_w;
  int64_t kernel_rows, kernel_columns;  // of the packed weights
  bool image = false;
};

Side ForwardSide(const ConvPlan& plan) {
  const ConvGeometry& g = plan.geometry();
  const int64_t in_plane = g.h * g.w * 16, out_plane = plan.out_h() * plan.out_w() * 16;
  return {g.groups,
          plan.SourceBlocks(),
          plan.OutBlocks() / g.groups,
          g.c / g.groups,
          g.image ? g.h * g.w * g.c : plan.InBlocks() * in_plane,
          in_plane,
          g.h,
          g.w,
          plan.OutBlocks() * out_plane,
          out_plane,
          plan.out_w(),
          g.kh,
          plan.TapColumns(),
          g.image};
}

Side BackwardSide(const ConvPlan& plan) {
  const ConvGeometry& g = plan.geometry();
  const int64_t in_plane = g.h * g.w * 16, out_plane = plan.out_h() * plan.out_w() * 16;
  return {g.groups,
          plan.OutBlocks() / g.groups,
          plan.InBlocks() / g.groups,
          g.k / g.groups,
          plan.OutBlocks() * out_plane,
          out_plane,
          plan.out_h(),
          plan.out_w(),
          plan.InBlocks() * in_plane,
          in_plane,
          g.w,
          g.kh,
          g.kw};
}

// How a pass is cut into tasks: by shape alone.
struct Cut {
  Cut(const ConvPlan& plan, const ConvPass& pass, const Side& side) : rows(pass.out_h) {
    while (rows > 1 && Floats(plan, pass, side) > kPackFloats) rows = (rows + 1) / 2;
    Finish(plan, pass, side);
  }
  // Of few images and outputs, where the source is read as it lies: fewer rows, so that there are more tasks.
  Cut(const ConvPlan& plan, const ConvPass& pass, const Side& side, int64_t n, int64_t few)
      : Cut(plan, pass, side) {
    if (rows < pass.out_h || n * side.groups * ((side.dst_blocks + 1) / 2) >= few) return;
    while (rows > 1 && n * side.groups * ((pass.out_h + rows - 1) / rows) < few) rows = (rows + 1) / 2;
    Finish(plan, pass, side);
  }
  int64_t Floats() const { return images * image_floats; }
  int64_t rows = 1, images = 1,
          image_floats = 0;  // output rows and images of a task; packed floats of one image

 private:
  int64_t Floats(const ConvPlan& plan, const ConvPass& pass, const Side& side) const {
    const PackedBand band(pass, rows);
    return side.image ? band.rows * PaddedRow(plan.geometry()) : band.Floats() * side.src_blocks;
  }
  void Finish(const ConvPlan& plan, const ConvPass& pass, const Side& side) {
    rows = EvenPiece(pass.out_h, rows), images = 1;
    image_floats = Floats(plan, pass, side);
    if (rows == pass.out_h) images = std::clamp<int64_t>(kPackFloats / image_floats, 1, kMaxImages);
  }
};

struct TileShape {
  int64_t rows, pixels;
};

// Few-pixel rows are joined, so that a tile has enough independent chains.
TileShape ChooseTile(int64_t out_h, int64_t out_w, int64_t most) {
  for (const int64_t rows : {4, 2}) {
    if (rows * out_w <= most && rows <= out_h) return {rows, out_w};
  }
  return {1, EvenPiece(out_w, most)};
}

// A map that is read as it lies, without halo or stride, needs no copy.
bool ReadsInPlace(const ConvPlan& plan, const ConvPass& pass, const Side& side) {
  return !plan.geometry().image && pass.sh == 1 && pass.sw == 1 && pass.rows.Span() == 0 &&
         pass.cols.Span() == 0 && pass.rows.First() == 0 && pass.cols.First() == 0 &&
         pass.out_h == side.src_h && pass.out_w == side.src_w;
}

class PassRunner {
 public:
  // `passes` share a source, which is packed once for all of them.
  PassRunner(const KernelTable& table, const ConvPlan& plan, const std::vector<ConvPass>& passes,
             const Side& side, int64_t n, const float* src, const float* weights, const Epilogue& end,
             bool add, float* dst, float* scratch)
      : table_(table),
        plan_(plan),
        passes_(passes),
        pass_(Covering(passes)),
        side_(side),
        direct_(ReadsInPlace(plan, pass_, side)),
        cut_(direct_ ? Cut(plan, pass_, side, n, kFewTasks) : Cut(plan, pass_, side)),
        band_(pass_, cut_.rows),  // NOLINT(clang-analyzer-core.CallAndMessage): cut_ is built above
        n_(n),
        src_(src),
        weights_(weights),
        end_(end),
        add_(add),
        dst_(dst),
        scratch_(scratch) {
    const ConvGeometry& g = plan.geometry();
    layout_ = direct_      ? Layout{side.src_plane, side.src_w * 16, 16, side.src_image}
              : side.image ? Layout{0, PaddedRow(g), PaddedColumn(g), cut_.image_floats}
                           : Layout{band_.Floats(), band_.RowFloats(), 16, cut_.image_floats};
    for (const ConvPass& pass : passes) taps_.push_back(MakeTaps(pass));
    bands_ = (pass_.out_h + cut_.rows - 1) / cut_.rows;
    image_groups_ = (n + cut_.images - 1) / cut_.images;
    const int64_t base = image_groups_ * bands_ * side.groups;
    // A lone image is also cut across the output blocks, at the price of packing it more than once.
    pieces_ = base >= kFewTasks ? 1 : std::min((side.dst_blocks + 1) / 2, (kFewTasks + base - 1) / base);
  }

  int64_t Tasks() const { return image_groups_ * bands_ * side_.groups * pieces_; }

  void Run(int64_t task, int worker) const {
    const int64_t piece = task % pieces_, group = task / pieces_ % side_.groups;
    const int64_t first_row = task / (pieces_ * side_.groups) % bands_ * cut_.rows;
    const int64_t image0 = task / (pieces_ * side_.groups * bands_) * cut_.images;
    const int64_t images = std::min(cut_.images, n_ - image0),
                  rows = std::min(cut_.rows, pass_.out_h - first_row);
    float* packed = scratch_ + worker * cut_.Floats();
    const float* source = packed;
    if (direct_) {
      source = src_ + image0 * side_.src_image + group * side_.src_blocks * side_.src_plane +
               first_row * side_.src_w * 16;
    } else {
      for (int64_t i = 0; i < images; i++)
        Pack(image0 + i, group, first_row, rows, packed + i * layout_.image);
    }
    const int64_t per_piece = ((side_.dst_blocks + pieces_ - 1) / pieces_ + 1) / 2 * 2;
    const int64_t end = std::min(side_.dst_blocks, (piece + 1) * per_piece);
    for (int64_t kb = piece * per_piece; kb < end;) {
      const int64_t blocks = end - kb >= 2 && table_.max_pixels[2] > 0 ? 2 : 1;
      for (int64_t i = 0; i < images; i++) {
        for (std::size_t pass = 0; pass < passes_.size(); pass++) {
          RunBlock(pass, source + i * layout_.image, group * side_.dst_blocks + kb, blocks, image0 + i,
                   first_row);
        }
      }
      kb += blocks;
    }
  }

 private:
  static constexpr int64_t kFewTasks = 8;

  // Floats of the source from one block, row, output column and image to the next.
  struct Layout {
    int64_t block, row, column, image;
  };

  std::vector<Tap> MakeTaps(const ConvPass& pass) const {
    std::vector<Tap> taps;
    const int64_t taps_of_block = side_.kernel_rows * side_.kernel_columns;
    for (int64_t cb = 0; cb < side_.src_blocks; cb++) {
      if (side_.image) {
        AppendImageTaps(pass, cb, taps);
        continue;
      }
      const int64_t k = std::min<int64_t>(16, side_.src_lanes - cb * 16);
      for (std::size_t r = 0; r < pass.rows.offset.size(); r++) {
        for (std::size_t s = 0; s < pass.cols.offset.size(); s++) {
          const int64_t a =
              cb * layout_.block + (direct_ ? 0 : band_.TapOffset(pass.rows.offset[r], pass.cols.offset[s]));
          const int64_t tap = pass.rows.index[r] * side_.kernel_columns + pass.cols.index[s];
          taps.push_back({a, (cb * taps_of_block + tap) * 256, k});
        }
      }
    }
    return taps;
  }

  void AppendImageTaps(const ConvPass& pass, int64_t slot, std::vector<Tap>& taps) const {
    for (std::size_t r = 0; r < pass.rows.offset.size(); r++) {
      for (const LaneRun& run : LaneRuns(plan_, slot)) {
        taps.push_back({(pass.rows.offset[r] - pass.rows.First()) * layout_.row + run.offset,
                        (slot * side_.kernel_rows + pass.rows.index[r]) * 256 + run.lane * 16, run.count});
      }
    }
  }

  void Pack(int64_t image, int64_t group, int64_t first_row, int64_t rows, float* packed) const {
    const float* from = src_ + image * side_.src_image;
    if (side_.image) return PadImage(plan_, first_row, rows, from, packed);
    for (int64_t cb = 0; cb < side_.src_blocks; cb++) {
      PackPlane(pass_, band_, first_row, rows, from + (group * side_.src_blocks + cb) * side_.src_plane,
                side_.src_h, side_.src_w, packed + cb * layout_.block);
    }
  }

  void RunBlock(std::size_t index, const float* source, int64_t kb, int64_t blocks, int64_t image,
                int64_t first_row) const {
    if (add_ && taps_[index].empty()) return;
    const ConvPass& pass = passes_[index];
    const int64_t rows = std::min(cut_.rows, pass.out_h - first_row);
    const int64_t most = table_.max_pixels[blocks];
    const TileShape tile =
        side_.image ? TileShape{1, EvenPiece(pass.out_w, most)} : ChooseTile(rows, pass.out_w, most);
    const int64_t weight_block = side_.src_blocks * side_.kernel_rows * side_.kernel_columns * 256;
    TileArgs args{};
    args.b = weights_ + kb * weight_block;
    args.taps = taps_[index].data(), args.count = static_cast<int64_t>(taps_[index].size());
    args.a_r = pass.sh * layout_.row, args.a_m = layout_.column, args.b_n = weight_block;
    args.c_r = pass.dst_row_step * side_.dst_w * 16, args.c_m = pass.dst_col_step * 16,
    args.c_n = side_.dst_plane;
    args.bias = EndOf(end_, kb, 0).bias, args.add = add_;
    float* plane = dst_ + image * side_.dst_image + kb * side_.dst_plane;
    for (int64_t p = 0; p < rows;) {
      const int64_t joined = p + tile.rows <= rows ? tile.rows : 1;
      const int64_t row = pass.dst_row + (first_row + p) * pass.dst_row_step,
                    whole = pass.out_w / tile.pixels;
      args.a = source + p * pass.sh * layout_.row;
      args.c = plane + (row * side_.dst_w + pass.dst_col) * 16;
      args.repeat = whole;
      RunTiles(joined, tile.pixels, blocks, args);
      args.a += whole * tile.pixels * layout_.column, args.c += whole * tile.pixels * args.c_m;
      args.repeat = 1;
      if (pass.out_w % tile.pixels > 0) RunTiles(joined, pass.out_w % tile.pixels, blocks, args);
      Finish(pass, image, kb, blocks, first_row + p, joined);
      p += joined;
    }
  }

  void RunTiles(int64_t rows, int64_t pixels, int64_t blocks, const TileArgs& args) const {
    (side_.image ? table_.image[pixels][blocks] : table_.pixel[rows][pixels][blocks])(args);
  }

  // What follows the sum, on rows that have just been written.
  void Finish(const ConvPass& pass, int64_t image, int64_t kb, int64_t blocks, int64_t row,
              int64_t rows) const {
    if (!end_.other && !end_.rectifier) return;
    for (int64_t b = kb; b < kb + blocks; b++) {
      const int64_t at = image * side_.dst_image + b * side_.dst_plane + row * pass.out_w * 16;
      const int64_t pixels = rows * pass.out_w;
      if (end_.other) {
        table_.maps<float>().plane.add(dst_ + at, end_.other + at, pixels, end_.rectifier, dst_ + at);
      } else {
        table_.maps<float>().plane.rectify(dst_ + at, pixels, end_.rectifier, dst_ + at);
      }
    }
  }

  const KernelTable& table_;
  const ConvPlan& plan_;
  const std::vector<ConvPass>& passes_;
  const ConvPass pass_;  // covers them all
  const Side& side_;
  const bool direct_;
  const Cut cut_;
  const PackedBand band_;
  const int64_t n_;
  const float *src_, *weights_;
  const Epilogue end_;
  const bool add_;
  float *dst_, *scratch_;
  Layout layout_{};
  int64_t bands_ = 0, image_groups_ = 0, pieces_ = 1;
  std::vector<std::vector<Tap>> taps_;
};

}  // namespace

void DirectForward(const ConvCall& call, const ConvSource& x, const float* packed, const Epilogue& end,
                   float* y) {
  const Side side = ForwardSide(call.plan);
  const std::vector<ConvPass> passes{call.plan.forward()};
  const PassRunner runner(call.table, call.plan, passes, side, call.n, x.map, packed, end, false, y,
                          call.scratch);
  call.pool.For(runner.Tasks(), [&](int64_t task, int worker) { runner.Run(task, worker); });
}

void DirectBackwardData(const ConvCall& call, const float* dy, const float* turned, bool accumulate,
                        float* dx) {
  const Side side = BackwardSide(call.plan);
  const PassRunner runner(call.table, call.plan, call.plan.backward(), side, call.n, dy, turned, {},
                          accumulate, dx, call.scratch);
  call.pool.For(runner.Tasks(), [&](int64_t task, int worker) { runner.Run(task, worker); });
}

int64_t DirectForwardScratch(const ConvPlan& plan, int64_t /*max_n*/, int threads) {
  return Cut(plan, plan.forward(), ForwardSide(plan)).Floats() * threads;
}

int64_t DirectBackwardDataScratch(const ConvPlan& plan, int64_t /*max_n*/, int threads) {
  return plan.backward().empty()
             ? 0
             : Cut(plan, Covering(plan.backward()), BackwardSide(plan)).Floats() * threads;
}

}  // namespace fovea
