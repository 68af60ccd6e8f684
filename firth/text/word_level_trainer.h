// The vocabulary of a tokenizer whose tokens are whole words: the most frequent words, those as
// frequent as each other in the order of their bytes.
//
// A word that is spelled as a special token takes the token's id from it, as in Hugging Face
// `tokenizers`: the special token then has the word's id, and its first one stays free.
#pragma once

#include <concepts>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "firth/text/training.h"
#include "firth/text/word_counts.h"

namespace firth {

// Names and defaults are those of `tokenizers`.
struct WordLevelTrainerOptions {
  std::size_t vocab_size = 30000;
  std::size_t min_frequency = 0;
  std::vector<std::string> special_tokens = {};
};

template <typename O, typename Visit>
requires std::same_as<std::remove_const_t<O>, WordLevelTrainerOptions>

void for_each_field(O& o, Visit&& visit) {
  visit("vocab_size", o.vocab_size, "tokens to have in the end, special ones too");
  visit("min_frequency", o.min_frequency, "occurrences that a word must have to become a token");
  visit("special_tokens", o.special_tokens, "tokens that get the first ids, in this order");
}

// Tokens in the order of their ids.
std::vector<TokenId> train_word_level(std::span<const WordCount> words,
                                      const WordLevelTrainerOptions& options);

}  // namespace firth
