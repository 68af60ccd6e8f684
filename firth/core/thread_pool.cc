#include "firth/core/thread_pool.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sched.h>
#endif

namespace firth {
namespace {

// True in a thread that runs a piece of some parallel_for: what it calls in turn runs serially.
thread_local bool inside_parallel_for = false;

struct InsideGuard {
  InsideGuard() { inside_parallel_for = true; }

  ~InsideGuard() { inside_parallel_for = false; }
};

struct Job {
  std::size_t n;
  std::size_t grain;
  const ThreadPool::Body* body;
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr error;  // the first one; guarded by mutex

  void run(std::size_t worker) {
    InsideGuard guard;
    try {
      for (;;) {
        const std::size_t begin = next.fetch_add(grain);
        if (begin >= n) return;
        (*body)(begin, std::min(n, begin + grain), worker);
      }
    } catch (...) {
      next.store(n);
      const std::lock_guard lock(mutex);
      if (error == nullptr) error = std::current_exception();
    }
  }
};

void run_serially(std::size_t n, std::size_t grain, const ThreadPool::Body& body) {
  for (std::size_t begin = 0; begin < n; begin += grain) body(begin, std::min(n, begin + grain), 0);
}

// Whole CPUs that cgroup v2 grants ("max 100000" or "250000 100000"), 0 if unlimited or unknown.
std::size_t cgroup_quota() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 0;
  try {
    return static_cast<std::size_t>(std::max(1.0, std::stod(quota) / period + 0.5));
  } catch (const std::exception&) {
    return 0;
  }
}

}  // namespace

// The threads and what they wait for. Kept apart from ThreadPool so that a forked child, which has
// none of the threads and cannot trust the mutexes, can leave the old one alone and make a new one.
struct ThreadPool::State {
  explicit State(std::size_t threads_wanted) : owner(::getpid()), num_threads(threads_wanted) {}

  ~State() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    wake.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

  void start_threads() {
    for (std::size_t worker = threads.size() + 1; worker < num_threads; ++worker) {
      threads.emplace_back([this, worker] { work(worker); });
    }
  }

  void work(std::size_t worker) {
    std::size_t seen = 0;
    std::unique_lock lock(mutex);
    for (;;) {
      wake.wait(lock, [&] { return stopping || generation != seen; });
      if (stopping) return;
      seen = generation;
      Job* const current = job;
      if (current == nullptr) continue;
      ++running;
      lock.unlock();
      current->run(worker);
      lock.lock();
      if (--running == 0) idle.notify_all();
    }
  }

  pid_t owner;
  std::size_t num_threads;
  std::vector<std::thread> threads;  // started by the first parallel_for that needs them
  std::mutex busy;                   // held by the call that owns the threads
  std::mutex mutex;                  // guards what follows
  std::condition_variable wake;
  std::condition_variable idle;
  Job* job = nullptr;
  std::size_t generation = 0;
  std::size_t running = 0;
  bool stopping = false;
};

ThreadPool::ThreadPool(std::size_t num_threads)
    : state_(
          std::make_unique<State>(num_threads == 0 ? available_threads() : num_threads).release()) {
}

ThreadPool::~ThreadPool() {
  std::unique_ptr<State> state(state_.load());
  // In a forked child the threads do not exist: joining them would hang.
  if (state->owner != ::getpid()) (void)state.release();
}

std::size_t ThreadPool::num_threads() const {
  return state_.load()->num_threads;
}

// Of several threads of a forked child that come here at once, the first makes the new state. The
// parent's is leaked: its mutexes may be held by threads that fork() left behind.
ThreadPool::State& ThreadPool::own_state() {
  State* state = state_.load();
  if (state->owner == ::getpid()) return *state;
  auto fresh = std::make_unique<State>(state->num_threads);
  return state_.compare_exchange_strong(state, fresh.get()) ? *fresh.release() : *state;
}

void ThreadPool::parallel_for(std::size_t n, std::size_t grain, const Body& body) {
  grain = std::max<std::size_t>(grain, 1);
  if (n <= grain || num_threads() == 1 || inside_parallel_for) return run_serially(n, grain, body);
  State& state = own_state();
  // Another caller's thread has the workers: this one does its work alone rather than wait.
  const std::unique_lock busy(state.busy, std::try_to_lock);
  if (!busy.owns_lock()) return run_serially(n, grain, body);
  state.start_threads();

  Job job{.n = n, .grain = grain, .body = &body, .next = {}, .mutex = {}, .error = {}};
  {
    const std::lock_guard lock(state.mutex);
    state.job = &job;
    ++state.generation;
  }
  state.wake.notify_all();
  job.run(0);
  {
    // A worker that wakes only now finds no job, so `job` may go out of scope.
    std::unique_lock lock(state.mutex);
    state.job = nullptr;
    state.idle.wait(lock, [&] { return state.running == 0; });
  }
  if (job.error != nullptr) std::rethrow_exception(job.error);
}

std::size_t ThreadPool::available_threads() {
  std::size_t threads = std::max(1u, std::thread::hardware_concurrency());
#ifdef __linux__
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof(set), &set) == 0) {
    threads = static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
  }
  if (const std::size_t quota = cgroup_quota(); quota != 0) threads = std::min(threads, quota);
#endif
  return threads;
}

}  // namespace firth
