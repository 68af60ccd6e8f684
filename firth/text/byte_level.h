// Byte-level tokenizers (GPT-2, Radford et al. 2019): every byte of the text is spelled as a
// printable character, so that a vocabulary of characters covers any text. The bytes that print in
// Latin-1 stand for themselves, the other 68 for U+0100 and on; a space is Ġ (U+0120).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "firth/io/json.h"
#include "firth/text/decoder.h"
#include "firth/text/pre_tokenizer.h"
#include "firth/text/text_pattern.h"

namespace firth {

// The character that stands for a byte, and back; nullopt for characters that stand for none.
char32_t byte_character(std::uint8_t byte);
std::optional<std::uint8_t> character_byte(char32_t c);

// The bytes that a spelling stands for; nullopt if it holds a character that stands for none.
std::optional<std::string> spelled_bytes(std::string_view spelling);

// The inverse.
std::string spell_bytes(std::string_view bytes);

struct ByteLevelOptions {
  bool add_prefix_space = true;
  bool trim_offsets = true;  // of the post-processor
  bool use_regex = true;     // cut by GPT-2's expression first
};

ByteLevelOptions read_byte_level_options(const Json& spec);

class ByteLevelPreTokenizer : public PreTokenizer {
 public:
  explicit ByteLevelPreTokenizer(const ByteLevelOptions& options) : options_(options) {}

  void pre_tokenize(PreTokenizedText& text) const override;

  const ByteLevelOptions& options() const { return options_; }

 private:
  ByteLevelOptions options_;
};

// Cuts at a pattern.
class SplitPreTokenizer : public PreTokenizer {
 public:
  SplitPreTokenizer(TextPattern pattern, SplitBehavior behavior, bool invert)
      : pattern_(std::move(pattern)), behavior_(behavior), invert_(invert) {}

  void pre_tokenize(PreTokenizedText& text) const override;

  const TextPattern& pattern() const { return pattern_; }

  // Whether every match becomes a piece of its own, and nothing is lost if matches cover the text.
  bool isolates_matches() const;

 private:
  TextPattern pattern_;
  SplitBehavior behavior_;
  bool invert_;
};

// Words of a published expression, spelled as bytes: what most byte-level tokenizers have.
struct ByteWords {
  WordPattern pattern;
  bool add_prefix_space = false;  // where the text does not begin with one
};

// nullopt for other pre-tokenizers; null is another one.
std::optional<ByteWords> byte_words_of(const PreTokenizer* pre_tokenizer);

// Joins the bytes of all tokens; a token that is no spelling of bytes stands for its own. What is
// not valid UTF-8 then becomes U+FFFD.
class ByteLevelDecoder : public Decoder {
 public:
  void decode(std::vector<std::string>& tokens) const override;
};

// Of BPE with a suffix at the end of words: a space for each suffix, but none for the last token's.
class BpeDecoder : public Decoder {
 public:
  explicit BpeDecoder(std::string suffix) : suffix_(std::move(suffix)) {}

  void decode(std::vector<std::string>& tokens) const override;

 private:
  std::string suffix_;
};

}  // namespace firth
