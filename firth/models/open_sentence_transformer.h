// Opening folders of text encoders: of sentence-transformers, and plain ones of Hugging Face.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "firth/core/embedder.h"
#include "firth/core/thread_pool.h"
#include "firth/models/modules_json.h"
#include "firth/models/open_options.h"
#include "firth/models/sequences.h"
#include "firth/models/vector_modules.h"

namespace firth {

// A folder with modules.json whose first module is a Transformer.
std::unique_ptr<const Embedder> open_sentence_transformer(const std::string& folder,
                                                          const std::vector<ModuleEntry>& modules,
                                                          const OpenOptions& options,
                                                          ThreadPool* pool);

// A folder with config.json alone: mean pooling, as sentence-transformers does it.
std::unique_ptr<const Embedder> open_plain_encoder(const std::string& folder,
                                                   const OpenOptions& options, ThreadPool* pool);

// The modules that turn sentence vectors into others.
struct VectorChain {
  std::vector<VectorModule> modules;
  std::size_t width = 0;    // of what comes out
  bool normalized = false;  // the last module is Normalize; it is not among `modules`
};

// Of vectors that are `width` wide and, where the model's files say so, cut to truncate_dim at
// last.
VectorChain read_vector_chain(const std::string& folder, std::span<const ModuleEntry> modules,
                              std::size_t width, Precision precision,
                              std::optional<std::size_t> truncate_dim,
                              std::vector<std::string>& files);

}  // namespace firth
