// Products of tiles by TDPBF16PS.
#include "fovea/kernels/isa/tile_product.h"

namespace fovea::FOVEA_ISA {
namespace {

struct alignas(64) TileConfig {
  uint8_t palette = 1, start = 0, reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
constexpr TileConfig kTileConfig;

struct Tiles {
  static uint64_t Begin() {
    _tile_loadconfig(&kTileConfig);
    return VectorUnit::Begin();
  }

  static void End(uint64_t control) {
    _tile_release();
    VectorUnit::End(control);
  }

  // Tiles 0 to 3 sum; 4 and 5 hold left factors, 6 and 7 right ones.
  template <int I, int J>
  static void Product(const TileProductArgs& s) {
    if (s.add) {
      _tile_loadd(0, s.c, 64);
      if constexpr (J == 2) _tile_loadd(1, s.c + s.c_j, 64);
      if constexpr (I == 2) _tile_loadd(2, s.c + s.c_i, 64);
      if constexpr (I == 2 && J == 2) _tile_loadd(3, s.c + s.c_i + s.c_j, 64);
    } else {
      _tile_zero(0);
      _tile_zero(1);
      _tile_zero(2);
      _tile_zero(3);
    }
    const Bfloat16 *a = s.a, *b = s.b;
    const ptrdiff_t a_i = s.a_i, b_j = s.b_j;
    for (const TileStep *step = s.steps, *end = step + s.count; step != end; step++) {
      _tile_loadd(4, a + step->a, 64);
      _tile_loadd(6, b + step->b, 64);
      _tile_dpbf16ps(0, 4, 6);
      if constexpr (J == 2) {
        _tile_loadd(7, b + b_j + step->b, 64);
        _tile_dpbf16ps(1, 4, 7);
      }
      if constexpr (I == 2) {
        _tile_loadd(5, a + a_i + step->a, 64);
        _tile_dpbf16ps(2, 5, 6);
        if constexpr (J == 2) _tile_dpbf16ps(3, 5, 7);
      }
    }
    _tile_stored(0, s.c, 64);
    if constexpr (J == 2) _tile_stored(1, s.c + s.c_j, 64);
    if constexpr (I == 2) _tile_stored(2, s.c + s.c_i, 64);
    if constexpr (I == 2 && J == 2) _tile_stored(3, s.c + s.c_i + s.c_j, 64);
  }
};

}  // namespace

void FillTileProducts(Bf16Table& table);
void FillTileProducts(Bf16Table& table) { FillTileProductsOf<Tiles>(table); }

}  // namespace fovea::FOVEA_ISA
