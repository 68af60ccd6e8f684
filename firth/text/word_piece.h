// WordPiece (Schuster and Nakajima 2012, as in Google's BERT): the longest token of the vocabulary
// that the word begins with, then the longest that continues it, spelled there with a prefix
// ("##"), and so on. A word that cannot be covered, or is longer than a limit, is unknown as a
// whole. A walk down a trie finds each token, so that a word costs at most its length times that of
// the longest token.
#pragma once

#include "firth/text/byte_trie.h"
#include "firth/text/token_model.h"

namespace firth {

struct WordPieceOptions {
  std::string unk_token = "[UNK]";
  std::string continuing_subword_prefix = "##";
  std::size_t max_input_chars_per_word = 100;
};

class WordPiece : public TokenModel {
 public:
  WordPiece(Vocabulary vocabulary, const WordPieceOptions& options);

  void tokenize(std::string_view word, std::vector<ModelToken>& tokens) const override;

  const Vocabulary& vocabulary() const override { return vocabulary_; }

  std::optional<std::int32_t> unknown_id() const override { return unknown_id_; }

  const WordPieceOptions& options() const { return options_; }

  // The pieces of a word within the length limit; false (and `tokens` as before) if it cannot be
  // covered.
  bool cover(std::string_view word, std::vector<ModelToken>& tokens) const;

 private:
  WordPieceOptions options_;
  Vocabulary vocabulary_;
  std::optional<std::int32_t> unknown_id_;
  ByteTrie trie_;
  ByteTrie::Node continuation_ = ByteTrie::kRoot;  // behind the prefix
};

}  // namespace firth
