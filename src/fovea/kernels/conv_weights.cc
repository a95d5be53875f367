#include <algorithm>
#include <vector>

#include "fovea/kernels/conv.h"
#include "fovea/kernels/conv_pack.h"
#include "fovea/kernels/shard_tree.h"

namespace fovea {
namespace {

constexpr int64_t kPackFloats = 128 * 1024;  // of a task's packed rows: half of a 1 MB second-level cache
constexpr int64_t kSourceBlocks = 4, kOutputBlocks = 8;  // of a task: its sums stay in the cache
constexpr int64_t kFewTasks = 8;
// Pixels between two visits of the sums: their rows of x and dy, 192 bytes a pixel, stay in the first-level
// cache.
constexpr int64_t kChunkPixels = 128;

int64_t Shards(int64_t n) { return (n + kMicroShard - 1) / kMicroShard; }

class WeightGradient {
 public:
  WeightGradient(const KernelTable& table, const ConvPlan& plan, int64_t n, const float* x, const float* dy,
                 float* scratch)
      : table_(table),
        plan_(plan),
        g_(plan.geometry()),
        pass_(plan.forward()),
        band_(pass_, pass_.out_h),
        n_(n),
        shards_(Shards(n)),
        src_blocks_(plan.SourceBlocks()),
        dst_blocks_(plan.OutBlocks() / g_.groups),
        c_pieces_((src_blocks_ + kSourceBlocks - 1) / kSourceBlocks),
        k_blocks_(OutputBlocks(shards_ * g_.groups * c_pieces_, dst_blocks_)),
        k_pieces_((dst_blocks_ + k_blocks_ - 1) / k_blocks_),
        group_(ImageGroup(plan)),
        x_(x),
        dy_(dy),
        parts_(scratch),
        bias_parts_(parts_ + shards_ * plan.PackedFloats()),
        packs_(bias_parts_ + shards_ * plan.OutBlocks() * 16) {}

  // Images packed at a time.
  static int64_t ImageGroup(const ConvPlan& plan) {
    const int64_t blocks = std::min(plan.SourceBlocks(), kSourceBlocks);
    return std::clamp<int64_t>(kPackFloats / (PackedBand(plan.forward(), plan.out_h()).Floats() * blocks), 1,
                               kMicroShard);
  }
  static int64_t PackFloats(const ConvPlan& plan) {
    const int64_t blocks = std::min(plan.SourceBlocks(), kSourceBlocks);
    return ImageGroup(plan) * PackedBand(plan.forward(), plan.out_h()).Floats() * blocks;
  }

  int64_t Tasks() const { return shards_ * g_.groups * c_pieces_ * k_pieces_; }

  void Run(int64_t task, int worker) const {
    const int64_t k0 = task % k_pieces_ * k_blocks_, k1 = std::min(dst_blocks_, k0 + k_blocks_);
    const int64_t c0 = task / k_pieces_ % c_pieces_ * kSourceBlocks,
                  c1 = std::min(src_blocks_, c0 + kSourceBlocks);
    const int64_t group = task / (k_pieces_ * c_pieces_) % g_.groups;
    const int64_t shard = task / (k_pieces_ * c_pieces_ * g_.groups);
    const int64_t end = std::min(n_, (shard + 1) * kMicroShard);
    float* pack = packs_ + worker * PackFloats(plan_);
    std::vector<Tap> taps;
    for (int64_t image0 = shard * kMicroShard; image0 < end; image0 += group_) {
      const int64_t images = std::min(group_, end - image0);
      for (int64_t i = 0; i < images; i++) {
        for (int64_t cb = c0; cb < c1; cb++)
          Pack(image0 + i, group, cb, pack + (i * (c1 - c0) + cb - c0) * band_.Floats());
      }
      MakeTaps(images, c1 - c0, taps);
      for (int64_t kb = k0; kb < k1;) {
        const int64_t blocks = k1 - kb >= 2 && table_.max_pixels[2] > 0 ? 2 : 1;
        for (int64_t cb = c0; cb < c1; cb++) {
          RunBlock(shard, group, kb, blocks, cb, pack + (cb - c0) * band_.Floats(), image0, taps);
        }
        kb += blocks;
      }
    }
    if (c0 == 0) SumBias(shard, group * dst_blocks_ + k0, group * dst_blocks_ + k1, end);
  }

  // Adds up the shards of output block kb and accumulates them into the plain gradient.
  void Finish(int64_t kb, float* dw, float* db) const {
    const int64_t cg = g_.c / g_.groups, taps = g_.kh * plan_.TapColumns();
    const int64_t last = std::min(g_.k, kb * 16 + 16);
    float sum[256];
    for (int64_t cb = 0; cb < src_blocks_; cb++) {
      const int64_t lanes = plan_.RealLanes(cb);
      for (int64_t t = 0; t < taps; t++) {
        const int64_t offset = ((kb * src_blocks_ + cb) * taps + t) * 256;
        AddUpTree(parts_ + offset, plan_.PackedFloats(), shards_, lanes * 16, sum);
        for (int64_t lane = 0; lane < lanes; lane++) {
          const int64_t index = cb * 16 + lane;
          const int64_t c = g_.image ? index % g_.c : index, s = g_.image ? index / g_.c : t % g_.kw;
          const int64_t r = g_.image ? t : t / g_.kw;
          for (int64_t k = kb * 16; k < last; k++) {
            dw[((k * cg + c) * g_.kh + r) * g_.kw + s] += sum[lane * 16 + k - kb * 16];
          }
        }
      }
    }
    if (db == nullptr) return;
    AddUpTree(bias_parts_ + kb * 16, plan_.OutBlocks() * 16, shards_, 16, sum);
    for (int64_t k = kb * 16; k < last; k++) db[k] += sum[k - kb * 16];
  }

