// A persistent pool of threads and the one parallel loop of Fovea.
//
// Tasks are cut by shape alone and every task owns its outputs, so which thread runs a task, and in which
// order, never changes a bit. Workers spin for a while after a loop, then sleep. A pool survives fork(): the
// child starts its own workers on first use. Loops on one pool must not nest or run concurrently.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

#pragma GCC visibility push(default)
namespace fovea {

class ThreadPool {
 public:
  // `threads` >= 1 counts the caller, which works too.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const;

  // Runs body(task, worker) for every task in [0, tasks), worker in [0, threads()). Rethrows the exception of
  // the lowest-numbered failing task once all running tasks have ended.
  template <class Body>
  void For(int64_t tasks, const Body& body) {
    Run(
        tasks,
        [](const void* context, int64_t task, int worker) {
          (*static_cast<const Body*>(context))(task, worker);
        },
        &body);
  }

  // Test mode: a non-zero seed runs tasks in a shuffled order, to show that no result depends on it.
  void ShuffleTasks(uint64_t seed);

 private:
  using Call = void (*)(const void* context, int64_t task, int worker);
  void Run(int64_t tasks, Call call, const void* context);

  class State;
  std::unique_ptr<State> state_;
};

// The number of processors that this process may use.
int HardwareThreads();

}  // namespace fovea
#pragma GCC visibility pop
