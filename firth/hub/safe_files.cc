#include "firth/hub/safe_files.h"

#include <algorithm>

namespace firth {

namespace {

constexpr std::string_view kNames[] = {
    // configuration
    "config.json", "modules.json", "config_sentence_transformers.json", "router_config.json",
    "generation_config.json", "preprocessor_config.json", "processor_config.json",
    "wordembedding_config.json", "whitespacetokenizer_config.json",
    // tokenizers
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.txt", "vocab.json", "merges.txt", "vocab.bpe", "encoder.json", "unigram.json",
    "chat_template.jinja", "chat_template.json",
    // weights
    "model.safetensors", "model.safetensors.index.json",
    // for people
    "README.md", "LICENSE", "LICENCE", "NOTICE", "COPYING", "LICENSE.txt", "LICENSE.md",
    "LICENCE.txt", "LICENCE.md", "NOTICE.txt", "NOTICE.md"};

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// sentence_bert_config.json, sentence_roberta_config.json, …
bool is_sentence_config(std::string_view name) {
  constexpr std::string_view kPrefix = "sentence_";
  constexpr std::string_view kSuffix = "_config.json";
  if (name.size() <= kPrefix.size() + kSuffix.size()) return false;
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return false;
  name.remove_prefix(kPrefix.size());
  name.remove_suffix(kSuffix.size());
  return std::ranges::all_of(name, [](char c) { return is_lower_or_digit(c) || c == '_'; });
}

// model-00001-of-00002.safetensors
bool is_shard(std::string_view name) {
  constexpr std::string_view kForm = "model-#####-of-#####.safetensors";
  return name.size() == kForm.size() &&
         std::equal(name.begin(), name.end(), kForm.begin(),
                    [](char c, char form) { return form == '#' ? is_digit(c) : c == form; });
}

// The tokenizers of SentencePiece and tiktoken bear names of their own.
bool is_tokenizer_data(std::string_view name) {
  return !name.starts_with('.') && (name.ends_with(".model") || name.ends_with(".tiktoken"));
}

}  // namespace

bool is_safe_model_file(std::string_view file_name) {
  return std::ranges::find(kNames, file_name) != std::end(kNames) ||
         is_sentence_config(file_name) || is_shard(file_name) || is_tokenizer_data(file_name);
}

bool is_weight_file(std::string_view file_name) {
  return file_name == "model.safetensors" || is_shard(file_name);
}

bool is_sharded_weight_file(std::string_view file_name) {
  return file_name == "model.safetensors.index.json" || is_shard(file_name);
}

bool is_pickled_weight_file(std::string_view file_name) {
  return file_name.starts_with("pytorch_model") && file_name.ends_with(".bin");
}

}  // namespace firth