 private:
  // Output blocks of a task: fewer, always in pairs, when there would be few tasks.
  static int64_t OutputBlocks(int64_t tasks, int64_t blocks) {
    int64_t most = kOutputBlocks;
    while (most > 2 && tasks * ((blocks + most - 1) / most) < kFewTasks) most /= 2;
    return most;
  }

  void Pack(int64_t image, int64_t group, int64_t cb, float* to) const {
    if (g_.image) {
      PackImage(plan_, band_, cb, 0, pass_.out_h, x_ + image * g_.h * g_.w * g_.c, to);
      return;
    }
    const int64_t plane = g_.h * g_.w * 16;
    PackPlane(pass_, band_, 0, pass_.out_h,
              x_ + (image * plan_.InBlocks() + group * src_blocks_ + cb) * plane, g_.h, g_.w, to);
  }

  // One tap for every output row of the packed images: its pixels are the k of the product.
  void MakeTaps(int64_t images, int64_t blocks, std::vector<Tap>& taps) const {
    taps.clear();
    for (int64_t i = 0; i < images; i++) {
      for (int64_t p = 0; p < pass_.out_h; p++) {
        taps.push_back({i * blocks * band_.Floats() + p * pass_.sh * band_.RowFloats(),
                        (i * plan_.OutBlocks() * pass_.out_h + p) * pass_.out_w * 16, pass_.out_w});
      }
    }
  }

  void RunBlock(int64_t shard, int64_t group, int64_t kb, int64_t blocks, int64_t cb, const float* pack,
                int64_t image0, const std::vector<Tap>& taps) const {
    const int64_t dy_plane = pass_.out_h * pass_.out_w * 16, taps_of_block = g_.kh * plan_.TapColumns();
    const int64_t lanes = plan_.RealLanes(cb), piece = EvenPiece(lanes, table_.max_pixels[blocks]);
    TileArgs args{};
    args.b = dy_ + (image0 * plan_.OutBlocks() + group * dst_blocks_ + kb) * dy_plane;
    args.b_n = dy_plane;
    args.c_m = 16, args.c_n = src_blocks_ * taps_of_block * 256;
    args.add = image0 != shard * kMicroShard;
    float* part = parts_ + shard * plan_.PackedFloats() +
                  ((group * dst_blocks_ + kb) * src_blocks_ + cb) * taps_of_block * 256;
    const auto rows = static_cast<int64_t>(taps.size());
    const int64_t chunk = std::max<int64_t>(1, kChunkPixels / pass_.out_w);
    for (int64_t row = 0; row < rows; row += chunk) {
      args.taps = taps.data() + row, args.count = std::min(chunk, rows - row);
      for (std::size_t r = 0; r < pass_.rows.offset.size(); r++) {
        for (std::size_t s = 0; s < pass_.cols.offset.size(); s++) {
          const float* a = pack + band_.TapOffset(pass_, r, s);
          float* c = part + (pass_.rows.index[r] * plan_.TapColumns() + pass_.cols.index[s]) * 256;
          for (int64_t lane = 0; lane < lanes; lane += piece) {
            args.a = a + lane, args.c = c + lane * 16;
            table_.outer[std::min(piece, lanes - lane)][blocks](args);
          }
        }
      }
      args.add = true;
    }
  }

  void SumBias(int64_t shard, int64_t first, int64_t last, int64_t end) const {
    const int64_t pixels = pass_.out_h * pass_.out_w;
    for (int64_t kb = first; kb < last; kb++) {
      float sum[16] = {};
      for (int64_t image = shard * kMicroShard; image < end; image++) {
        const float* plane = dy_ + (image * plan_.OutBlocks() + kb) * pixels * 16;
        for (int64_t p = 0; p < pixels; p++) {
          for (int64_t lane = 0; lane < 16; lane++) sum[lane] += plane[p * 16 + lane];
        }
      }
      std::copy_n(sum, 16, bias_parts_ + (shard * plan_.OutBlocks() + kb) * 16);
    }
  }

  const KernelTable& table_;
  const ConvPlan& plan_;
  const ConvGeometry& g_;
  const ConvPass& pass_;
  const PackedBand band_;
  const int64_t n_, shards_, src_blocks_, dst_blocks_, c_pieces_, k_blocks_, k_pieces_, group_;
  const float *x_, *dy_;
  float *parts_, *bias_parts_, *packs_;
};

}  // namespace

void ConvWeightGradient(ThreadPool& pool, const KernelTable& table, const ConvPlan& plan, int64_t n,
                        const float* x, const float* dy, float* dw, float* db, float* scratch) {
  const WeightGradient gradient(table, plan, n, x, dy, scratch);
  pool.For(gradient.Tasks(), [&](int64_t task, int worker) { gradient.Run(task, worker); });
  pool.For(plan.OutBlocks(), [&](int64_t kb, int) { gradient.Finish(kb, dw, db); });
}

int64_t ConvWeightGradientScratch(const ConvPlan& plan, int64_t max_n, int threads) {
  return Shards(max_n) * (plan.PackedFloats() + plan.OutBlocks() * 16) +
         threads * WeightGradient::PackFloats(plan);
}

}  // namespace fovea
