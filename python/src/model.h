// An opened model as the extension hands it about, and what its users share.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "firth/core/embedder.h"
#include "firth/core/thread_pool.h"
#include "firth/core/workspace.h"

namespace firth::python {

// The process's threads, for whatever has no number of its own. Started at the first use.
std::shared_ptr<ThreadPool> shared_pool();

// A pool of that many threads; 0 = the shared one.
std::shared_ptr<ThreadPool> pool_of(std::size_t num_threads);

// An embedder with its threads and the workspaces that calls which run at once have in turn.
class Model {
 public:
  Model(std::unique_ptr<const Embedder> embedder, std::shared_ptr<ThreadPool> pool)
      : embedder_(std::move(embedder)), pool_(std::move(pool)) {}

  const Embedder& embedder() const { return *embedder_; }

  ThreadPool& pool() const { return *pool_; }

  // A workspace that is this call's until the lease ends.
  class Lease {
   public:
    explicit Lease(const Model& model);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    Workspace& operator*() const { return *workspace_; }

   private:
    const Model& model_;
    std::unique_ptr<Workspace> workspace_;
  };

 private:
  std::unique_ptr<const Embedder> embedder_;
  std::shared_ptr<ThreadPool> pool_;
  // Only ever tried, never waited for: in a forked child it may be locked for ever by a thread that
  // the child does not have. Who does not get it makes a workspace of his own.
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Workspace>> idle_;
};

}  // namespace firth::python
