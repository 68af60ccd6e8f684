// SentencePiece's models other than Unigram. BPE: a text is cut into characters and user-defined
// symbols, and of all neighbours that are a piece together those of the greatest score are joined,
// the leftmost first; user-defined symbols are never joined. An unused piece serves to build others
// and is taken apart again at the end. CHAR does not join at all, WORD looks up what lies between
// spaces.
#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "firth/text/double_array.h"
#include "firth/text/merge_table.h"
#include "firth/text/sentencepiece_model.h"
#include "firth/text/token_model.h"

namespace firth {

class SentencePieceSymbols : public TokenModel {
 public:
  explicit SentencePieceSymbols(const SentencePieceModel& model);

  void tokenize(std::string_view text, std::vector<ModelToken>& tokens) const override;
  void append_ids(std::string_view text, State& state,
                  std::vector<std::int32_t>& ids) const override;
  std::unique_ptr<State> make_state() const override;

  // Unknown tokens are shown as the text has them.
  std::string_view spelling(const ModelToken& token, std::string_view text) const override;

  const Vocabulary& vocabulary() const override { return vocabulary_; }

  std::optional<std::int32_t> unknown_id() const override { return unk_id_; }

 private:
  class Joiner;
  struct OwnState;

  void read_pieces(const SentencePieceModel& model);
  void find_merges(const SentencePieceModel& model);
  void find_seams(const SentencePieceModel& model);

  // Where the part ends that begins at `begin` and that what follows does not influence.
  std::size_t segment_end(std::string_view text, std::size_t begin) const;

  // Of the longest user-defined symbol that the text begins with; its id.
  std::size_t symbol_length(std::string_view text, std::int32_t& id) const;

  void add_symbols(std::string_view segment, Joiner& joiner) const;

  // Appends the tokens of a segment that begins at `offset` of its text.
  void append_tokens(std::string_view segment, std::size_t offset, Joiner& joiner,
                     std::vector<ModelToken>& tokens) const;
  void append_token(std::string_view bytes, const ModelToken& token,
                    std::vector<ModelToken>& tokens) const;

  SentencePieceModel::Type type_;
  Vocabulary vocabulary_;
  std::int32_t unk_id_ = 0;
  bool byte_fallback_ = false;
  std::array<std::int32_t, 256> byte_ids_{};
  // Ids of pieces that occur in texts; characters that only occur in longer pieces have ids behind
  // the vocabulary's.
  std::unordered_map<std::string_view, std::int32_t> symbol_ids_;
  std::vector<std::string> spellings_;  // what symbol_ids_ points into
  MergeTable merges_;                   // its ranks mean nothing here
  std::vector<std::uint32_t> order_;    // by id: the place of its score, the greatest first
  std::vector<bool> is_unused_;         // by id
  bool has_unused_ = false;
  DoubleArray user_defined_;
  std::array<bool, 256> begins_symbol_{};  // bytes that a user-defined symbol begins with
  bool cuts_before_space_ = false;         // no piece has "▁" behind something else
  bool cuts_behind_space_ = false;         // no piece has something else behind "▁"
};

}  // namespace firth
