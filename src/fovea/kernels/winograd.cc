// Convolution with 3x3 kernels by Winograd's F(4x4, 3x3) or F(2x2, 3x3), with stride 2 by F(4x4, 2x2) and its like: forward
// and backward-data.
//
// The outputs are cut into tiles, numbered over the whole batch. Each of the frequencies of a tile is a product over the
// channels by the micro-kernel, or the sum of several; isa/winograd.h has the transforms. Backward-data is forward from dy
// with the kernel turned round.
//
// Bits: an output is, for each frequency, one chain over (product, source block, channel), then its tile's transform,
// whichever schedule is used.
#include <algorithm>
#include <vector>

#include "fovea/base/aligned.h"
#include "fovea/base/checked.h"
#include "fovea/kernels/conv_method.h"
#include "fovea/kernels/winograd_grid.h"

namespace fovea {
namespace {

// Transformed weights up to this many floats are made once and read by every task; of more, a task makes a slice of
// output blocks for itself and uses it for all tiles, so that they never leave its cache.
constexpr int64_t kSharedWeights = 1024 * 1024;
constexpr int64_t kSliceBlocks = 2, kSliceTiles = 56;
constexpr int64_t kSliceInput = 8 * 1024 * 1024;  // floats of transformed input at a time beside slices
// Of a task beside shared weights: its transformed input and its products stay in the second-level cache.
constexpr int64_t kTaskFloats = 256 * 1024;
// Tiles of a piece, whose transformed input is contiguous over the source blocks: the widest tile of the micro-kernel.
constexpr int64_t kPieceTiles = 14;
constexpr int64_t kFewTasks = 8;
constexpr int64_t kRunGroups = 4;  // groups of a task: each fetches the input of the next

// What a pass reads and writes.
struct Pass {
  const WinogradForm& form;
  int64_t src_blocks, dst_blocks;
  int64_t src_plane, dst_plane;
  TileGrid src, dst;
  const float* weights;  // [dst block][src block][tap][16][16]
  bool turned;           // the taps are met in reverse

  bool Sliced() const { return form.Weights() * src_blocks * dst_blocks * 256 > kSharedWeights; }
  int64_t InputFloats(int64_t tiles) const { return form.Inputs() * FrequencyFloats(src_blocks, tiles); }
  int64_t ProductFloats(int64_t blocks, int64_t tiles) const {
    return form.Outputs() * FrequencyFloats(blocks, tiles);
  }
  int64_t WeightFloats(int64_t blocks) const {
    return form.Weights() * FrequencyFloats(blocks * src_blocks, 16);
  }
  // Most tiles of a task beside shared weights.
  int64_t MostTiles() const {
    return std::max<int64_t>(1, kTaskFloats /
                                    ((form.Inputs() * src_blocks + form.Outputs() * dst_blocks) * 16) /
                                    kPieceTiles) *
           kPieceTiles;
  }
  // Groups of tiles beside slices whose input is transformed at a time.
  int64_t PortionGroups(int64_t tiles) const {
    return std::clamp<int64_t>((tiles + kSliceTiles - 1) / kSliceTiles, 1,
                               std::max<int64_t>(1, kSliceInput / InputFloats(kSliceTiles)));
  }
};

// Blocks and size of a map, and where the first tile begins on it.
struct Side {
  int64_t blocks, h, w;
  int64_t row0, col0;
  int64_t Plane() const { return h * w * 16; }
  TiledMap Map() const { return {h, w, row0, col0, blocks * Plane()}; }
};

Pass PassOver(const WinogradForm& form, const Side& src, const Side& dst, const float* weights, bool turned) {
  const int64_t rows = dst.h - dst.row0, columns = dst.w - dst.col0;
  return {form,
          src.blocks,
          dst.blocks,
          src.Plane(),
          dst.Plane(),
          GridOver(form, rows, columns, src.Map()),
          GridOver(form, rows, columns, dst.Map()),
          weights,
          turned};
}

Pass ForwardPassOf(const ConvPlan& plan, const float* packed) {
  const ConvGeometry& g = plan.geometry();
  return PassOver(ForwardForm(plan.method()), {plan.InBlocks(), g.h, g.w, -g.pt, -g.pl},
                  {plan.OutBlocks(), plan.out_h(), plan.out_w(), 0, 0}, packed, false);
}

Pass BackwardPassOf(const ConvPlan& plan, const float* turned) {
  const ConvGeometry& g = plan.geometry();
  // First row or column of a tile of dy and of dx. At stride 2 dx begins with one that tap 1 alone reaches.
  const bool strided = plan.method() == ConvMethod::kWinogradStrided;
  const auto from = [&](int64_t pad) { return strided ? (pad == 0 ? -1 : 0) : pad - 2; };
  const auto to = [&](int64_t pad) { return strided ? 2 * from(pad) + 1 - pad : 0; };
  return PassOver(BackwardForm(plan.method()),
                  {plan.OutBlocks(), plan.out_h(), plan.out_w(), from(g.pt), from(g.pl)},
                  {plan.InBlocks(), g.h, g.w, to(g.pt), to(g.pl)}, turned, true);
}

class Runner {
 public:
  Runner(const ConvCall& call, const Pass& pass, const ConvSource& src, const Epilogue& end, bool add,
         float* dst)
      : pool_(call.pool),
        table_(call.table),
        transforms_(call.table.*pass.form.transforms),
        pass_(pass),
        tiles_(call.n * pass.src.per_image),
        group_(pass.Sliced() ? kSliceTiles
                             : std::clamp(tiles_ / kFewTasks / kPieceTiles * kPieceTiles, kPieceTiles,
                                          pass.MostTiles())),
        v_f_(FrequencyFloats(pass.src_blocks, group_)),
        u_f_(FrequencyFloats((pass.Sliced() ? kSliceBlocks : pass.dst_blocks) * pass.src_blocks, 16)),
        src_(src),
        end_(end),
        add_(add),
        dst_(dst),
        scratch_(call.scratch) {
    taps_.reserve(pass.form.products.size() * static_cast<std::size_t>(pass.src_blocks));
    first_tap_.resize(static_cast<std::size_t>(pass.form.Outputs()) + 1);
    for (const WinogradProduct& p : pass.form.products) {
      for (int64_t cb = 0; cb < pass.src_blocks; cb++) {
        taps_.push_back({p.input * v_f_ + cb * kPieceTiles * 16, p.weight * u_f_ + cb * 256, 16});
      }
      first_tap_[static_cast<std::size_t>(p.output) + 1] = taps_.size();
    }
  }

