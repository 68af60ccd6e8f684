// How Python calls into the engine: without the GIL, stopped by Ctrl-C within a second wherever the
// engine is, and never running into the interpreter's end.
//
// A small computation runs in the calling thread: it ends before anybody could want to stop it. A
// large one runs in a thread of its own while the caller waits, looks for signals and reports
// progress every few milliseconds. When it is to stop, it is asked to, and the engine does so at
// its next batch; if that takes long the caller does not wait. The computation then ends behind
// its back: so it owns or shares whatever it touches, and its Python objects are given back later,
// by a thread that holds the GIL.
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace firth::python {

namespace nb = nanobind;

class Computation {
 public:
  Computation() = default;
  virtual ~Computation() = default;  // with the GIL
  Computation(const Computation&) = delete;
  Computation& operator=(const Computation&) = delete;

  virtual void run() = 0;  // without the GIL

  void cancel() { cancelled_ = true; }

  std::uint64_t done() const { return done_; }

 protected:
  // Called by run() where it can stop: notes how far it is, throws if it was asked to stop.
  void at(std::uint64_t done);

 private:
  std::atomic<bool> cancelled_ = false;
  std::atomic<std::uint64_t> done_ = 0;
};

struct RunOptions {
  bool small = false;                // ends within some hundredths of a second
  nb::object progress = nb::none();  // called with done() while it runs, and at its end
};

// Throws what run() threw, or the Python exception of a signal handler or of `progress`.
void run(const std::shared_ptr<Computation>& computation, const RunOptions& options = {});

// A function that holds all it needs.
template <class F>
class FunctionComputation final : public Computation {
 public:
  explicit FunctionComputation(F function) : function_(std::move(function)) {}

  void run() override { function_(); }

 private:
  F function_;
};

template <class F>
void run_function(F function, const RunOptions& options = {}) {
  run(std::make_shared<FunctionComputation<F>>(std::move(function)), options);
}

// What the module calls at the interpreter's end (running computations are stopped and waited for)
// and in a forked child (which has none of its parent's threads).
void bind_computation(nb::module_& module);

}  // namespace firth::python
