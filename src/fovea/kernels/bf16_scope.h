// The time in which a thread multiplies tiles of bfloat16.
#pragma once

#include "fovea/kernels/isa/bf16.h"

namespace fovea {

class Bf16Scope {
 public:
  explicit Bf16Scope(const Bf16Table& table) : end_(table.end), before_(table.begin()) {}
  ~Bf16Scope() { end_(before_); }
  Bf16Scope(const Bf16Scope&) = delete;
  Bf16Scope& operator=(const Bf16Scope&) = delete;

 private:
  void (*end_)(uint64_t before);
  uint64_t before_;
};

}  // namespace fovea
