// Unigram (Kudo 2018, arXiv:1804.10959): of all ways to cut a word into pieces of the vocabulary,
// the one with the greatest sum of scores (log probabilities), found by the Viterbi algorithm:
//
//   best(0) = 0,   best(end) = max over pieces word[begin, end) of best(begin) + score(piece)
//
// in double precision, from left to right, the shorter piece first; a later way must be better, not
// equal, to win. A character that is no piece costs the smallest score of the vocabulary less ten
// and is unknown; neighbouring unknown characters are one token. With byte_fallback an unknown
// token becomes its bytes <0x00> … <0xFF>, where the vocabulary has them all.
//
// A word costs its length times that of the longest piece.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "firth/text/double_array.h"
#include "firth/text/token_model.h"

namespace firth {

struct UnigramPiece {
  std::string_view text;
  double score = 0;
  bool in_text = true;  // may be found in a text
};

struct UnigramOptions {
  std::optional<std::int32_t> unk_id = std::nullopt;
  bool byte_fallback = false;
  // SentencePiece's arithmetic: the sums of scores are kept in single precision, and unknown
  // characters are never looked up together. Which of two ways of all but equal score wins depends
  // on it.
  bool single_precision = false;
  std::optional<double> unknown_score = std::nullopt;  // default: the smallest score less ten
};

class Unigram : public TokenModel {
 public:
  // Pieces by id; of one that occurs twice the last counts. Errors (corrupt): unk_id is no id.
  Unigram(const std::vector<UnigramPiece>& pieces, const UnigramOptions& options,
          const std::string& where);

  void tokenize(std::string_view word, std::vector<ModelToken>& tokens) const override;
  void append_ids(std::string_view word, State& state,
                  std::vector<std::int32_t>& ids) const override;
  void append_ids(std::span<const std::string_view> words, State& state,
                  std::vector<std::int32_t>& ids) const override;
  std::unique_ptr<State> make_state() const override;

  // Unknown tokens are shown as the text has them.
  std::string_view spelling(const ModelToken& token, std::string_view word) const override;

  const Vocabulary& vocabulary() const override { return vocabulary_; }

  std::optional<std::int32_t> unknown_id() const override { return options_.unk_id; }

 private:
  class Lattice;
  struct WordState;

  // on_token(id, begin, end) for each token of the word.
  template <class OnToken>
  void split(std::string_view word, Lattice& lattice, OnToken&& on_token) const;

  void find_best(std::string_view word, Lattice& lattice) const;

  template <class Sum>
  void reach_all(std::string_view word, Lattice& lattice) const;

  template <class OnToken>
  void put_unknown(std::string_view word, std::size_t begin, std::size_t end,
                   OnToken&& on_token) const;

  UnigramOptions options_;
  Vocabulary vocabulary_;
  std::vector<double> scores_;  // by id
  double unknown_score_ = 0;
  std::array<std::int32_t, 256> byte_ids_{};  // of <0x00> …, -1 = none
  DoubleArray trie_;
};

std::unique_ptr<const TokenModel> make_unigram(const Json& spec);

}  // namespace firth
