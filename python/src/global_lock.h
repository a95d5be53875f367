// Python's global lock, given back and taken. Python ends a thread that asks for the lock while the interpreter ends by unwinding its
// stack, which no destructor survives; such a thread waits here for the end of the process instead.
#pragma once

#include <Python.h>

#include <chrono>
#include <thread>

namespace fovea::python {

// Takes the lock by `take`.
template <class Take>
auto TakeOrWaitForTheEnd(const Take& take) {
  try {
    return take();
  } catch (...) {  // the forced unwinding: whoever leaves this block is ended with the whole process
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
  }
}

// Other Python threads run while this lives.
class GlobalLockReleased {
 public:
  GlobalLockReleased() : state_(PyEval_SaveThread()) {}
  ~GlobalLockReleased() {
    TakeOrWaitForTheEnd([this] { PyEval_RestoreThread(state_); });
  }
  GlobalLockReleased(const GlobalLockReleased&) = delete;
  GlobalLockReleased& operator=(const GlobalLockReleased&) = delete;

 private:
  PyThreadState* state_;
};

// Python objects may be touched while this lives, on any thread.
class GlobalLockTaken {
 public:
  GlobalLockTaken() : state_(TakeOrWaitForTheEnd([] { return PyGILState_Ensure(); })) {}
  ~GlobalLockTaken() { PyGILState_Release(state_); }
  GlobalLockTaken(const GlobalLockTaken&) = delete;
  GlobalLockTaken& operator=(const GlobalLockTaken&) = delete;

 private:
  PyGILState_STATE state_;
};

// Runs `compute`, which must touch no Python object, while other Python threads run.
template <class Compute>
auto WithoutGlobalLock(const Compute& compute) {
  const GlobalLockReleased released;
  return compute();
}

}  // namespace fovea::python
