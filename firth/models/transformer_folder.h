// The folder of a transformer as sentence-transformers obeys it: what stands beside config.json and
// the weights, and how long a text may be.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "firth/models/encoder.h"
#include "firth/models/open_options.h"

namespace firth {

struct TransformerSettings {
  std::optional<std::size_t> max_seq_length = std::nullopt;
  std::size_t tokenizer_max_length = 0;  // tokenizer_config.json's model_max_length; 0 = none
  bool lower_case = false;
};

// Of the Transformer module's own file, under the names that sentence-transformers looks for.
TransformerSettings read_transformer_settings(const std::string& folder);

// The caller's length, else the files' max_seq_length, else the lesser of the tokenizer's limit and
// what the model was made for; never more than the model has positions. 0 = no limit.
std::size_t choose_max_length(const std::string& name, const OpenOptions& options,
                              const TransformerSettings& settings, const EncoderShape& shape);

// Appends the files that token ids depend on; returns the first, tokenizer.json or vocab.txt.
// not_found if there is neither.
std::string add_tokenizer_files(const std::string& folder, std::vector<std::string>& files);

}  // namespace firth
