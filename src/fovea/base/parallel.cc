#include "fovea/base/parallel.h"

#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <limits>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

#include "fovea/base/aligned.h"
#include "fovea/base/error.h"

namespace fovea {
namespace {

// How long a worker spins before it sleeps: longer than the others are mostly still at work when it has nothing left to do. It takes the
// system so long to wake it that the caller may have run a short loop alone by then.
constexpr std::chrono::microseconds kPatience{500};
constexpr int kSpins = 500;  // between two looks at the clock, and before the caller yields
constexpr int kClosed = std::numeric_limits<int>::min() / 2;

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

// One loop is opened by setting `active_` to 0 and published by raising `generation_`. A worker joins by
// counting itself in while the loop is open. Each thread has a share of the tasks, neighbours that lie where they lay in the
// loop before, so that what it reads is mostly what it wrote; it draws those, and then what others have left. When none is left
// the caller closes the loop and waits for those inside: a worker that the system has not run yet holds
// nobody up.
class ThreadPool::State {
 public:
  explicit State(int threads) : threads_(threads) { Start(); }

  ~State() {
    if (owner_ == getpid()) {
      stop_ = true;
      Publish();
      for (auto& worker : workers_) worker.join();
    } else {
      Abandon();
    }
  }

  int threads() const { return threads_; }
  void Shuffle(uint64_t seed) { shuffle_ = seed; }

  void Run(int64_t tasks, Call call, const void* context) {
    if (tasks <= 0) return;
    if (owner_ != getpid()) {
      Abandon();
      Start();
      active_.store(kClosed);
    }
    call_ = call, context_ = context;
    for (int64_t i = 0; i < threads_; i++) {
      Share& share = shares_[static_cast<std::size_t>(i)];
      share.next.store(tasks * i / threads_, std::memory_order_relaxed);
      share.end = tasks * (i + 1) / threads_;
    }
    failed_task_ = std::numeric_limits<int64_t>::max();
    error_ = nullptr;
    if (shuffle_ != 0) MakeOrder(tasks);
    const bool alone = tasks == 1 || workers_.empty();
    if (!alone) {
      active_.store(0, std::memory_order_release);
      Publish();
    }
    Draw(0);
    if (!alone) {
      active_.fetch_add(kClosed, std::memory_order_acq_rel);
      for (int spins = kSpins; active_.load(std::memory_order_acquire) != kClosed;) {
        if (--spins > 0) {
          Pause();
        } else {
          sched_yield();
        }
      }
    }
    if (error_) std::rethrow_exception(error_);
  }

 private:
  struct alignas(kCacheLine) Share {
    std::atomic<int64_t> next{0};
    int64_t end = 0;
  };

  void Start() {
    owner_ = getpid();
    workers_.reserve(static_cast<std::size_t>(threads_ - 1));
    const unsigned seen = generation_.load();
    for (int i = 1; i < threads_; i++) workers_.emplace_back([this, i, seen] { Work(i, seen); });
  }

  // After fork() the threads do not exist in the child; their handles are given up without being joined.
  void Abandon() {
    auto* lost = new std::vector<std::thread>(std::move(workers_));
    static std::vector<std::vector<std::thread>*> kept;
    kept.push_back(lost);
    workers_.clear();
  }

  void Publish() {
    generation_.fetch_add(1);
    if (sleepers_.load() > 0) generation_.notify_all();
  }

  void Work(int worker, unsigned seen) {
    for (;;) {
      if (!patient_ || !Spin(seen)) {
        sleepers_.fetch_add(1);
        generation_.wait(seen);
        sleepers_.fetch_sub(1);
      }
      seen = generation_.load(std::memory_order_acquire);
      if (stop_) return;
      if (!Join()) continue;
      Draw(worker);
      active_.fetch_sub(1, std::memory_order_release);
    }
  }

  // Whether the next loop came while it spun.
  bool Spin(unsigned seen) const {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    do {
      for (int spins = kSpins; spins > 0; spins--) {
        if (generation_.load(std::memory_order_acquire) != seen) return true;
        Pause();
      }
    } while (std::chrono::steady_clock::now() < end);
    return false;
  }

  bool Join() {
    int inside = active_.load(std::memory_order_relaxed);
    while (inside >= 0) {
      if (active_.compare_exchange_weak(inside, inside + 1, std::memory_order_acquire)) return true;
    }
    return false;
  }

  // Its own share first, then those of the threads after it.
  void Draw(int worker) {
    for (int i = 0; i < threads_; i++)
      DrawFrom(shares_[static_cast<std::size_t>((worker + i) % threads_)], worker);
  }

  void DrawFrom(Share& share, int worker) {
    // Looks first, so that a share that is done is only read.
    while (share.next.load(std::memory_order_relaxed) < share.end) {
      const int64_t i = share.next.fetch_add(1, std::memory_order_relaxed);
      if (i >= share.end) return;
      const int64_t task = shuffle_ != 0 ? order_[static_cast<std::size_t>(i)] : i;
      try {
        call_(context_, task, worker);
      } catch (...) {
        const std::lock_guard lock(error_mutex_);
        if (task < failed_task_) failed_task_ = task, error_ = std::current_exception();
      }
    }
  }

  void MakeOrder(int64_t tasks) {
    order_.resize(static_cast<std::size_t>(tasks));
    std::iota(order_.begin(), order_.end(), int64_t{0});
    for (std::size_t i = order_.size(); i > 1; i--) {
      shuffle_ = shuffle_ * 6364136223846793005u + 1442695040888963407u;
      std::swap(order_[i - 1], order_[(shuffle_ >> 33) % i]);
    }
  }

  const int threads_;
  const bool patient_ =
      threads_ <= HardwareThreads();  // otherwise a worker that spins keeps another from its work
  pid_t owner_ = 0;
  std::vector<std::thread> workers_;
  std::vector<Share> shares_{static_cast<std::size_t>(threads_)};  // of the tasks, one a thread
  Call call_ = nullptr;
  const void* context_ = nullptr;
  uint64_t shuffle_ = 0;
  std::vector<int64_t> order_;
  std::mutex error_mutex_;
  int64_t failed_task_ = 0;
  std::exception_ptr error_;
  std::atomic<bool> stop_{false};
  alignas(kCacheLine) std::atomic<unsigned> generation_{0};
  alignas(kCacheLine) std::atomic<int> active_{kClosed};  // below 0: closed
  alignas(kCacheLine) std::atomic<int> sleepers_{0};
};

ThreadPool::ThreadPool(int threads) {
  if (threads < 1 || threads > 1024) {
    throw ArgumentError("a thread pool needs 1 to 1024 threads, got " + std::to_string(threads));
  }
  state_ = std::make_unique<State>(threads);
}

ThreadPool::~ThreadPool() = default;

int ThreadPool::threads() const { return state_->threads(); }

void ThreadPool::ShuffleTasks(uint64_t seed) { state_->Shuffle(seed); }

void ThreadPool::Run(int64_t tasks, Call call, const void* context) { state_->Run(tasks, call, context); }

int HardwareThreads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace fovea
