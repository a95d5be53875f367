// The vector alphabet of the kernels. A block is 16 floats, the channels of one pixel and one cache line: one
// vector of AVX-512, two of AVX2, four of the 128-bit sets. A kernel written on blocks compiles for each and
// gives the same bits.
//
// Included only by the sources of this folder, each compiled once per instruction set with FOVEA_ISA (its
// namespace) and FOVEA_LANES (floats of a vector). Everything here has internal linkage: code for one
// instruction set must never be merged with that for another.
#pragma once

#include <stddef.h>
#include <stdint.h>
#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#include "fovea/kernels/isa/bfloat16.h"

#define FOVEA_INLINE static inline __attribute__((always_inline))
#define FOVEA_UNROLL _Pragma("GCC unroll 32")

namespace fovea::FOVEA_ISA {
namespace {

typedef float Vec __attribute__((vector_size(FOVEA_LANES * 4)));
typedef int32_t IntVec __attribute__((vector_size(FOVEA_LANES * 4)));
typedef float UnalignedVec __attribute__((vector_size(FOVEA_LANES * 4), aligned(4)));

constexpr int kLanes = FOVEA_LANES;
constexpr int kVecs = 16 / kLanes;  // vectors of a block

FOVEA_INLINE Vec LoadVec(const float* p) { return *reinterpret_cast<const UnalignedVec*>(p); }
FOVEA_INLINE void StoreVec(float* p, Vec v) { *reinterpret_cast<UnalignedVec*>(p) = v; }

typedef uint16_t HalfVec __attribute__((vector_size(FOVEA_LANES * 2), aligned(2)));

// Rounded to bfloat16: to nearest even, denormal numbers to 0.
FOVEA_INLINE HalfVec RoundedVec(Vec x) {
#if defined(__AVX512BF16__)
  return reinterpret_cast<HalfVec>(_mm512_cvtneps_pbh(reinterpret_cast<__m512>(x)));
#else
  const IntVec bits = reinterpret_cast<IntVec>(x), magnitude = bits & 0x7fffffff;
  const IntVec nearest = bits + 0x7fff + ((bits >> 16) & 1);
  const IntVec quiet = bits | 0x400000;
  const IntVec whole = magnitude > 0x7f800000 ? quiet : nearest;
  const IntVec rounded = magnitude < 0x800000 ? bits & INT32_MIN : whole;
  return __builtin_convertvector(rounded >> 16 & 0xffff, HalfVec);
#endif
}
// Numbers in the low halves of integers.
FOVEA_INLINE IntVec LoadHalves(const Bfloat16* p) {
  return __builtin_convertvector(*reinterpret_cast<const HalfVec*>(p), IntVec);
}
FOVEA_INLINE Vec LoadVec(const Bfloat16* p) { return reinterpret_cast<Vec>(LoadHalves(p) << 16); }
// Into a register, where the compiler would rather load it again for each of its uses.
template <class T>
FOVEA_INLINE Vec LoadOnce(const T* p) {
  Vec v = LoadVec(p);
#if FOVEA_LANES > 4
  asm("" : "+v"(v));
#elif defined(__aarch64__)
  asm("" : "+w"(v));
#endif
  return v;
}
FOVEA_INLINE void StoreVec(Bfloat16* p, Vec v) { *reinterpret_cast<HalfVec*>(p) = RoundedVec(v); }
// Past the caches, for data that will have left them before it is read; p aligned to a vector. FenceStores() before
// another thread may read it.
FOVEA_INLINE void StreamVec(float* p, Vec v) {
#if defined(__AVX512F__)
  _mm512_stream_ps(p, reinterpret_cast<__m512>(v));
#elif defined(__AVX2__)
  _mm256_stream_ps(p, reinterpret_cast<__m256>(v));
#else
  StoreVec(p, v);
#endif
}
FOVEA_INLINE void StreamVec(Bfloat16* p, Vec v) {
#if defined(__AVX512F__)
  _mm256_stream_si256(reinterpret_cast<__m256i*>(p), reinterpret_cast<__m256i>(RoundedVec(v)));
#elif defined(__AVX2__)
  _mm_stream_si128(reinterpret_cast<__m128i*>(p), reinterpret_cast<__m128i>(RoundedVec(v)));
#else
  StoreVec(p, v);
#endif
}
FOVEA_INLINE void FenceStores() {
#if defined(__AVX2__)
  _mm_sfence();
#endif
}
// Small numbers kept as bytes.
FOVEA_INLINE IntVec LoadPlaces(const uint8_t* p) {
  typedef uint8_t Bytes __attribute__((vector_size(FOVEA_LANES), aligned(1)));
  return __builtin_convertvector(*reinterpret_cast<const Bytes*>(p), IntVec);
}
FOVEA_INLINE void StorePlaces(uint8_t* p, IntVec v) {
  typedef uint8_t Bytes __attribute__((vector_size(FOVEA_LANES), aligned(1)));
  *reinterpret_cast<Bytes*>(p) = __builtin_convertvector(v, Bytes);
}
// The line `numbers` from here, which need not exist, into the caches.
template <class T>
FOVEA_INLINE void Fetch(const T* from, ptrdiff_t numbers) {
  __builtin_prefetch(reinterpret_cast<const T*>(reinterpret_cast<uintptr_t>(from) +
                                                static_cast<uintptr_t>(numbers) * sizeof(T)),
                     0, 2);
}
// A line that will be written; it need not exist.
FOVEA_INLINE void FetchToWrite(const void* p) { __builtin_prefetch(p, 1, 3); }
FOVEA_INLINE Vec SplatVec(float s) {
#if FOVEA_LANES == 16
  return reinterpret_cast<Vec>(_mm512_set1_ps(s));
#elif FOVEA_LANES == 8
  return reinterpret_cast<Vec>(_mm256_set1_ps(s));
#else
  return Vec{s, s, s, s};
#endif
}

// a*b + c, rounded once.
FOVEA_INLINE Vec FmaVec(Vec a, Vec b, Vec c) {
#if defined(__AVX512F__)
  return reinterpret_cast<Vec>(
      _mm512_fmadd_ps(reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b), reinterpret_cast<__m512>(c)));
#elif defined(__FMA__)
  return reinterpret_cast<Vec>(
      _mm256_fmadd_ps(reinterpret_cast<__m256>(a), reinterpret_cast<__m256>(b), reinterpret_cast<__m256>(c)));
#elif defined(__aarch64__)
  return reinterpret_cast<Vec>(vfmaq_f32(reinterpret_cast<float32x4_t>(c), reinterpret_cast<float32x4_t>(a),
                                         reinterpret_cast<float32x4_t>(b)));
#else
  // No instruction: the product is exact in double; the sum is rounded to odd, so that rounding it to float
  // rounds once (Boldo & Melquiond 2008).
  typedef double Wide __attribute__((vector_size(FOVEA_LANES * 8)));
  typedef int64_t WideBits __attribute__((vector_size(FOVEA_LANES * 8)));
  const Wide product = __builtin_convertvector(a, Wide) * __builtin_convertvector(b, Wide);
  const Wide wide_c = __builtin_convertvector(c, Wide);
  const Wide sum = product + wide_c, back = sum - product;
  const Wide error = (product - (sum - back)) + (wide_c - back);
  const WideBits bits = reinterpret_cast<WideBits>(sum);
  const WideBits even = (bits & 1) == 0, inexact = (error > 0.0) | (error < 0.0);
  const WideBits outward =
      (reinterpret_cast<WideBits>(error) ^ bits) >= 0;  // the error points away from zero
  const WideBits step = (outward & 1) | (~outward & -1);
  return __builtin_convertvector(reinterpret_cast<Wide>(bits + (even & inexact & step)), Vec);
#endif
}

struct Block {
  Vec v[kVecs];
};

#define FOVEA_EACH_VEC FOVEA_UNROLL for (int i = 0; i < kVecs; i++)

// T: float or Bfloat16, which is widened and rounded.
template <class T>
FOVEA_INLINE Block Load(const T* p) {
  Block r;
  FOVEA_EACH_VEC r.v[i] = LoadVec(p + i * kLanes);
  return r;
}
template <class T>
FOVEA_INLINE void Store(T* p, const Block& b) {
  FOVEA_EACH_VEC StoreVec(p + i * kLanes, b.v[i]);
}
template <class T>
FOVEA_INLINE void Stream(T* p, const Block& b) {
  FOVEA_EACH_VEC StreamVec(p + i * kLanes, b.v[i]);
}
FOVEA_INLINE Block Splat(float s) {
  Block r;
  FOVEA_EACH_VEC r.v[i] = SplatVec(s);
  return r;
}
FOVEA_INLINE Block Fma(const Block& a, const Block& b, const Block& c) {
  Block r;
  FOVEA_EACH_VEC r.v[i] = FmaVec(a.v[i], b.v[i], c.v[i]);
  return r;
}
FOVEA_INLINE Block operator+(const Block& a, const Block& b) {
  Block r;
  FOVEA_EACH_VEC r.v[i] = a.v[i] + b.v[i];
  return r;
}
FOVEA_INLINE Block operator-(const Block& a, const Block& b) {
  Block r;
  FOVEA_EACH_VEC r.v[i] = a.v[i] - b.v[i];
  return r;
}
FOVEA_INLINE Block operator*(const Block& a, const Block& b) {
  Block r;
  FOVEA_EACH_VEC r.v[i] = a.v[i] * b.v[i];
  return r;
}
// `x` where `test` is positive or NaN, `otherwise` elsewhere.
FOVEA_INLINE Block WherePositive(const Block& test, const Block& x, const Block& otherwise) {
  Block r;
  FOVEA_EACH_VEC r.v[i] = test.v[i] <= Vec{} ? otherwise.v[i] : x.v[i];
  return r;
}

}  // namespace
}  // namespace fovea::FOVEA_ISA