  void Run() const { pass_.Sliced() ? RunSlices() : RunGroups(); }

  static int64_t Scratch(const Pass& pass, int64_t n, int threads) {
    if (pass.Sliced()) {
      const int64_t own = pass.WeightFloats(kSliceBlocks) + pass.ProductFloats(kSliceBlocks, kSliceTiles);
      return pass.PortionGroups(n * pass.src.per_image) * pass.InputFloats(kSliceTiles) + threads * own;
    }
    const int64_t most = pass.MostTiles();
    return pass.WeightFloats(pass.dst_blocks) +
           threads * (pass.InputFloats(most) + pass.ProductFloats(pass.dst_blocks, most));
  }

 private:
  int64_t Groups() const { return (tiles_ + group_ - 1) / group_; }
  TileRun TilesOf(int64_t group, int64_t floats) const {
    return {group * group_, std::min(group_, tiles_ - group * group_), floats};
  }

  // u[f][kb][cb][16][16] of output block k.
  void TransformWeights(int64_t k, float* u) const {
    for (int64_t cb = 0; cb < pass_.src_blocks; cb++) {
      const float* block = pass_.weights + (k * pass_.src_blocks + cb) * 9 * 256;
      transforms_.weights(block + (pass_.turned ? 8 * 256 : 0), pass_.turned ? -256 : 256, u + cb * 256,
                          u_f_);
    }
  }

  // v[f][piece][cb][tile][16] of a group.
  void TransformInput(int64_t group, int64_t cb, float* v) const {
    TileRun run = TilesOf(group, v_f_);
    const int64_t end = run.first + run.count;
    for (; run.first < end; run.first += kPieceTiles) {
      run.count = std::min(kPieceTiles, end - run.first);
      transforms_.input(pass_.src, run, src_.norm, cb * 16, src_.map + cb * pass_.src_plane,
                        v + cb * kPieceTiles * 16);
      v += pass_.src_blocks * kPieceTiles * 16;
    }
  }

  // Fetches the source of a group while another's products are taken.
  MapAhead AheadOf(int64_t group) const {
    const TileRun run = TilesOf(group, 0);
    const int64_t together = table_.max_pixels[2] > 0 ? 2 : 1;
    const int64_t calls = pass_.form.Outputs() * ((pass_.dst_blocks + together - 1) / together) *
                          ((run.count + table_.max_pixels[together] - 1) / table_.max_pixels[together]);
    return {pass_.src, src_.map, pass_.src_blocks, run.first, run.count, calls};
  }

  // Outputs k0.. of a group, by way of m[f][kb][tile][16].
  void Finish(int64_t group, int64_t k0, int64_t blocks, const float* v, const float* u, float* m,
              MapAhead& ahead) const {
    TileRun run = TilesOf(group, FrequencyFloats(blocks, group_));
    run.add = add_;
    run.stream = !add_ && tiles_ / pass_.dst.per_image * pass_.dst.image > kStreamFloats;
    TileArgs args{};
    args.b_n = pass_.src_blocks * 256;
    args.c_m = 16, args.c_n = group_ * 16;
    for (int64_t f = 0; f < pass_.form.Outputs(); f++) {
      const std::size_t first = first_tap_[static_cast<std::size_t>(f)];
      args.taps = taps_.data() + first;
      args.count = static_cast<int64_t>(first_tap_[static_cast<std::size_t>(f) + 1] - first);
      for (int64_t kb = 0; kb < blocks;) {
        const int64_t together = blocks - kb >= 2 && table_.max_pixels[2] > 0 ? 2 : 1;
        args.b = u + kb * args.b_n;
        for (int64_t t = 0; t < run.count; t += kPieceTiles) {
          const int64_t tiles = std::min(kPieceTiles, run.count - t);
          const int64_t step = EvenPiece(tiles, table_.max_pixels[together]);
          for (int64_t i = 0; i < tiles; i += step) {
            args.a = v + (t * pass_.src_blocks + i) * 16;
            args.c = m + f * run.f + (kb * group_ + t + i) * 16;
            ahead.Fetch();
            table_.pixel[1][std::min(step, tiles - i)][together](args);
          }
        }
        kb += together;
      }
    }
    for (int64_t kb = 0; kb < blocks; kb++) {
      transforms_.output(pass_.dst, run, m + kb * group_ * 16,
                         EndOf(end_, k0 + kb, (k0 + kb) * pass_.dst_plane),
                         dst_ + (k0 + kb) * pass_.dst_plane);
    }
  }

