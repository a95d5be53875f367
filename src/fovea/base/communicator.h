// How the processes that train one network together talk to each other. A single process is the case of size
// 1: code written against the interface runs unchanged in both.
//
// Same bits: AllReduceSum adds the contributions up a fixed binary tree over the ranks, so every rank gets
// the same values in every run.
#pragma once

#include <cstdint>

namespace fovea {

class Communicator {
 public:
  virtual ~Communicator() = default;
  virtual int rank() const = 0;  // in [0, size())
  virtual int size() const = 0;  // >= 1
  // Replaces values[i], i < count, by its sum over all ranks. Every rank calls it with the same count. Throws
  // IoError when a rank is lost.
  virtual void AllReduceSum(float* values, int64_t count) = 0;
  // Returns once every rank has called it.
  virtual void Barrier() = 0;
};

// The communicator of a run in one process: sums are what they were, nobody is waited for.
class OneProcess final : public Communicator {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  void AllReduceSum(float*, int64_t) override {}
  void Barrier() override {}
};

}  // namespace fovea
