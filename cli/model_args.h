// The options that open a model and say how it embeds; shared by the verbs that use one.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "cli/options.h"
#include "firth/core/embedder.h"
#include "firth/core/reranker.h"
#include "firth/core/thread_pool.h"
#include "firth/core/workspace.h"

namespace firth::cli {

struct ModelArgs {
  std::string model;
  std::string pooling;
  std::size_t max_length = 0;
  std::string precision;
  std::size_t threads = 0;
};

void for_each_field(ModelArgs& args, OptionTable& visit);

// The same for a cross-encoder, which pools as it was made to.
void visit_reranker_options(ModelArgs& args, OptionTable& visit);

// How texts become vectors; the library's EmbedOptions.
struct VectorArgs {
  std::optional<std::string> prompt = {};
  std::string prompt_name = {};
  std::size_t dim = 0;
  std::optional<bool> normalize = {};
  std::string long_policy = "truncate";
  std::size_t chunk_overlap = 32;
  std::vector<int> layer_mix = {};
};

void for_each_field(VectorArgs& args, OptionTable& visit);

// The number that --threads gives; UsageError beyond what any machine has.
std::size_t checked_threads(std::size_t threads);

// A model with the threads and the memory to run it.
struct OpenModel {
  std::string path;
  std::unique_ptr<ThreadPool> pool;
  std::unique_ptr<const Embedder> embedder;
  std::unique_ptr<Workspace> workspace;
};

OpenModel open_model(const ModelArgs& args);

struct OpenReranker {
  std::unique_ptr<ThreadPool> pool;
  std::unique_ptr<const Reranker> reranker;
  std::unique_ptr<Workspace> workspace;
};

OpenReranker open_reranker_model(const ModelArgs& args);

// What can be told before a model is open. Throws UsageError.
void check_vector_args(const VectorArgs& args);

EmbedOptions embed_options(const VectorArgs& args, const EmbedderDescription& description);

}  // namespace firth::cli
