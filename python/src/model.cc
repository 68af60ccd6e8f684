#include "model.h"

namespace firth::python {

std::shared_ptr<ThreadPool> shared_pool() {
  // Never destroyed: its threads may outlive what the end of the process takes apart.
  static const auto* const kPool = new std::shared_ptr<ThreadPool>(std::make_shared<ThreadPool>());
  return *kPool;
}

std::shared_ptr<ThreadPool> pool_of(std::size_t num_threads) {
  return num_threads == 0 ? shared_pool() : std::make_shared<ThreadPool>(num_threads);
}

Workspaces::Lease::Lease(const Workspaces& workspaces) : workspaces_(workspaces) {
  const std::unique_lock lock(workspaces.mutex_, std::try_to_lock);
  if (lock.owns_lock() && !workspaces.idle_.empty()) {
    workspace_ = std::move(workspaces.idle_.back());
    workspaces.idle_.pop_back();
  } else {
    workspace_ = std::make_unique<Workspace>(*workspaces.pool_);
  }
}

Workspaces::Lease::~Lease() {
  const std::unique_lock lock(workspaces_.mutex_, std::try_to_lock);
  if (lock.owns_lock()) workspaces_.idle_.push_back(std::move(workspace_));
}

}  // namespace firth::python
