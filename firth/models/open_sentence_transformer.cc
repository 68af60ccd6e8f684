#include "firth/models/open_sentence_transformer.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/json.h"
#include "firth/io/model_folder.h"
#include "firth/models/config.h"
#include "firth/models/model_card.h"
#include "firth/models/sentence_transformer.h"

namespace firth {
namespace {

// What the Transformer module's own file says; sentence-transformers looks for these names.
struct TransformerSettings {
  std::optional<std::size_t> max_seq_length;
  bool lower_case = false;
};

TransformerSettings read_transformer_settings(const std::string& folder) {
  TransformerSettings settings;
  for (const std::string_view family :
       {"bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"}) {
    const auto path = find_model_file(folder, "sentence_" + std::string(family) + "_config.json");
    if (!path) continue;
    const JsonDocument document = JsonDocument::read(*path);
    const Json config = document.root();
    const std::size_t length = read_count_or(config, "max_seq_length", 0);
    if (length != 0) settings.max_seq_length = length;
    settings.lower_case = read_bool_or(config, "do_lower_case", false);
    return settings;
  }
  return settings;
}

// tokenizer_config.json's model_max_length; 0 = none (transformers writes 1e30 for that).
std::size_t tokenizer_max_length(const std::string& folder) {
  const auto path = find_model_file(folder, "tokenizer_config.json");
  if (!path) return 0;
  const JsonDocument document = JsonDocument::read(*path);
  const auto value = document.root().find("model_max_length");
  if (!value || value->is_null()) return 0;
  const double length = value->as_double();
  if (length < 1) {
    fail(ErrorKind::kCorrupt, value->where(), ": expected at least 1, found ", value->describe());
  }
  constexpr double kNone = 1e15;
  return length > kNone ? 0 : static_cast<std::size_t>(length);
}

std::size_t smaller_limit(std::size_t a, std::size_t b) {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

// The files' max_seq_length, else the lesser of the tokenizer's limit and what the model was made
// for; never more than the model has positions.
std::size_t choose_max_length(const std::string& name, const OpenOptions& options,
                              const TransformerSettings& settings, std::size_t tokenizer_limit,
                              const EncoderShape& shape) {
  const std::size_t model_limit = shape.max_length;
  if (options.max_length != 0) {
    if (model_limit != 0 && options.max_length > model_limit) {
      fail(ErrorKind::kInvalidArgument, name, ": expected a maximum length of at most ",
           model_limit, ", the model's positions, found ", options.max_length);
    }
    return options.max_length;
  }
  const std::size_t unless_stated = smaller_limit(tokenizer_limit, shape.advised_length);
  return smaller_limit(settings.max_seq_length.value_or(unless_stated), model_limit);
}

struct EncoderFolder {
  std::string path;
  TransformerSettings settings;
};

// Everything but pooling and what follows it.
SentenceTransformerParts load_parts(const EncoderFolder& folder, const std::string& name,
                                    const OpenOptions& options, ThreadPool* pool) {
  SentenceTransformerParts parts;
  LoadedEncoder loaded = load_encoder(folder.path, options.precision, pool);
  parts.encoder = std::move(loaded.encoder);
  parts.files = std::move(loaded.files);
  if (loaded.causal_lm) parts.pooling.modes = {Pooling::kLast};
  add_tokenizer_files(folder.path, parts.files);
  parts.tokenizer = SharedTokenizer(open_model_tokenizer(folder.path, folder.settings.lower_case));
  parts.precision = loaded.precision;
  parts.token_budget = options.token_budget;
  const EncoderShape& shape = parts.encoder->shape();
  parts.description.name = name;
  parts.description.kind = shape.family;
  parts.description.dimension = shape.hidden_size;
  parts.description.num_layers = shape.num_hidden_layers + 1;
  parts.description.num_attention_heads = shape.num_attention_heads;
  parts.description.max_length =
      choose_max_length(name, options, folder.settings, tokenizer_max_length(folder.path), shape);
  return parts;
}

void set_pooling(const OpenOptions& options, PoolingConfig from_files,
                 SentenceTransformerParts& parts) {
  parts.pooling = std::move(from_files);
  if (options.pooling) parts.pooling.modes = parse_pooling(*options.pooling).modes;
  parts.description.pooling = pooling_name(parts.pooling);
  parts.description.dimension = parts.pooling.modes.size() * parts.encoder->shape().hidden_size;
}

}  // namespace

std::string add_tokenizer_files(const std::string& folder, std::vector<std::string>& files) {
  std::optional<std::string> path = find_model_file(folder, "tokenizer.json");
  if (!path) path = find_model_file(folder, "vocab.txt");
  if (!path) {
    fail(ErrorKind::kNotFound, folder, ": expected tokenizer.json or vocab.txt, found ",
         quoted_list(list_folder(folder)));
  }
  files.push_back(*path);
  if (auto config = find_model_file(folder, "tokenizer_config.json"))
    files.push_back(std::move(*config));
  return *path;
}

VectorChain read_vector_chain(const std::string& folder, std::span<const ModuleEntry> modules,
                              std::size_t width, Precision precision,
                              std::optional<std::size_t> truncate_dim,
                              std::vector<std::string>& files) {
  VectorChain chain{.modules = {}, .width = width, .normalized = false};
  for (const ModuleEntry& module : modules) {
    switch (module.kind) {
      case ModuleKind::kDense:
        chain.modules.push_back(
            read_dense(model_subfolder(folder, module.path), chain.width, precision, files));
        break;
      case ModuleKind::kLayerNorm:
        chain.modules.push_back(
            read_layer_norm(model_subfolder(folder, module.path), chain.width, files));
        break;
      case ModuleKind::kNormalize:
        chain.modules.push_back(read_normalize(folder, module.path));
        break;
      case ModuleKind::kDropout:
        break;
      default:
        fail(ErrorKind::kUnsupported, folder, "/modules.json: module ", quoted(module.type),
             " is not known at this place of the chain");
    }
    if (!chain.modules.empty()) chain.width = output_width(chain.modules.back(), chain.width);
  }
  // The library cuts after the last module, without another Normalize.
  if (truncate_dim && *truncate_dim < chain.width) {
    chain.modules.emplace_back(CutModule{*truncate_dim});
    chain.width = *truncate_dim;
  }
  while (!chain.modules.empty() && std::holds_alternative<NormalizeModule>(chain.modules.back())) {
    chain.normalized = true;
    chain.modules.pop_back();
  }
  return chain;
}

std::unique_ptr<const Embedder> open_sentence_transformer(const std::string& folder,
                                                          const std::vector<ModuleEntry>& modules,
                                                          const OpenOptions& options,
                                                          ThreadPool* pool) {
  const std::string encoder_path = model_subfolder(folder, modules.front().path);
  SentenceTransformerParts parts = load_parts(
      {encoder_path, read_transformer_settings(encoder_path)}, short_name(folder), options, pool);
  parts.description.kind = "sentence-transformers";
  const auto truncate_dim = read_model_card(folder, parts.description);

  auto rest = std::span(modules).subspan(1);
  PoolingConfig pooling;
  if (!rest.empty() && rest.front().kind == ModuleKind::kPooling) {
    const std::string path = model_subfolder(folder, rest.front().path);
    pooling = read_pooling(path, parts.encoder->shape().hidden_size);
    rest = rest.subspan(1);
  }
  set_pooling(options, std::move(pooling), parts);
  VectorChain chain = read_vector_chain(folder, rest, parts.description.dimension, parts.precision,
                                        truncate_dim, parts.files);
  parts.modules = std::move(chain.modules);
  parts.description.dimension = chain.width;
  parts.description.normalized = chain.normalized;
  return std::make_unique<SentenceTransformer>(std::move(parts));
}

std::unique_ptr<const Embedder> open_plain_encoder(const std::string& folder,
                                                   const OpenOptions& options, ThreadPool* pool) {
  SentenceTransformerParts parts = load_parts({folder, {}}, short_name(folder), options, pool);
  parts.description.licence = read_licence(folder);
  set_pooling(options, parts.pooling, parts);
  return std::make_unique<SentenceTransformer>(std::move(parts));
}

}  // namespace firth
