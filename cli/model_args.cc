// From options to an opened model.
#include "cli/model_args.h"

#include "cli/model_lookup.h"
#include "cli/output.h"
#include "cli/usage_error.h"
#include "firth/core/error.h"
#include "firth/embed/open_embedder.h"
#include "firth/embed/open_reranker.h"
#include "firth/kernels/cpu.h"
#include "firth/kernels/self_check.h"

namespace firth::cli {
namespace {

LongPolicy parse_long_policy(const std::string& name) {
  if (name == "error") return LongPolicy::kError;
  if (name == "chunk") return LongPolicy::kChunkMean;
  return name == "chunk-each" ? LongPolicy::kChunkEach : LongPolicy::kTruncate;
}

}  // namespace

namespace {

void visit_name(ModelArgs& args, OptionTable& visit) {
  visit.group("Model");
  visit("-m,--model", &args.model, "PATH|NAME",
        "the model's folder, or its name, of one in ./models, $FIRTH_MODELS or pulled: "
        "NAME[@REVISION]");
  visit.default_text("the only one found");
}

void visit_arithmetic(ModelArgs& args, OptionTable& visit) {
  visit("--max-length", &args.max_length, "N", "tokens of a text, special tokens included");
  visit.default_text("as the model's files say");
  visit("--precision", &args.precision, "NAME",
        "arithmetic of the model's products; auto is int8 where the folder holds int8 weights "
        "('firth quantize'), else bf16 on machines with AMX, else f32",
        {"auto", "f32", "bf16", "int8"});
  visit.default_text("as the weights are stored: f32, or int8 of 'firth quantize'");
  visit("--threads", &args.threads, "N", "threads");
  visit.default_text("all that the process may use");
}

}  // namespace

void for_each_field(ModelArgs& args, OptionTable& visit) {
  visit_name(args, visit);
  visit("--pooling", &args.pooling, "MODE",
        "how token vectors become one: mean, cls, last, max, mean_sqrt_len, weightedmean, or "
        "several with + between");
  visit.default_text("as the model's files say, else mean");
  visit_arithmetic(args, visit);
}

void visit_reranker_options(ModelArgs& args, OptionTable& visit) {
  visit_name(args, visit);
  visit_arithmetic(args, visit);
}

void for_each_field(VectorArgs& args, OptionTable& visit) {
  visit.group("Vectors");
  visit("--prompt", &args.prompt, "TEXT", "put before every text");
  visit.default_text("the model's default prompt");
  visit("--prompt-name", &args.prompt_name, "NAME", "a prompt of the model's files, such as query");
  visit("--dim", &args.dim, "N", "keep the first N components");
  visit.default_text("all");
  visit("--normalize", &args.normalize, "", "make vectors unit length, after --dim");
  visit.default_text("as the model's files say");
  visit("--long", &args.long_policy, "WHAT",
        "of texts beyond the maximum length: cut them, stop, average overlapping windows, or a row "
        "for each window",
        {"truncate", "error", "chunk", "chunk-each"});
  visit("--chunk-overlap", &args.chunk_overlap, "N", "tokens that neighbouring windows share");
  visit("--layer-mix", &args.layer_mix, "L,L…",
        "pool the mean of these layers: 0 is the embedding output, -1 the last");
  visit.default_text("-1");
}

std::size_t checked_threads(std::size_t threads) {
  constexpr std::size_t kMostThreads = 4096;
  if (threads > kMostThreads) {
    usage_error("--threads: expected at most ", kMostThreads, ", found ", threads);
  }
  return threads;
}

namespace {

// The threads of a model, and kernels that they can trust: before any of them computes.
std::unique_ptr<ThreadPool> make_pool(const ModelArgs& args) {
  const std::size_t threads = checked_threads(args.threads);
  if (const std::string fault = lower_faulty_level(); !fault.empty()) {
    warn(fault + ": using the level " + std::string(cpu_level_name(cpu_level())) +
         " ('firth doctor' tests all)");
  }
  return std::make_unique<ThreadPool>(threads);
}

OpenOptions open_options(const ModelArgs& args) {
  OpenOptions options;
  options.max_length = args.max_length;
  options.precision = precision_choice(args.precision).value_or(PrecisionChoice::kAsStored);
  if (!args.pooling.empty()) options.pooling = args.pooling;
  return options;
}

}  // namespace

OpenReranker open_reranker_model(const ModelArgs& args) {
  OpenReranker model;
  model.pool = make_pool(args);
  model.reranker = open_reranker(resolve_model(args.model), open_options(args), model.pool.get());
  model.workspace = std::make_unique<Workspace>(*model.pool);
  return model;
}

OpenModel open_model(const ModelArgs& args) {
  OpenModel model;
  model.pool = make_pool(args);
  model.path = resolve_model(args.model);
  model.embedder = open_embedder(model.path, open_options(args), model.pool.get());
  model.workspace = std::make_unique<Workspace>(*model.pool);
  return model;
}

void check_vector_args(const VectorArgs& args) {
  if (args.prompt && !args.prompt_name.empty()) {
    usage_error("--prompt, --prompt-name: expected one of them, found both");
  }
}

EmbedOptions embed_options(const VectorArgs& args, const EmbedderDescription& description) {
  check_vector_args(args);
  if (args.dim > description.dimension) {
    usage_error("--dim: expected at most ", description.dimension, ", the dimension of ",
                quoted(description.name), ", found ", args.dim);
  }
  EmbedOptions options;
  if (args.prompt) require_utf8("--prompt", *args.prompt);
  options.prompt = args.prompt;
  options.dim = args.dim;
  options.normalize = args.normalize;
  options.long_policy = parse_long_policy(args.long_policy);
  options.chunk_overlap = args.chunk_overlap;
  options.layers = args.layer_mix;
  if (!args.prompt_name.empty()) options.prompt = prompt_by_name(description, args.prompt_name);
  return options;
}

}  // namespace firth::cli
