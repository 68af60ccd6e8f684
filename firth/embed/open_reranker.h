// open_reranker(path): the one list of every way to score pairs of texts.
#pragma once

#include <filesystem>
#include <memory>

#include "firth/core/reranker.h"
#include "firth/core/thread_pool.h"
#include "firth/models/open_options.h"

namespace firth {

// Weights are packed on the pool's threads, if one is given; the pool is not kept. Errors:
// not_found, unsupported (with what was found and what is known), corrupt, io.
std::unique_ptr<const Reranker> open_reranker(const std::filesystem::path& path,
                                              const OpenOptions& options = {},
                                              ThreadPool* pool = nullptr);

}  // namespace firth
