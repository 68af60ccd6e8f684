// The files that tokenizers come in, read into parts: tokenizer.json of Hugging Face tokenizers,
// and BERT's vocab.txt with the settings that lie beside it.
#pragma once

#include <string>
#include <string_view>

#include "firth/io/json.h"
#include "firth/text/normalizer.h"
#include "firth/text/pipeline.h"

namespace firth {

// tokenizer.json, format version 1.0. Its padding section is checked and not applied: firth never
// pads. Errors: corrupt, unsupported (naming the part), both with the field's place.
TokenizerParts read_tokenizer_json(const Json& root, std::string where);

// An entry of its added_tokens.
AddedToken read_added_token(const Json& spec);

// Settings of a BERT tokenizer as tokenizer_config.json, special_tokens_map.json and
// added_tokens.json hold them.
struct BertTokenizerConfig {
  bool do_lower_case = true;
  bool tokenize_chinese_chars = true;
  std::optional<bool> strip_accents;
  AddedToken unk{.content = "[UNK]", .normalized = false, .special = true};
  AddedToken sep{.content = "[SEP]", .normalized = false, .special = true};
  AddedToken pad{.content = "[PAD]", .normalized = false, .special = true};
  AddedToken cls{.content = "[CLS]", .normalized = false, .special = true};
  AddedToken mask{.content = "[MASK]", .normalized = false, .special = true};
  std::vector<AddedToken> added_tokens;  // in the order of their ids

  bool states_case = false;  // do_lower_case stands in a file, and the class is BERT's or not named

  BertNormalizerOptions normalizer() const;
};

// Reads those of the three files that the folder has.
BertTokenizerConfig read_bert_config(const std::string& folder);

// vocab.txt: a token a line, its id the number of the line. Errors (corrupt): invalid UTF-8, no
// unknown token, [CLS] or [SEP].
TokenizerParts read_vocab_txt(std::string_view text, const BertTokenizerConfig& config,
                              std::string where);

}  // namespace firth
