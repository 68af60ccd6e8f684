// The scanners of word_pattern.h, inline for the loop of the fast encoder (bpe_encoder.h); others
// call word_length().
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "firth/text/char_category.h"
#include "firth/text/word_pattern.h"

namespace firth {

namespace internal {
// Categories of the bytes below 0x80.
extern const std::array<std::uint8_t, 128> kAsciiCategories;
}  // namespace internal

template <WordPattern P>
class WordScanner {
 public:
  // `end` is the end of the text.
  explicit WordScanner(const char* end) : end_(end) {}

  // The end of the word that begins at p < end.
  const char* next(const char* p) const {
    using enum WordPattern::Contractions;
    const Char c = read(p);
    if constexpr (P.contractions == kLowerCase || P.contractions == kAnyCase) {
      if (*p == '\'') {
        if (const char* const after = contraction(p)) return after;
      }
    }
    if (is_letter(c.category)) return letters(p, c);
    if (c.category == CharCategory::kNumber) return digits(c.end, 1);
    return c.category == CharCategory::kSpace ? after_space(p, c) : after_sign(p, c);
  }

 private:
  struct Char {
    CharCategory category;
    const char* end;  // of the character
  };

  static constexpr CategorySet kLetters =
      P.marks_are_letters ? CategorySet{CharCategory::kUpper,       CharCategory::kLower,
                                        CharCategory::kTitle,       CharCategory::kModifierLetter,
                                        CharCategory::kOtherLetter, CharCategory::kMark}
                          : kLetterCategories;
  // Of the second family: what may begin a word, and what may end it.
  static constexpr CategorySet kHead{CharCategory::kUpper, CharCategory::kTitle,
                                     CharCategory::kModifierLetter, CharCategory::kOtherLetter,
                                     CharCategory::kMark};
  static constexpr CategorySet kTail{CharCategory::kLower, CharCategory::kModifierLetter,
                                     CharCategory::kOtherLetter, CharCategory::kMark};
  static constexpr CategorySet kHeadAndTail{CharCategory::kModifierLetter,
                                            CharCategory::kOtherLetter, CharCategory::kMark};
  static constexpr CategorySet kSigns =
      P.marks_are_letters
          ? CategorySet{CharCategory::kOther, CharCategory::kPunctuation, CharCategory::kSymbol}
          : CategorySet{CharCategory::kOther, CharCategory::kPunctuation, CharCategory::kSymbol,
                        CharCategory::kMark};

  static bool is_letter(CharCategory category) { return kLetters.contains(category); }

  static bool is_line_break(char byte) { return byte == '\n' || byte == '\r'; }

  static Char read(const char* p) {
    const auto byte = static_cast<unsigned char>(*p);
    if (byte < 0x80) {
      return {static_cast<CharCategory>(internal::kAsciiCategories[byte]), p + 1};
    }
    const char32_t c = decode_utf8(p);
    return {char_category(c), p};
  }

  // The end of the run of characters of a set that begins at p.
  const char* skip(const char* p, CategorySet set) const {
    while (p != end_) {
      const Char c = read(p);
      if (!set.contains(c.category)) break;
      p = c.end;
    }
    return p;
  }

  // The end of the contraction at p, where an apostrophe stands; null if there is none.
  const char* contraction(const char* p) const {
    constexpr bool kAnyCase = P.contractions != WordPattern::Contractions::kLowerCase;
    const auto at = [&](std::ptrdiff_t i) {
      const char byte = end_ - p > i ? p[i] : '\0';
      return kAnyCase && byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte;
    };
    const char first = at(1);
    switch (first) {
      case 's':
      case 't':
      case 'm':
      case 'd':
        return p + 2;
      case 'r':
      case 'v':
        return at(2) == 'e' ? p + 3 : nullptr;
      case 'l':
        return at(2) == 'l' ? p + 3 : nullptr;
      default:
        // The long s folds to an s.
        return kAnyCase && first == '\xC5' && at(2) == '\xBF' ? p + 3 : nullptr;
    }
  }

  // From a letter (or a prefix before it).
  const char* letters(const char* p, Char c) const {
    if constexpr (P.split_at_capitals) {
      const char* const end = capital_word(p);
      return end != nullptr ? suffixed(end) : after_sign(p, c);
    } else {
      return skip(c.end, kLetters);
    }
  }

