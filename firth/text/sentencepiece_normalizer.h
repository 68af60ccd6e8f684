// SentencePiece's own normalizer: the longest key of its map at each place, user-defined symbols as
// they are, then its way with spaces (one before the text, runs become one, "▁" for each).
//
// Unlike `Precompiled` of tokenizer.json it knows no grapheme clusters and takes the longest key.
// Places are SentencePiece's too: what is put in has the empty place before what follows it, and a
// character that becomes several gives its place to the last of them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "firth/text/chars_map.h"
#include "firth/text/double_array.h"
#include "firth/text/normalizer.h"
#include "firth/text/sentencepiece_model.h"

namespace firth {

class SentencePieceNormalizer : public Normalizer {
 public:
  explicit SentencePieceNormalizer(const SentencePieceModel& model);

  // Of a whole text.
  void normalize(NormalizedText& text) const override;

 private:
  struct Output;

  // What the text begins with, and what becomes of it.
  CharsMap::Match next(std::string_view text) const;

  // Bytes at the beginning of the text that become themselves, none of them a space.
  std::size_t plain_run(std::string_view text) const;

  void put(std::string_view text, Output& output) const;

  SentencePieceModel::Normalizer options_;
  bool suffix_;        // the space goes behind the text
  std::string space_;  // what a space becomes
  std::optional<CharsMap> map_;
  DoubleArray user_defined_;
  std::array<bool, 256> plain_{};  // ASCII bytes that stay, if another ASCII byte follows
};

}  // namespace firth
