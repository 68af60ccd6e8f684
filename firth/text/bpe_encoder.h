// Byte-level BPE in one pass over the bytes, for callers that want ids only: a scanner finds the
// next word in the text as it is (word_scanner.h), a cache knows most words (word_cache.h), the
// others are merged byte by byte. Nothing is spelled in GPT-2's alphabet, no place is followed.
//
// It serves tokenizers whose pre-tokenizer is a published pattern and ByteLevel, and whose
// vocabulary has every byte; the result is that of the parts in turn.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "firth/text/bpe.h"
#include "firth/text/pre_tokenizer.h"
#include "firth/text/word_pattern.h"

namespace firth {

class BpeEncoder {
 public:
  // Null if the parts are others than those above. The model must outlive the encoder.
  static std::unique_ptr<const BpeEncoder> make(const PreTokenizer* pre_tokenizer,
                                                const TokenModel& model);

  // Appends the ids of valid, normalized text that holds no added tokens.
  void encode(std::string_view text, Bpe::State& state, std::vector<std::int32_t>& ids) const;

 private:
  BpeEncoder(const Bpe& model, const WordPattern& pattern, bool add_prefix_space)
      : model_(model), pattern_(pattern), add_prefix_space_(add_prefix_space) {}

  template <WordPattern P>
  void encode_words(std::string_view text, Bpe::State& state, std::vector<std::int32_t>& ids) const;
  void split_word(std::string_view word, Bpe::State& state, std::vector<std::int32_t>& ids) const;

  const Bpe& model_;
  WordPattern pattern_;
  bool add_prefix_space_;
  std::array<std::int32_t, 256> byte_ids_{};
  std::vector<MergeTable::Found> byte_pairs_;  // by 256 * first + second
};

}  // namespace firth
