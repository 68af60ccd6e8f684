// Byte pair encoding (Sennrich et al. 2016; on bytes: Radford et al. 2019): a word is cut into
// characters, and the pair of neighbours that stands first in the list of merges is joined, until
// none is left. What the vocabulary lacks becomes bytes (<0x..>, as in SentencePiece) or the
// unknown token, or is left out where there is none.
//
// `dropout` is of use in training alone: here it is checked and not applied. (The reference draws
// at random wherever a file states it, so that no two runs agree.)
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firth/text/merge_table.h"
#include "firth/text/token_model.h"
#include "firth/text/word_cache.h"

namespace firth {

struct BpeOptions {
  std::optional<std::string> unk_token{};
  std::string continuing_subword_prefix{};  // before every character but a word's first
  std::string end_of_word_suffix{};         // behind the last
  bool fuse_unk = false;                    // unknown characters in a row are one token
  bool byte_fallback = false;               // they are bytes, if the vocabulary has those
  bool ignore_merges = false;               // a word that is a token is that token
};

class Bpe : public TokenModel {
 public:
  class State : public TokenModel::State {
   public:
    SymbolMerger merger;
    std::vector<std::uint32_t> lengths;  // of the merger's symbols, in bytes
    WordCache cache;
  };

  Bpe(Vocabulary vocabulary, MergeTable merges, BpeOptions options);

  // The `model` of a tokenizer.json. Errors: corrupt for merges of tokens that the vocabulary
  // lacks.
  static std::unique_ptr<const Bpe> read(const Json& spec);

  void tokenize(std::string_view word, std::vector<ModelToken>& tokens) const override;
  void append_ids(std::string_view word, TokenModel::State& state,
                  std::vector<std::int32_t>& ids) const override;
  std::unique_ptr<TokenModel::State> make_state() const override;

  const Vocabulary& vocabulary() const override { return vocabulary_; }

  std::optional<std::int32_t> unknown_id() const override { return unknown_id_; }

  const MergeTable& merges() const { return merges_; }

  const BpeOptions& options() const { return options_; }

 private:
  // The symbols of a word before any merge.
  void start(std::string_view word, State& state) const;
  std::optional<std::int32_t> find_symbol(std::string_view character, bool first, bool last,
                                          std::string& spelling) const;
  bool start_bytes(std::string_view spelling, State& state) const;
  void append_part(std::string_view part, State& state, std::vector<std::int32_t>& ids) const;
  std::size_t cut(std::string_view word, std::size_t begin) const;
  void find_seams();

  Vocabulary vocabulary_;
  MergeTable merges_;
  BpeOptions options_;
  std::optional<std::int32_t> unknown_id_;
  std::array<std::int32_t, 256> byte_ids_{};  // of <0x00>…; -1 = none
  std::vector<std::int32_t> character_ids_;   // of tokens of one character below U+10000; -1 = none
  // Whether no merge joins a character other than ▁ with a ▁ behind it: then a word may be cut
  // there, and its parts be looked up in the cache.
  bool cuts_before_space_ = false;
};

// merges.txt: a pair a line, "#version" first. `where` is what errors name.
MergeTable read_merges_txt(std::string_view text, const Vocabulary& vocabulary,
                           const std::string& where);

}  // namespace firth