  void RunGroups() const {
    float *u = scratch_, *workers = u + pass_.WeightFloats(pass_.dst_blocks);
    pool_.For(pass_.dst_blocks, [&](int64_t k, int) { TransformWeights(k, u + k * pass_.src_blocks * 256); });
    const int64_t own = pass_.InputFloats(group_) + pass_.ProductFloats(pass_.dst_blocks, group_);
    const int64_t run = std::clamp<int64_t>(Groups() / (4 * kFewTasks), 1, kRunGroups);
    pool_.For((Groups() + run - 1) / run, [&](int64_t task, int worker) {
      float *v = workers + worker * own, *m = v + pass_.InputFloats(group_);
      const int64_t end = std::min(Groups(), (task + 1) * run);
      for (int64_t group = task * run; group < end; group++) {
        for (int64_t cb = 0; cb < pass_.src_blocks; cb++) TransformInput(group, cb, v);
        MapAhead ahead = group + 1 < end ? AheadOf(group + 1) : MapAhead();
        Finish(group, 0, pass_.dst_blocks, v, u, m, ahead);
      }
    });
  }

  void RunSlices() const {
    const int64_t portion = pass_.PortionGroups(tiles_), floats = pass_.InputFloats(group_);
    for (int64_t first = 0; first < Groups(); first += portion) {
      const int64_t last = std::min(Groups(), first + portion);
      pool_.For((last - first) * pass_.src_blocks, [&](int64_t task, int) {
        const int64_t group = task / pass_.src_blocks;
        TransformInput(first + group, task % pass_.src_blocks, scratch_ + group * floats);
      });
      pool_.For((pass_.dst_blocks + kSliceBlocks - 1) / kSliceBlocks,
                [&](int64_t slice, int worker) { RunSlice(slice, first, last, worker); });
    }
  }

  void RunSlice(int64_t slice, int64_t first, int64_t last, int worker) const {
    const int64_t floats = pass_.InputFloats(group_);
    const int64_t own = pass_.WeightFloats(kSliceBlocks) + pass_.ProductFloats(kSliceBlocks, group_);
    float* u = scratch_ + pass_.PortionGroups(tiles_) * floats + worker * own;
    const int64_t k0 = slice * kSliceBlocks, blocks = std::min(kSliceBlocks, pass_.dst_blocks - k0);
    for (int64_t kb = 0; kb < blocks; kb++) TransformWeights(k0 + kb, u + kb * pass_.src_blocks * 256);
    for (int64_t group = first; group < last; group++) {
      MapAhead none;
      Finish(group, k0, blocks, scratch_ + (group - first) * floats, u, u + pass_.WeightFloats(kSliceBlocks),
             none);
    }
  }

  ThreadPool& pool_;
  const KernelTable& table_;
  const WinogradTable& transforms_;
  const Pass pass_;
  const int64_t tiles_, group_;  // tiles in all, of a group
  const int64_t v_f_, u_f_;      // floats of an input, of a weight
  const ConvSource src_;
  const Epilogue end_;
  const bool add_;
  float *dst_, *scratch_;
  std::vector<Tap> taps_;               // output after output
  std::vector<std::size_t> first_tap_;  // of each output, and the end
};

}  // namespace

void WinogradForward(const ConvCall& call, const ConvSource& x, const float* packed, const Epilogue& end,
                     float* y) {
  Runner(call, ForwardPassOf(call.plan, packed), x, end, false, y).Run();
}

void WinogradBackwardData(const ConvCall& call, const float* dy, const float* turned, bool accumulate,
                          float* dx) {
  Runner(call, BackwardPassOf(call.plan, turned), dy, {}, accumulate, dx).Run();
}

int64_t WinogradForwardScratch(const ConvPlan& plan, int64_t max_n, int threads) {
  return Runner::Scratch(ForwardPassOf(plan, nullptr), max_n, threads);
}

int64_t WinogradBackwardDataScratch(const ConvPlan& plan, int64_t max_n, int threads) {
  return Runner::Scratch(BackwardPassOf(plan, nullptr), max_n, threads);
}

}  // namespace fovea
