// Unicode normalization forms (UAX #15) that report, for every character of the result, how it
// came about, so that offsets into the original text survive. Tables: those of the reference
// (Unicode 9 as far as decomposition and composition go).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "firth/text/unicode.h"

namespace firth {

enum class NormalizationForm : std::uint8_t { kNfd, kNfc, kNfkd, kNfkc };

// A character of a new text and its relation to the old one, read from left to right:
//    0   it stands for the next old character
//    1   it is new and belongs to the old character before
//   -n   it stands for the next old character and swallows the n that follow
struct CharChange {
  char32_t character;
  std::int32_t change;
};

// `text` is valid UTF-8; the result is appended to `out`. Time is linear but for runs of combining
// marks, which are sorted.
void normalize_unicode(std::string_view text, NormalizationForm form, std::vector<CharChange>& out);

// True for most texts that the form leaves as they are, at a fraction of the price of seeing for
// oneself; false where it might not. `text` is valid UTF-8.
bool is_surely_normalized(std::string_view text, NormalizationForm form);

// f(character) for each character of the full decomposition of c.
template <class F>
void decompose(char32_t c, bool compatible, F&& f);

// The composite of two characters; 0 if there is none.
char32_t compose(char32_t first, char32_t second);

// Hangul syllables are arithmetic (The Unicode Standard, section 3.12).
namespace hangul {
inline constexpr char32_t kSyllable = 0xAC00, kLead = 0x1100, kVowel = 0x1161, kTail = 0x11A7;
inline constexpr char32_t kNumLeads = 19, kNumVowels = 21, kNumTails = 28;
inline constexpr char32_t kNumSyllables = kNumLeads * kNumVowels * kNumTails;
}  // namespace hangul

template <class F>
void decompose(char32_t c, bool compatible, F&& f) {
  using internal::Decomposition;
  using internal::kTableBlock;
  if (c < 0x80) {
    f(c);
  } else if (c - hangul::kSyllable < hangul::kNumSyllables) {
    const char32_t index = c - hangul::kSyllable;
    f(hangul::kLead + index / (hangul::kNumVowels * hangul::kNumTails));
    f(hangul::kVowel + index / hangul::kNumTails % hangul::kNumVowels);
    if (index % hangul::kNumTails != 0) {
      f(hangul::kTail + index % hangul::kNumTails);
    }
  } else {
    const std::size_t block = internal::kDecompositionStage1[c / kTableBlock];
    const Decomposition& d =
        internal::kDecompositions[internal::kDecompositionStage2[block * kTableBlock +
                                                                 c % kTableBlock]];
    const bool use_compatible = compatible && d.compatible_length != 0;
    const char32_t* data =
        internal::kDecompositionData + d.offset + (use_compatible ? d.canonical_length : 0);
    const std::size_t length = use_compatible ? d.compatible_length : d.canonical_length;
    if (length == 0) {
      f(c);
    }
    for (std::size_t i = 0; i < length; ++i) {
      f(data[i]);
    }
  }
}

}  // namespace firth
