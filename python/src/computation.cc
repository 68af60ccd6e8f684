#include "computation.h"

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "firth/core/error.h"

namespace firth::python {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 20ms;        // between two looks for signals
constexpr auto kPatience = 300ms;   // for a computation that was asked to stop
constexpr auto kLastPatience = 2s;  // for all of them, when the interpreter ends

// Never reaches Python: whoever cancels has an exception of his own.
struct Cancelled {};

// What is going on in this process. A forked child gets a new one: the mutex and the threads of its
// parent's mean nothing to it.
struct Task;

struct Registry {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t num_running = 0;    // calls of run()
  std::size_t num_returning = 0;  // threads that ask for the GIL again
  bool interpreter_gone = false;
  std::vector<std::shared_ptr<Task>> left_alone;  // whose callers did not wait
};

std::atomic<Registry*> registry = nullptr;
std::atomic<bool> closing = false;    // the interpreter is about to end
std::atomic<std::thread::id> closer;  // the thread that ends it

Registry& current() {
  return *registry.load();
}

[[noreturn]] void sleep_for_ever() {
  for (;;) std::this_thread::sleep_for(1h);
}

// Releases the GIL. A thread that would take it again when there is no interpreter any more sleeps
// until the process ends: CPython before 3.14 would unwind it through destructors, which ends the
// process with an error.
class GilReleased {
 public:
  GilReleased() : registry_(current()), thread_(PyEval_SaveThread()) {}

  ~GilReleased() {
    change_returning(1);
    PyEval_RestoreThread(thread_);
    change_returning(-1);
  }

  GilReleased(const GilReleased&) = delete;
  GilReleased& operator=(const GilReleased&) = delete;

 private:
  void change_returning(int by) {
    std::unique_lock lock(registry_.mutex);
    if (by > 0 && registry_.interpreter_gone && closer.load() != std::this_thread::get_id()) {
      lock.unlock();
      sleep_for_ever();
    }
    registry_.num_returning += static_cast<std::size_t>(by);
    registry_.changed.notify_all();
  }

  Registry& registry_;
  PyThreadState* thread_;
};

// A computation in a thread of its own.
struct Task {
  explicit Task(std::shared_ptr<Computation> what) : computation(std::move(what)) {}

  void work() {
    try {
      computation->run();
    } catch (...) {
      error = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    finished = true;
    ended.notify_all();
  }

  bool wait_for(std::chrono::milliseconds time) {
    const GilReleased released;
    std::unique_lock lock(mutex);
    return ended.wait_for(lock, time, [this] { return finished; });
  }

  bool is_finished() {
    const std::lock_guard lock(mutex);
    return finished;
  }

  std::shared_ptr<Computation> computation;
  std::exception_ptr error;
  std::mutex mutex;
  std::condition_variable ended;
  bool finished = false;
};

class RunningGuard {
 public:
  RunningGuard() : registry_(current()) {
    const std::lock_guard lock(registry_.mutex);
    ++registry_.num_running;
  }

  ~RunningGuard() {
    const std::lock_guard lock(registry_.mutex);
    --registry_.num_running;
    registry_.changed.notify_all();
  }

  RunningGuard(const RunningGuard&) = delete;
  RunningGuard& operator=(const RunningGuard&) = delete;

