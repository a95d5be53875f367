// Products of bfloat16 tiles. Members of the table of an instruction set.
//
// A tile is 16 rows of 32 numbers, 1 KB. Of the left factor a row is an output's row and its 32 numbers are terms of the sum; of the
// right factor row p holds the terms of places 2p and 2p + 1 of 16 output columns, [16 pairs][16 columns][2]. The terms of every four
// stand in the order that the instruction set likes, Bf16Table::terms. One step of a sum adds 32 terms:
//
//   even = a[0]*b[0], then fused with a[2]*b[2], .. a[30]*b[30];   odd likewise;   acc = acc + (even + odd)
//
// with denormal numbers taken as 0 and flushed to 0: the order of x86's tile instruction (TDPBF16PS), kept by every
// instruction set.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "fovea/kernels/isa/plane.h"

namespace fovea {

constexpr int64_t kTileRows = 16, kTileTerms = 32, kTileNumbers = kTileRows * kTileTerms;

struct TileStep {
  ptrdiff_t a, b;
};

// c[i][j], 16x16 floats of its own at c + i*c_i + j*c_j, = or += the sum over the steps, in order, of the products of the
// tiles at a + i*a_i + step.a and b + j*b_j + step.b.
struct TileProductArgs {
  const Bfloat16 *a, *b;
  ptrdiff_t a_i, b_j;
  const TileStep* steps;
  int64_t count;
  float* c;
  ptrdiff_t c_i, c_j;
  bool add;
};

// `count` blocks of 16 numbers from `low` on and as many from `high` on, `step` blocks apart, become rows of 32 numbers,
// `to_step` numbers apart. Either may be null: zeros. They are read through a normalisation of their blocks where there is one.
template <class T>
struct TileRows {
  const T *low, *high;
  const Normalisation* norm;  // of all channels
  int64_t low_channel, high_channel;
  int64_t step, count;
  Bfloat16* to;
  ptrdiff_t to_step;
};

// Rounding is to nearest even, denormals become 0.
template <class T>
struct TilePacking {
  // The numbers of low, then those of high, as terms in their order.
  void (*row)(const TileRows<T>& rows);
  // A number of low and one of high by turns.
  void (*pair)(const TileRows<T>& rows);
};

// rectified(tile + bias + other), each where there is one; `other` may be the result.
struct TileEnd {
  const float* bias;
  const Bfloat16* other;
  const Rectifier* rectifier;
};

struct Bf16Table {
  // Which of every four terms of a tile stand in the four places.
  uint8_t terms[4];
  // Around every use of `product` and `put` on a thread: sets up tiles and the flushing of denormals; `end` gets what `begin`
  // gave.
  uint64_t (*begin)();
  void (*end)(uint64_t before);
  // [i][j] tiles at a time, 1 or 2 of each.
  void (*product[3][3])(const TileProductArgs& args);

  TilePacking<float> single;
  TilePacking<Bfloat16> half;
  // `rows` rows of 16 numbers at `to`, `to_step` numbers apart, those of end.other as well: = tile and the end.
  void (*put)(const float* tile, int64_t rows, const TileEnd& end, Bfloat16* to, ptrdiff_t to_step);
};

}  // namespace fovea
