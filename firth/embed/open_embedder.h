// open_embedder(path): the one list of every way to get a vector. It looks at what lies at a path
// and returns the embedder for it, or says what it found and what it knows.
#pragma once

#include <filesystem>
#include <memory>

#include "firth/core/embedder.h"
#include "firth/core/thread_pool.h"
#include "firth/models/open_options.h"

namespace firth {

// Weights are packed on the pool's threads, if one is given; the pool is not kept. Errors:
// not_found, unsupported (with what was found and what is known), corrupt, io.
std::unique_ptr<const Embedder> open_embedder(const std::filesystem::path& path,
                                              const OpenOptions& options = {},
                                              ThreadPool* pool = nullptr);

}  // namespace firth
