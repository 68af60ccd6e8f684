// Learns byte pair encoding (Sennrich et al. 2016, arXiv:1508.07909) from counted words, with the
// result of Hugging Face `tokenizers`: words begin as characters, and the pair of neighbours that
// occurs most often becomes a token, again and again; of pairs as frequent the one with the lower
// ids, the left one first.
//
// The merges follow from that alone. What follows from the order of a hash table in the reference
// is settled here: characters as frequent as each other are kept by their code points where
// `limit_alphabet` cuts between them, and characters with a prefix or a suffix get their ids as
// they come when the words are read in the order of their bytes. Counts have 64 bits where the
// reference's pairs overflow at 2^31.
#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "firth/text/training.h"
#include "firth/text/word_counts.h"

namespace firth {

// Names and defaults are those of `tokenizers`.
struct BpeTrainerOptions {
  std::size_t vocab_size = 30000;
  std::size_t min_frequency = 0;
  std::vector<std::string> special_tokens = {};
  std::optional<std::size_t> limit_alphabet = {};
  std::string initial_alphabet = {};
  std::string continuing_subword_prefix = {};
  std::string end_of_word_suffix = {};
  std::optional<std::size_t> max_token_length = {};
};

template <typename O, typename Visit>
requires std::same_as<std::remove_const_t<O>, BpeTrainerOptions>

void for_each_field(O& o, Visit&& visit) {
  visit("vocab_size", o.vocab_size, "tokens to have in the end, special ones and characters too");
  visit("min_frequency", o.min_frequency, "occurrences that a pair must have to become a token");
  visit("special_tokens", o.special_tokens, "tokens that get the first ids, in this order");
  visit("limit_alphabet", o.limit_alphabet, "characters to keep, the most frequent ones");
  visit("initial_alphabet", o.initial_alphabet, "characters to have whether they occur or not");
  visit("continuing_subword_prefix", o.continuing_subword_prefix,
        "put before tokens that continue a word");
  visit("end_of_word_suffix", o.end_of_word_suffix, "put behind tokens that end a word");
  visit("max_token_length", o.max_token_length, "tokens stay shorter than so many characters");
}

struct LearnedBpe {
  std::vector<std::string> tokens;                            // by id
  std::vector<std::pair<std::int32_t, std::int32_t>> merges;  // by rank
};

// Words are distinct and in one order for one text (WordCounts::sorted).
LearnedBpe train_bpe(std::span<const WordCount> words, const BpeTrainerOptions& options,
                     const TrainingProgress& progress = {});

}  // namespace firth
