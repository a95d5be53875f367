// What the units that multiply tiles of bfloat16 share. Included as vec.h is.
#pragma once

#include <stdint.h>

#include "fovea/kernels/isa/bf16.h"
#include "fovea/kernels/isa/vec.h"

namespace fovea::FOVEA_ISA {
namespace {

// A unit that works in vectors of floats: denormal numbers in and out are 0 from Begin until End with what Begin returned.
struct VectorUnit {
#if defined(__x86_64__)
  static uint64_t Begin() {
    const unsigned control = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(control | 0x8040);
    return control;
  }
  static void End(uint64_t control) { __builtin_ia32_ldmxcsr(static_cast<unsigned>(control)); }
#else
  static uint64_t Begin() {
    uint64_t control;
    asm volatile("mrs %0, fpcr" : "=r"(control));
    asm volatile("msr fpcr, %0" ::"r"(control | uint64_t{1} << 24));
    return control;
  }
  static void End(uint64_t control) { asm volatile("msr fpcr, %0" ::"r"(control)); }
#endif
};

// Unit: static Begin and End, and Product<I, J> of I x J tiles.
template <class Unit>
FOVEA_INLINE void FillTileProductsOf(Bf16Table& table) {
  table.begin = Unit::Begin;
  table.end = Unit::End;
  table.product[1][1] = Unit::template Product<1, 1>;
  table.product[1][2] = Unit::template Product<1, 2>;
  table.product[2][1] = Unit::template Product<2, 1>;
  table.product[2][2] = Unit::template Product<2, 2>;
}

}  // namespace
}  // namespace fovea::FOVEA_ISA
