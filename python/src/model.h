// An opened model as the extension hands it about, and what its users share.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "firth/core/embedder.h"
#include "firth/core/reranker.h"
#include "firth/core/thread_pool.h"
#include "firth/core/workspace.h"

namespace firth::python {

// The process's threads, for whatever has no number of its own. Started at the first use.
std::shared_ptr<ThreadPool> shared_pool();

// A pool of that many threads; 0 = the shared one.
std::shared_ptr<ThreadPool> pool_of(std::size_t num_threads);

// The workspaces that calls which run at once have in turn.
class Workspaces {
 public:
  explicit Workspaces(std::shared_ptr<ThreadPool> pool) : pool_(std::move(pool)) {}

  ThreadPool& pool() const { return *pool_; }

  // A workspace that is this call's until the lease ends.
  class Lease {
   public:
    explicit Lease(const Workspaces& workspaces);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    Workspace& operator*() const { return *workspace_; }

   private:
    const Workspaces& workspaces_;
    std::unique_ptr<Workspace> workspace_;
  };

 private:
  std::shared_ptr<ThreadPool> pool_;
  // Only ever tried, never waited for: in a forked child it may be locked for ever by a thread that
  // the child does not have. Who does not get it makes a workspace of his own.
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Workspace>> idle_;
};

// An Embedder or a Reranker with its threads.
template <class Engine>
class Opened {
 public:
  Opened(std::unique_ptr<const Engine> engine, std::shared_ptr<ThreadPool> pool)
      : engine_(std::move(engine)), workspaces_(std::move(pool)) {}

  const Engine& engine() const { return *engine_; }

  const Workspaces& workspaces() const { return workspaces_; }

  ThreadPool& pool() const { return workspaces_.pool(); }

 private:
  std::unique_ptr<const Engine> engine_;
  Workspaces workspaces_;
};

using Model = Opened<Embedder>;
using OpenedReranker = Opened<Reranker>;

}  // namespace firth::python
