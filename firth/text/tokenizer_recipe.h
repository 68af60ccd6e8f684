// What stands around the model of a tokenizer.json, as JSON: normalizer, pre-tokenizer,
// post-processor and decoder. A recipe comes from a preset, from names ("nfkc,lowercase"), or from
// a tokenizer that there is already.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firth/io/json.h"
#include "firth/text/added_tokens.h"

namespace firth {

struct TokenizerRecipe {
  // As in tokenizer.json; "null" = none.
  std::string normalizer = "null";
  std::string pre_tokenizer = "null";
  std::string post_processor = "null";  // its ids are put in when the vocabulary is there
  std::string decoder = "null";

  // How special tokens are looked for, by their content; others get the flags of special tokens.
  std::vector<AddedToken> added_tokens = {};

  // Of the model; those that its kind does not have are left out.
  std::string model_type;  // of a tokenizer that there was: "BPE", "WordPiece", …
  std::string unk_token;   // "" = none
  std::string continuing_subword_prefix;
  std::string end_of_word_suffix;
  bool fuse_unk = false;
  bool byte_fallback = false;
  bool ignore_merges = false;
  std::size_t max_input_chars_per_word = 100;
};

// How well-known tokenizers cut texts into words: a normalizer and a pre-tokenizer.
//   byte-level  GPT-2: words by its expression, spelled as bytes
//   bert        BERT: lower case without accents; words and signs
//   metaspace   SentencePiece: NFKC; words begin with ▁, which stands for a space
//   whitespace  words and runs of other signs
//   none        each text is one word
std::vector<std::string_view> recipe_names();

// Errors: invalid_argument lists them.
TokenizerRecipe preset_recipe(std::string_view name);

// The parts of a tokenizer.json. Of its added tokens those that are special; with a Unigram model
// all of them, for they may be pieces.
TokenizerRecipe read_recipe(const Json& tokenizer);

// A normalizer or a pre-tokenizer by names with commas between, run in this order, or a JSON object
// as in tokenizer.json. "none" is none. Errors: invalid_argument, also for parts that cannot be
// made.
std::string normalizer_json(std::string_view names);
std::string pre_tokenizer_json(std::string_view names);

// Whether texts become bytes spelled as characters, whose whole alphabet a vocabulary should have.
bool is_byte_level(const TokenizerRecipe& recipe);

// The 256 characters that stand for bytes.
std::string byte_alphabet();

}  // namespace firth
