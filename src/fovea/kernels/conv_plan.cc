#include "fovea/kernels/conv_plan.h"

#include <algorithm>

namespace fovea {
bool ConvPlan::Supports(const ConvGeometry& g) {
  if (g.image) return g.groups == 1 && g.c <= 4;
  return g.groups == 1 || (g.c / g.groups % 16 == 0 && g.k / g.groups % 16 == 0);
}

bool ConvPlan::SupportsWinograd(const ConvGeometry& g) {
  const auto small = [](int64_t pad) { return pad >= 0 && pad <= 2; };
  return !g.image && g.groups == 1 && g.kh == 3 && g.kw == 3 && g.sh == g.sw && (g.sh == 1 || g.sh == 2) &&
         g.dh == 1 && g.dw == 1 && small(g.pt) && small(g.pl) && small(g.pb) && small(g.pr);
}

bool ConvPlan::SupportsBfloat16(const ConvGeometry& g) { return Supports(g) && g.groups == 1; }

namespace {

int64_t RoundUp(int64_t x, int64_t to) { return (x + to - 1) / to * to; }

// What a method costs, measured in cycles of a core with 32 multiply-adds a cycle.
struct WinogradCost {
  int64_t side, products;  // of a tile's outputs; of a tile and a pair of channels
  double rate;             // products a cycle
  int64_t input, output;   // of a tile's transforms, a channel of x and of y
  int64_t weights;         // of those of a pair of channels
};
constexpr double kDirectRate = 29;
constexpr WinogradCost kCost2x2{2, 16, kDirectRate, 4, 4, 5}, kCost4x4{4, 36, kDirectRate, 9, 9, 10};
// The mean of forward and backward-data; wide layers, whose transformed maps leave the cache, have this rate.
constexpr WinogradCost kCostStrided{4, 81, 24, 20, 6, 10};

double WinogradCycles(const ConvGeometry& g, int64_t images, const WinogradCost& cost) {
  const int64_t c = RoundUp(g.c, 16), k = RoundUp(g.k, 16), side = cost.side;
  const int64_t tiles = images * (RoundUp(g.OutH(), side) / side) * (RoundUp(g.OutW(), side) / side);
  return static_cast<double>(tiles * cost.products * c * k) / cost.rate +
         static_cast<double>(tiles * (cost.input * c + cost.output * k) + cost.weights * c * k);
}

}  // namespace

ConvMethod FastMethod(const ConvGeometry& g, int64_t images) {
  if (!ConvPlan::SupportsWinograd(g)) return ConvMethod::kDirect;
  const int64_t products = images * g.OutH() * g.OutW() * 9 * RoundUp(g.c, 16) * RoundUp(g.k, 16);
  const double most = 0.9 * static_cast<double>(products) / kDirectRate;  // it must win by a tenth
  if (g.sh == 2) {
    return WinogradCycles(g, images, kCostStrided) > most ? ConvMethod::kDirect
                                                          : ConvMethod::kWinogradStrided;
  }
  const double two = WinogradCycles(g, images, kCost2x2), four = WinogradCycles(g, images, kCost4x4);
  if (std::min(two, four) > most) return ConvMethod::kDirect;
  return two < four ? ConvMethod::kWinograd2x2 : ConvMethod::kWinograd4x4;
}

ConvPlan::ConvPlan(const ConvGeometry& g, ConvMethod method)
    : g_(g), method_(method), image_(g.image), forward_(ForwardPass(g)) {
  if (!image_) backward_ = BackwardPasses(g);
}

int64_t ConvPlan::RealLanes(int64_t cb) const {
  const int64_t lanes = image_ ? g_.kw * g_.c : g_.c / g_.groups;
  return std::min<int64_t>(16, lanes - cb * 16);
}

void ConvPlan::PackWeights(ThreadPool& pool, const KernelTable& table, const float* w, float* packed,
                           float* turned) const {
  if (method_ == ConvMethod::kBfloat16) return PackTiles(pool, table, w, packed, turned);
  const int64_t kbs = OutBlocks() / g_.groups;
  pool.For(OutBlocks(), [&](int64_t kb, int) {
    std::vector<float> block(static_cast<std::size_t>(Taps() * 256));
    for (int64_t cb = 0; cb < SourceBlocks(); cb++) {
      GatherBlock(kb, cb, w, block.data());
      if (packed != nullptr)
        TransposeBlock(table, block.data(), packed + (kb * SourceBlocks() + cb) * Taps() * 256);
      if (turned == nullptr) continue;
      const int64_t at = (kb / kbs * SourceBlocks() + cb) * kbs + kb % kbs;
      std::copy(block.begin(), block.end(), turned + at * Taps() * 256);
    }
  });
}

void ConvPlan::GatherBlock(int64_t kb, int64_t cb, const float* w, float* block) const {
  const int64_t cg = g_.c / g_.groups, taps = Taps(), lanes = RealLanes(cb);
  const int64_t real = std::min<int64_t>(16, g_.k - kb * 16);
  if (lanes < 16 || real < 16) std::fill_n(block, taps * 256, 0.0f);
  for (int64_t k = 0; k < real; k++, block += 16) {
    const float* filter = w + (kb * 16 + k) * cg * g_.kh * g_.kw;
    if (taps == 1 && !image_) {
      std::copy_n(filter + cb * 16, lanes, block);
      continue;
    }
    for (int64_t lane = 0; lane < lanes; lane++) {
      const int64_t index = cb * 16 + lane;
      const int64_t c = image_ ? index % g_.c : index, column = image_ ? index / g_.c : 0;
      const float* from = filter + c * g_.kh * g_.kw + column;
      for (int64_t t = 0; t < taps; t++) block[t * 256 + lane] = from[image_ ? t * g_.kw : t];
    }
  }
}

void ConvPlan::TransposeBlock(const KernelTable& table, const float* block, float* transposed) const {
  std::copy_n(block, Taps() * 256, transposed);
  for (int64_t t = 0; t < Taps(); t++) table.transpose(transposed + t * 256);
}

// Two blocks of outputs by two of sources at a time: four tiles of a tap, two of either form.
void ConvPlan::PackTiles(ThreadPool& pool, const KernelTable& table, const float* w, float* packed,
                         float* turned) const {
  const Bf16Table& bf16 = table.bf16;
  const int64_t floats = Taps() * 256, pairs_k = Summed(OutBlocks()), pairs_c = Summed(SourceBlocks());
  // The tiles of all taps from their upper and lower 16 terms.
  const auto join = [&](const float* upper, const float* lower, float* tiles) {
    for (int64_t t = 0; t < Taps() * 4; t++) {
      const float* from = (t / 2 % 2 == 0 ? upper : lower) + t / 4 * 256;
      const uint8_t* terms = bf16.terms + t % 2 * 2;  // of every other pair
      bf16.single.pair({from + terms[0] * 16, from + terms[1] * 16, nullptr, 0, 0, 4, 4,
                        reinterpret_cast<Bfloat16*>(tiles + t / 2 * 128) + t % 2 * kTileTerms,
                        2 * kTileTerms});
    }
  };
  pool.For(pairs_k, [&](int64_t k2, int) {
    std::vector<float> blocks(static_cast<std::size_t>(8 * floats));
    float *straight = blocks.data(), *across = straight + 4 * floats;
    for (int64_t c2 = 0; c2 < pairs_c; c2++) {
      std::fill(blocks.begin(), blocks.end(), 0.0f);
      for (int64_t i = 0; i < 4; i++) {  // [k][c]
        const int64_t kb = k2 * 2 + i / 2, cb = c2 * 2 + i % 2;
        if (kb >= OutBlocks() || cb >= SourceBlocks()) continue;
        GatherBlock(kb, cb, w, across + i * floats);
        if (packed != nullptr) TransposeBlock(table, across + i * floats, straight + i * floats);
      }
      for (int64_t i = 0; i < 2; i++) {
        const int64_t kb = k2 * 2 + i, cb = c2 * 2 + i;
        if (packed != nullptr && kb < OutBlocks())
          join(straight + 2 * i * floats, straight + (2 * i + 1) * floats,
               packed + (kb * pairs_c + c2) * floats);
        if (turned != nullptr && cb < SourceBlocks())
          join(across + i * floats, across + (2 + i) * floats, turned + (cb * pairs_k + k2) * floats);
      }
    }
  });
}

}  // namespace fovea
