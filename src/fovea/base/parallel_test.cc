#include "fovea/base/parallel.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "fovea/base/error.h"

// ThreadSanitizer ends a forked child that starts threads unless told not to, and that is what is tested
// here.
extern "C" const char* __tsan_default_options() { return "die_after_fork=0"; }

namespace fovea {
namespace {

TEST(ThreadPool, RunsEveryTaskOnce) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    for (int round = 0; round < 2000; round++) {
      std::vector<int> count(static_cast<std::size_t>(round % 37), 0);
      pool.For(static_cast<int64_t>(count.size()), [&](int64_t task, int worker) {
        ASSERT_LT(worker, threads);
        count[static_cast<std::size_t>(task)]++;
      });
      for (int c : count) ASSERT_EQ(c, 1);
    }
  }
}

TEST(ThreadPool, CarriesTheFirstExceptionOut) {
  ThreadPool pool(3);
  for (int round = 0; round < 50; round++) {
    try {
      pool.For(100, [](int64_t task, int) {
        if (task % 10 == 7) throw std::runtime_error(std::to_string(task));
      });
      FAIL();
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "7");
    }
  }
  std::atomic<int> ran{0};
  pool.For(10, [&](int64_t, int) { ran++; });
  EXPECT_EQ(ran, 10);
}

TEST(ThreadPool, ShufflesTasksWhenAsked) {
  ThreadPool pool(1);
  pool.ShuffleTasks(9);
  std::vector<int64_t> order;
  pool.For(50, [&](int64_t task, int) { order.push_back(task); });
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (int64_t i = 0; i < 50; i++) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(ThreadPool, WorksInTheChildOfAFork) {
  ThreadPool pool(3);
  pool.For(10, [](int64_t, int) {});
  const pid_t child = fork();
  if (child == 0) {
    std::atomic<int> ran{0};
    pool.For(100, [&](int64_t, int) { ran++; });
    _exit(ran == 100 ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(ThreadPool, RefusesNonsense) { EXPECT_THROW(ThreadPool(0), ArgumentError); }

}  // namespace
}  // namespace fovea
