#include "firth/core/embedder.h"

#include "firth/core/error.h"

namespace firth {

void EmbedReport::add(const EmbedReport& other) {
  num_items += other.num_items;
  num_tokens += other.num_tokens;
  num_truncated += other.num_truncated;
  num_unknown += other.num_unknown;
  for (const auto& [script, count] : other.unknown_scripts) unknown_scripts[script] += count;
}

TokenVectors Embedder::embed_tokens(const Items&, const TokenOptions&, Workspace&) const {
  fail(ErrorKind::kUnsupported, description().name, ": a ", description().kind,
       " model has no vectors of tokens in context; use embed");
}

std::string_view similarity_name(Similarity similarity) {
  switch (similarity) {
    case Similarity::kCosine:
      return "cosine";
    case Similarity::kDot:
      return "dot";
    case Similarity::kEuclidean:
      return "euclidean";
    case Similarity::kManhattan:
      return "manhattan";
  }
  return "";
}

const std::string& prompt_by_name(const EmbedderDescription& description, std::string_view name) {
  const auto found = description.prompts.find(std::string(name));
  if (found != description.prompts.end()) return found->second;
  std::string known;
  for (const auto& [prompt_name, text] : description.prompts)
    known += (known.empty() ? "" : ", ") + prompt_name;
  fail(ErrorKind::kNotFound, description.name, ": no prompt named ", quoted(name), "; ",
       known.empty() ? "the model has none" : "known: " + known);
}

}  // namespace firth