  // head* tail+ | head+ tail*, from p; null if neither fits. The head takes what it can; where no
  // tail follows, it gives back up to its last character that may be one.
  const char* capital_word(const char* p) const {
    const char* last_tail = nullptr;  // behind the head's last character that may end a word
    const char* at = p;
    while (at != end_) {
      const Char c = read(at);
      if (!kHead.contains(c.category)) {
        if (c.category == CharCategory::kLower) return skip(c.end, kTail);
        break;
      }
      at = c.end;
      if (kHeadAndTail.contains(c.category)) last_tail = at;
    }
    if (last_tail != nullptr) return last_tail;
    return at != p ? at : nullptr;
  }

  const char* suffixed(const char* p) const {
    if constexpr (P.contractions == WordPattern::Contractions::kSuffix) {
      if (p != end_ && *p == '\'') {
        if (const char* const after = contraction(p)) return after;
      }
    }
    return p;
  }

  // Letters behind a prefix that ends at p; null if none follow.
  const char* prefixed_letters(const char* p) const {
    if (p == end_) return nullptr;
    const Char c = read(p);
    if constexpr (P.split_at_capitals) {
      if (!kHead.contains(c.category) && c.category != CharCategory::kLower) return nullptr;
      const char* const end = capital_word(p);
      return end != nullptr ? suffixed(end) : nullptr;
    } else {
      return is_letter(c.category) ? skip(c.end, kLetters) : nullptr;
    }
  }

  const char* digits(const char* p, std::size_t count) const {
    while (p != end_ && (P.max_digits == 0 || count < P.max_digits)) {
      const Char c = read(p);
      if (c.category != CharCategory::kNumber) break;
      p = c.end;
      ++count;
    }
    return p;
  }

  // Signs from p on and what may follow them.
  const char* signs(const char* p) const {
    p = skip(p, kSigns);
    if constexpr (P.line_breaks_follow_signs) {
      while (p != end_ && (is_line_break(*p) || (P.slashes_follow_signs && *p == '/'))) ++p;
    }
    return p;
  }

  // A word that begins with the sign c at p.
  const char* after_sign(const char* p, Char c) const {
    if constexpr (P.prefix == WordPattern::Prefix::kAnySign) {
      if constexpr (P.split_at_capitals) {
        if (c.category == CharCategory::kMark) return after_mark(p, c);
      }
      if (const char* const end = prefixed_letters(c.end)) return end;
    }
    return signs(c.end);
  }

  // A mark is a prefix, or the head and tail of a word of its own: before it is a prefix of
  // capitals alone, it is such a word, for that comes first in the expression.
  const char* after_mark(const char* p, Char c) const {
    if (const char* const end = word_with_tail(c.end)) return suffixed(end);
    const char* const end = word_with_tail(p);
    return suffixed(end != nullptr ? end : c.end);
  }

  // head* tail+ alone.
  const char* word_with_tail(const char* p) const {
    const char* last_tail = nullptr;
    while (p != end_) {
      const Char c = read(p);
      if (!kHead.contains(c.category)) {
        if (c.category == CharCategory::kLower) return skip(c.end, kTail);
        break;
      }
      p = c.end;
      if (kHeadAndTail.contains(c.category)) last_tail = p;
    }
    return last_tail;
  }

  // A word that begins with the white space c at p.
  const char* after_space(const char* p, Char c) const {
    const bool is_space = *p == ' ';
    if (is_space && c.end != end_) {
      const Char next = read(c.end);
      if constexpr (!P.split_at_capitals) {
        if (is_letter(next.category)) return skip(next.end, kLetters);
      }
      if constexpr (P.prefix == WordPattern::Prefix::kSpace) {
        if (next.category == CharCategory::kNumber) return digits(next.end, 1);
      }
    }
    if constexpr (P.prefix == WordPattern::Prefix::kAnySign) {
      if (!is_line_break(*p)) {
        if (const char* const end = prefixed_letters(c.end)) return end;
      }
    }
    if (is_space && c.end != end_) {
      const Char next = read(c.end);
      if (kSigns.contains(next.category)) return signs(next.end);
    }
    return white_space(p, c);
  }

  const char* white_space(const char* p, Char c) const {
    const char* line_end = is_line_break(*p) ? c.end : nullptr;  // behind the last line break
    const char* last = p;                                        // the last character
    const char* at = c.end;
    while (at != end_) {
      const Char next = read(at);
      if (next.category != CharCategory::kSpace) break;
      last = at;
      if (is_line_break(*at)) line_end = next.end;
      at = next.end;
    }
    if constexpr (P.trailing_space_whole) {
      if (at == end_) return at;
    }
    if constexpr (P.line_breaks_end_words) {
      if (line_end != nullptr) return line_end;
    }
    // The last one is left to the word that follows.
    return at == end_ || last == p ? at : last;
  }

  const char* end_;
};

}  // namespace firth
