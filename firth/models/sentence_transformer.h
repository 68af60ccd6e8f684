// A sentence encoder: tokenizer, transformer, pooling and the modules that follow it. It reads
//   - sentence-transformers folders (modules.json), obeying their files as that library does,
//   - plain Hugging Face folders (config.json), with mean pooling as that library does.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "firth/core/embedder.h"
#include "firth/models/encoder.h"
#include "firth/models/open_options.h"
#include "firth/models/pooling.h"
#include "firth/models/sequences.h"
#include "firth/models/vector_modules.h"

namespace firth {

struct SentenceTransformerParts {
  EmbedderDescription description;
  std::unique_ptr<const Encoder> encoder;
  SharedTokenizer tokenizer;
  PoolingConfig pooling;
  std::vector<VectorModule> modules;  // a Normalize at their end is description.normalized instead
  Precision precision = Precision::kF32;
  std::size_t token_budget = 0;    // 0 = kTokenBudget
  std::vector<std::string> files;  // that vectors depend on
};

class SentenceTransformer final : public Embedder {
 public:
  explicit SentenceTransformer(SentenceTransformerParts parts) : parts_(std::move(parts)) {}

  const EmbedderDescription& description() const override { return parts_.description; }

  const Tokenizer* tokenizer() const override { return &*parts_.tokenizer; }

  std::string identity() const override;

  Vectors embed(const Items& items, const EmbedOptions& options,
                Workspace& workspace) const override;

  TokenVectors embed_tokens(const Items& items, const TokenOptions& options,
                            Workspace& workspace) const override;

  // Tokens of a batch. Enough to hide the reading of the weights behind the arithmetic, few enough
  // that a batch's activations stay near the core.
  static constexpr std::size_t kTokenBudget = 512;

 private:
  std::size_t token_budget() const {
    return parts_.token_budget == 0 ? kTokenBudget : parts_.token_budget;
  }

  SequenceOptions sequence_options(std::string_view prompt) const;
  std::size_t prompt_tokens(std::string_view prompt) const;
  std::size_t resolve_layer(int layer) const;

  SentenceTransformerParts parts_;
  mutable std::once_flag identity_once_;
  mutable std::string identity_;
};

}  // namespace firth
