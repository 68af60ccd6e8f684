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

Model::Lease::Lease(const Model& model) : model_(model) {
  const std::unique_lock lock(model.mutex_, std::try_to_lock);
  if (lock.owns_lock() && !model.idle_.empty()) {
    workspace_ = std::move(model.idle_.back());
    model.idle_.pop_back();
  } else {
    workspace_ = std::make_unique<Workspace>(*model.pool_);
  }
}

Model::Lease::~Lease() {
  const std::unique_lock lock(model_.mutex_, std::try_to_lock);
  if (lock.owns_lock()) model_.idle_.push_back(std::move(workspace_));
}

}  // namespace firth::python