 private:
  Registry& registry_;
};

// Gives back the Python objects of tasks that ended alone. With the GIL.
void clear_finished() {
  std::vector<std::shared_ptr<Task>> finished;
  Registry& now = current();
  {
    const std::lock_guard lock(now.mutex);
    std::erase_if(now.left_alone, [&](const std::shared_ptr<Task>& task) {
      if (!task->is_finished()) return false;
      finished.push_back(task);
      return true;
    });
  }
}

void leave_alone(const std::shared_ptr<Task>& task) {
  const std::lock_guard lock(current().mutex);
  current().left_alone.push_back(task);
}

// The thread holds a Task, never the last one: the caller or the registry has another.
void stop(const std::shared_ptr<Task>& task, std::thread& thread) {
  task->computation->cancel();
  const bool ended = task->wait_for(std::chrono::milliseconds(kPatience));
  if (!ended) leave_alone(task);
  ended ? thread.join() : thread.detach();
}

void report(const RunOptions& options, const Computation& computation) {
  if (!options.progress.is_none()) options.progress(computation.done());
}

void wait_for_end(const std::shared_ptr<Task>& task, std::thread& thread,
                  const RunOptions& options) {
  try {
    while (!task->wait_for(std::chrono::milliseconds(kLook))) {
      if (PyErr_CheckSignals() != 0) throw nb::python_error();
      report(options, *task->computation);
    }
  } catch (...) {
    stop(task, thread);
    throw;
  }
  thread.join();
}

void run_here(Computation& computation) {
  const GilReleased released;
  computation.run();
}

void run_beside(const std::shared_ptr<Computation>& computation, const RunOptions& options) {
  const auto task = std::make_shared<Task>(computation);
  std::thread thread;
  try {
    // The thread's share of the task ends before `finished` can be seen, so that the objects are
    // given back by this thread.
    thread = std::thread([raw = task.get()] { raw->work(); });
  } catch (const std::system_error&) {
    return run_here(*computation);  // no more threads to be had
  }
  wait_for_end(task, thread, options);
  if (task->error != nullptr) std::rethrow_exception(task->error);
}

// What becomes of a call when the interpreter ends: other threads than the one that ends it will
// not run Python again.
[[noreturn]] void refuse_at_end() {
  if (closer.load() != std::this_thread::get_id()) {
    (void)PyEval_SaveThread();
    sleep_for_ever();
  }
  fail(ErrorKind::kInternal, "firth: the interpreter is ending, nothing is computed any more");
}

bool idle(const Registry& now) {
  for (const std::shared_ptr<Task>& task : now.left_alone)
    if (!task->is_finished()) return false;
  return now.num_running == 0;
}

// Stops what is computing and waits for it, but not for ever. Whatever then still runs touches no
// Python object and nothing that the end of the process takes apart (the pools are never
// destroyed), and its thread does not come back.
void close() {
  closer = std::this_thread::get_id();
  closing = true;
  {
    const GilReleased released;
    Registry& now = current();
    std::unique_lock lock(now.mutex);
    const auto deadline = std::chrono::steady_clock::now() + kLastPatience;
    while (!idle(now) && std::chrono::steady_clock::now() < deadline)
      now.changed.wait_for(lock, 10ms);
  }
  clear_finished();
  const GilReleased released;
  Registry& now = current();
  std::unique_lock lock(now.mutex);
  now.changed.wait(lock, [&now] { return now.num_returning == 0; });
  now.interpreter_gone = true;
}

void after_fork_in_child() {
  registry = new Registry;  // the parent's is leaked: its mutex may be held by a thread it had
}

}  // namespace

void Computation::at(std::uint64_t done) {
  done_ = done;
  if (cancelled_ || closing) throw Cancelled();
}

void run(const std::shared_ptr<Computation>& computation, const RunOptions& options) {
  if (closing) refuse_at_end();
  clear_finished();
  try {
    const RunningGuard guard;
    if (options.small && options.progress.is_none()) {
      run_here(*computation);
    } else {
      run_beside(computation, options);
    }
  } catch (const Cancelled&) {
    refuse_at_end();
  }
  report(options, *computation);
}

void bind_computation(nb::module_& module) {
  registry = new Registry;
  nb::module_::import_("atexit").attr("register")(nb::cpp_function(close));
  nb::module_::import_("os").attr("register_at_fork")(nb::arg("after_in_child") =
                                                          nb::cpp_function(after_fork_in_child));
  // What threads that never come back hold is no news to anybody but a developer.
  nb::set_leak_warnings(nb::cast<bool>(nb::module_::import_("sys").attr("flags").attr("dev_mode")));
  module.attr("version") = FIRTH_VERSION;
}

}  // namespace firth::python
