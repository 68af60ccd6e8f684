// The regular expressions by which published byte-level tokenizers cut text into words, as
// hand-written scanners. Each runs in time linear in the text, whatever the text: a scanner looks
// at every character a bounded number of times, where the expression would have a general engine go
// back. They are recognised by their exact spelling (find_word_pattern); firth/text/regex.h serves
// all others.
//
// The expressions come in two families. The first is
//
//   'contraction | [prefix]? letters+ | digits{1,n} | ?others+ [\r\n]* | \s*[\r\n]+ | \s+(?!\S) |
//   \s+
//
// (GPT-2, cl100k, Llama 3, Qwen), the second splits words at capitals too (o200k, Tekken). Every
// character belongs to some word: the words cover the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace firth {

// What the scanners can be asked for. A structural type: word_scanner.h is instantiated for each of
// the published combinations.
struct WordPattern {
  enum class Contractions : std::uint8_t {
    kNone,
    kLowerCase,  // 's 't 're 've 'm 'll 'd, words of their own
    kAnyCase,    // the same in any case (U+017F is an s)
    kSuffix,     // in any case, at the end of the word before
  };

  // What may stand before letters and belong to their word.
  enum class Prefix : std::uint8_t {
    kSpace,    // a space; also before digits
    kAnySign,  // a character that is no letter, digit or line break
  };

  Contractions contractions = Contractions::kLowerCase;
  Prefix prefix = Prefix::kSpace;
  bool marks_are_letters = false;
  bool split_at_capitals = false;  // the second family
  std::uint8_t max_digits = 0;     // 0 = any number of them
  bool line_breaks_follow_signs = false;
  bool slashes_follow_signs = false;   // and slashes among those line breaks
  bool line_breaks_end_words = false;  // \s*[\r\n]+
  bool trailing_space_whole = false;   // \s++$ comes first: white space at the end is one word

  friend bool operator==(const WordPattern&, const WordPattern&) = default;
};

inline constexpr WordPattern kGpt2Pattern{};

inline constexpr WordPattern kCl100kPattern{.contractions = WordPattern::Contractions::kAnyCase,
                                            .prefix = WordPattern::Prefix::kAnySign,
                                            .max_digits = 3,
                                            .line_breaks_follow_signs = true,
                                            .line_breaks_end_words = true};

inline constexpr WordPattern kQwen2Pattern{.contractions = WordPattern::Contractions::kAnyCase,
                                           .prefix = WordPattern::Prefix::kAnySign,
                                           .max_digits = 1,
                                           .line_breaks_follow_signs = true,
                                           .line_breaks_end_words = true};

// Qwen 3.5: combining marks are part of words.
inline constexpr WordPattern kQwenMarksPattern{.contractions = WordPattern::Contractions::kAnyCase,
                                               .prefix = WordPattern::Prefix::kAnySign,
                                               .marks_are_letters = true,
                                               .max_digits = 1,
                                               .line_breaks_follow_signs = true,
                                               .line_breaks_end_words = true};

// cl100k as tiktoken spells it since its version 0.8, to which white space at the end is one word.
inline constexpr WordPattern kTiktokenCl100kPattern{
    .contractions = WordPattern::Contractions::kAnyCase,
    .prefix = WordPattern::Prefix::kAnySign,
    .max_digits = 3,
    .line_breaks_follow_signs = true,
    .line_breaks_end_words = true,
    .trailing_space_whole = true};

inline constexpr WordPattern kO200kPattern{.contractions = WordPattern::Contractions::kSuffix,
                                           .prefix = WordPattern::Prefix::kAnySign,
                                           .split_at_capitals = true,
                                           .max_digits = 3,
                                           .line_breaks_follow_signs = true,
                                           .slashes_follow_signs = true,
                                           .line_breaks_end_words = true};

// Mistral's.
inline constexpr WordPattern kTekkenPattern{.contractions = WordPattern::Contractions::kNone,
                                            .prefix = WordPattern::Prefix::kAnySign,
                                            .split_at_capitals = true,
                                            .max_digits = 1,
                                            .line_breaks_follow_signs = true,
                                            .slashes_follow_signs = true,
                                            .line_breaks_end_words = true};

// The pattern that an expression (Oniguruma's syntax) is, if it is a published one.
std::optional<WordPattern> find_word_pattern(std::string_view expression);

// Bytes of the word that begins at byte `begin` of valid text, begin < text.size().
std::size_t word_length(const WordPattern& pattern, std::string_view text, std::size_t begin);

// Calls f with a tag whose pattern() is the pattern, one of those above.
template <class F>
decltype(auto) with_word_pattern(const WordPattern& pattern, F&& f);

template <WordPattern P>
struct WordPatternTag {
  static constexpr WordPattern pattern() { return P; }
};

template <class F>
decltype(auto) with_word_pattern(const WordPattern& pattern, F&& f) {
  if (pattern == kCl100kPattern) return f(WordPatternTag<kCl100kPattern>{});
  if (pattern == kQwen2Pattern) return f(WordPatternTag<kQwen2Pattern>{});
  if (pattern == kQwenMarksPattern) return f(WordPatternTag<kQwenMarksPattern>{});
  if (pattern == kTiktokenCl100kPattern) return f(WordPatternTag<kTiktokenCl100kPattern>{});
  if (pattern == kO200kPattern) return f(WordPatternTag<kO200kPattern>{});
  if (pattern == kTekkenPattern) return f(WordPatternTag<kTekkenPattern>{});
  return f(WordPatternTag<kGpt2Pattern>{});
}

}  // namespace firth
