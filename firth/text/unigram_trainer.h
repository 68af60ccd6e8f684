// Learns a Unigram model (Kudo 2018, arXiv:1804.10959, section 3.2) from counted words, with the
// steps of Hugging Face `tokenizers`: pieces are at first all characters and the substrings that
// repeat most (occurrences times length); then, again and again, expectation and maximization of
// their probabilities, and the pieces whose loss costs the likelihood least go, until a tenth more
// are left than are wanted.
//
//   E   c(x) = Σ_words count(word) P(x is a piece of word)      over all ways to cut the word
//   M   score(x) = ψ(c(x)) - ψ(Σ c)      ψ: digamma, a sparse prior; pieces with c < 0.5 go
//
// Counts are summed in fixed point, so that the result is the same at any number of threads. The
// reference's follows the order of a hash table in its last digits. We cut words by probabilities
// instead of their logarithms, which are needed only where a word is so long that those would be 0.
#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "firth/core/thread_pool.h"
#include "firth/text/training.h"
#include "firth/text/word_counts.h"

namespace firth {

// Names and defaults are those of `tokenizers`.
struct UnigramTrainerOptions {
  std::size_t vocab_size = 8000;
  std::vector<std::string> special_tokens = {};
  std::string initial_alphabet = {};
  double shrinking_factor = 0.75;
  std::string unk_token = {};
  std::size_t max_piece_length = 16;
  std::size_t n_sub_iterations = 2;
  std::size_t seed_size = 1000000;
};

template <typename O, typename Visit>
requires std::same_as<std::remove_const_t<O>, UnigramTrainerOptions>

void for_each_field(O& o, Visit&& visit) {
  visit("vocab_size", o.vocab_size, "tokens to have in the end, special ones and characters too");
  visit("special_tokens", o.special_tokens, "tokens that get the first ids, in this order");
  visit("initial_alphabet", o.initial_alphabet, "characters to have whether they occur or not");
  visit("unk_token", o.unk_token, "the token that stands for what is not known");
  visit("shrinking_factor", o.shrinking_factor, "share of the pieces that a round keeps");
  visit("max_piece_length", o.max_piece_length, "characters that a piece may have");
  visit("n_sub_iterations", o.n_sub_iterations, "rounds of expectation between two cuts");
  visit("seed_size", o.seed_size, "pieces to begin with");
}

struct LearnedUnigram {
  std::vector<std::pair<std::string, double>> pieces;  // with their scores, by id
  std::optional<std::size_t> unk_id;
};

// Errors: invalid_argument for a vocabulary smaller than the characters and the special tokens, and
// for options out of their range.
LearnedUnigram train_unigram(std::span<const WordCount> words, const UnigramTrainerOptions& options,
                             ThreadPool& pool, const TrainingProgress& progress = {});

}  // namespace firth
