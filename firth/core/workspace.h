// Where values between operations live. An Arena hands out 64-byte aligned pieces of memory that it
// keeps and reuses, so that nothing is allocated inside the loop; a Workspace is a thread pool with
// one Arena for each of its threads, made once and passed to every call.
//
// A Workspace serves one call at a time. It grows to the largest batch it has seen and stays there.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "firth/core/tensor.h"
#include "firth/core/thread_pool.h"

namespace firth {

class Arena {
 public:
  Arena() = default;
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;

  // Uninitialised; valid until the enclosing Scope ends.
  template <class T>
  View<T> allocate(Shape shape) {
    return {static_cast<T*>(allocate_bytes(shape.size() * sizeof(T))), shape};
  }

  // What is allocated while a Scope lives is given back when it ends. Scopes nest.
  class Scope {
   public:
    explicit Scope(Arena& arena) : arena_(arena), block_(arena.block_), used_(arena.used_) {}

    ~Scope() {
      arena_.block_ = block_;
      arena_.used_ = used_;
    }

    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Arena& arena_;
    std::size_t block_;
    std::size_t used_;
  };

  std::size_t capacity() const;  // bytes held

 private:
  void* allocate_bytes(std::size_t bytes);

  std::vector<Tensor> blocks_;  // of u8; a later block is at least twice as large as the one before
  std::size_t block_ = 0;       // the block in use
  std::size_t used_ = 0;        // bytes of it that are taken
};

class Workspace {
 public:
  explicit Workspace(ThreadPool& pool) : pool_(&pool), arenas_(pool.num_threads()) {}

  ThreadPool& pool() { return *pool_; }

  Arena& arena(std::size_t worker) { return arenas_[worker]; }

 private:
  ThreadPool* pool_;
  std::vector<Arena> arenas_;
};

}  // namespace firth
