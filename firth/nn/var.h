// Var and Pass: the values that flow through a network, and one run through it.
//
// Operations take a Pass and Vars and return a Var. A model reads as a list of such calls. Nothing
// but the arena of the Pass owns activations.
#pragma once

#include "firth/core/tensor.h"
#include "firth/core/workspace.h"

namespace firth {

// A value between operations: f32, valid until the scope of its arena ends.
struct Var {
  View<float> value;

  bool empty() const { return value.empty(); }

  std::size_t rows() const { return value.rows(); }

  std::size_t cols() const { return value.cols(); }
};

class LinearObserver;

// One run through a network in one thread.
class Pass {
 public:
  explicit Pass(Arena& arena, LinearObserver* observer = nullptr)
      : arena_(&arena), observer_(observer) {}

  Arena& arena() { return *arena_; }

  LinearObserver* observer() { return observer_; }

  // Memory for an operation's result. `reuse` is a value that nobody reads after the operation: its
  // memory is taken if the shape is the same, which keeps a layer's working set in the cache.
  Var result(Shape shape, Var reuse = {}) {
    if (!reuse.empty() && reuse.value.shape() == shape) return reuse;
    return {arena_->allocate<float>(shape)};
  }

 private:
  Arena* arena_;
  LinearObserver* observer_;
};

}  // namespace firth
