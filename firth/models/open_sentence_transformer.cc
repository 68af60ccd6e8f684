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
#include "firth/models/transformer_folder.h"

namespace firth {
namespace {

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
  if (loaded.architecture.ends_with("ForCausalLM")) parts.pooling.modes = {Pooling::kLast};
  add_tokenizer_files(folder.path, parts.files);
  parts.tokenizer = SharedTokenizer(open_model_tokenizer(folder.path, folder.settings.lower_case));
  parts.precision = loaded.precision;
  parts.description.precision = precision_name(loaded.precision);
  parts.token_budget = options.token_budget;
  const EncoderShape& shape = parts.encoder->shape();
  parts.description.name = name;
  parts.description.kind = shape.family;
  parts.description.dimension = shape.hidden_size;
  parts.description.num_layers = shape.num_hidden_layers + 1;
  parts.description.num_attention_heads = shape.num_attention_heads;
  parts.description.max_length = choose_max_length(name, options, folder.settings, shape);
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
  SentenceTransformerParts parts = load_parts(
      {folder, {.tokenizer_max_length = read_transformer_settings(folder).tokenizer_max_length}},
      short_name(folder), options, pool);
  parts.description.licence = read_licence(folder);
  set_pooling(options, parts.pooling, parts);
  return std::make_unique<SentenceTransformer>(std::move(parts));
}

}  // namespace firth
