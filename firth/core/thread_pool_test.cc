#include "firth/core/thread_pool.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace firth {
namespace {

std::vector<int> visits(ThreadPool& pool, std::size_t n, std::size_t grain) {
  std::vector<std::atomic<int>> count(n);
  pool.parallel_for(n, grain, [&](std::size_t begin, std::size_t end, std::size_t worker) {
    EXPECT_LT(worker, pool.num_threads());
    for (std::size_t i = begin; i < end; ++i) ++count[i];
  });
  return {count.begin(), count.end()};
}

TEST(ThreadPool, VisitsEveryIndexOnce) {
  for (const std::size_t threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    for (const std::size_t n : {0, 1, 2, 7, 1000}) {
      for (const std::size_t grain : {0, 1, 3, 2000})
        EXPECT_EQ(visits(pool, n, grain), std::vector<int>(n, 1));
    }
  }
}

TEST(ThreadPool, CarriesTheFirstExceptionOutAndStaysUsable) {
  ThreadPool pool(3);
  const auto throwing = [](std::size_t begin, std::size_t, std::size_t) {
    if (begin == 5) throw std::runtime_error("piece 5");
  };
  EXPECT_THROW(pool.parallel_for(100, 1, throwing), std::runtime_error);
  EXPECT_EQ(visits(pool, 50, 1), std::vector<int>(50, 1));
}

TEST(ThreadPool, NestedCallsRunInTheirCaller) {
  ThreadPool pool(4);
  std::atomic<int> total{0};
  pool.parallel_for(8, 1, [&](std::size_t, std::size_t, std::size_t) {
    const auto outer = std::this_thread::get_id();
    pool.parallel_for(10, 1, [&](std::size_t, std::size_t, std::size_t) {
      EXPECT_EQ(std::this_thread::get_id(), outer);
      ++total;
    });
  });
  EXPECT_EQ(total, 80);
}

TEST(ThreadPool, TwoCallersAtOnceBothFinish) {
  ThreadPool pool(2);
  std::thread other([&] { EXPECT_EQ(visits(pool, 5000, 1), std::vector<int>(5000, 1)); });
  EXPECT_EQ(visits(pool, 5000, 1), std::vector<int>(5000, 1));
  other.join();
}

TEST(ThreadPool, WorksInAForkedChild) {
  ThreadPool pool(3);
  EXPECT_EQ(visits(pool, 100, 1), std::vector<int>(100, 1));
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(20);
    ::_exit(visits(pool, 100, 1) == std::vector<int>(100, 1) ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// Forks while other threads keep the pool and its mutexes busy; several threads of the child then
// find their parent's pool at once.
TEST(ThreadPool, WorksInThreadsOfAChildForkedWhileBusy) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer's allocator keeps locks that fork() leaves held in the child";
#endif
  ThreadPool pool(3);
  std::atomic<bool> stop{false};
  std::thread busy([&] {
    while (!stop) visits(pool, 64, 1);
  });
  for (int round = 0; round < 20; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(20);
      std::atomic<int> wrong{0};
      const auto use = [&] { wrong += visits(pool, 100, 1) != std::vector<int>(100, 1); };
      std::thread first(use);
      std::thread second(use);
      first.join();
      second.join();
      ::_exit(wrong);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  stop = true;
  busy.join();
}

}  // namespace
}  // namespace firth
