// Reranker: whatever scores pairs of texts, such as a question and a passage, by reading both at
// once: slower than comparing vectors, and better. open_reranker (firth/embed) makes one from a
// path.
//
// A Reranker is immutable after it is made and may be used by several threads at once, each with a
// Workspace of its own.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/embedder.h"
#include "firth/core/tensor.h"
#include "firth/core/workspace.h"

namespace firth {

struct TextPair {
  std::string_view text;  // the query
  std::string_view pair;  // the document
};

struct RerankerDescription {
  std::string name;
  std::string kind;                 // the encoder's family: "bert", …
  std::size_t max_length = 0;       // tokens of a pair, special tokens included; 0 = no limit
  std::vector<std::string> labels;  // what the scores of a pair stand for; one for most models
  std::string prompt;               // put before the query unless the caller says otherwise
  std::map<std::string, std::string> prompts;  // those the model names
  std::string licence;                         // as the model states it, "" = not stated
};

struct RerankOptions {
  std::optional<std::string> prompt;  // put before every query; nullopt: the model's
  bool logits = false;                // scores before the model's activation (most have a sigmoid)
  ProgressCallback progress;
};

struct PairScores {
  Tensor values;       // f32 (pairs, labels)
  EmbedReport report;  // num_truncated: pairs that were cut to max_length
};

class Reranker {
 public:
  virtual ~Reranker() = default;
  Reranker() = default;
  Reranker(const Reranker&) = delete;
  Reranker& operator=(const Reranker&) = delete;

  virtual const RerankerDescription& description() const = 0;

  // A pair that is too long loses tokens of its longer text first. The scores of a pair have the
  // same bits alone and in any batch.
  virtual PairScores score(std::span<const TextPair> pairs, const RerankOptions& options,
                           Workspace& workspace) const = 0;
};

// The rows of scores: (pairs, labels), best first by one label; equal ones in their order.
std::vector<std::size_t> ranking(View<const float> scores, std::size_t label = 0);

}  // namespace firth
