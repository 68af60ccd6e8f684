// The only place that starts threads. parallel_for splits [0, n) into pieces of `grain` and hands
// them to the pool; the calling thread works too. The pieces depend on n and grain alone, never on
// the number of threads. A nested call runs serially in its caller. The first exception that a
// piece throws stops the handing out of further pieces and is rethrown in the caller. After fork()
// the child builds its threads anew at the first call; a fork() is safe whatever the pool and other
// threads are doing.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

namespace firth {

class ThreadPool {
 public:
  // num_threads counts the calling thread; 0 = what the process may use (affinity and cgroup
  // quota).
  explicit ThreadPool(std::size_t num_threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::size_t num_threads() const;

  // f(begin, end, worker): worker < num_threads() is the slot of the running thread, for scratch
  // that is kept per thread; two pieces that run at once have different slots.
  using Body = std::function<void(std::size_t begin, std::size_t end, std::size_t worker)>;
  void parallel_for(std::size_t n, std::size_t grain, const Body& body);

  // Threads that this process may use: the affinity mask, cut by the cgroup's CPU quota.
  static std::size_t available_threads();

 private:
  struct State;

  State& own_state();  // this process's

  std::atomic<State*> state_;
};

}  // namespace firth
