// Characters as the reference tokenizers see them: UTF-8, categories, case, scripts. The tables
// are those of Hugging Face tokenizers (scripts/make_unicode_tables.py), which mix several Unicode
// versions; where they differ from the newest one, they decide, since ids must be equal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "firth/io/utf8.h"
#include "firth/text/unicode_tables.h"

namespace firth {

enum CharFlag : std::uint8_t {
  kWhitespace = 1,       // White_Space
  kPunctuation = 2,      // ASCII punctuation (signs like $ and + too) or category P*
  kNumeric = 4,          // categories Nd, Nl, No
  kWordChar = 8,         // \w: letters, marks, digits, connector punctuation, joiners
  kCleanedAway = 16,     // what BERT's clean_text removes: U+FFFD, C* but not \t, \n, \r
  kNonspacingMark = 32,  // Mn, of characters that have no canonical decomposition
  kCombiningMark = 64,   // Mn, Mc, Me
};

inline const internal::CodePointRecord& code_point_record(char32_t c) {
  const std::size_t block = internal::kPropertyStage1[c / internal::kTableBlock];
  return internal::kCodePointRecords[internal::kPropertyStage2[block * internal::kTableBlock +
                                                               c % internal::kTableBlock]];
}

inline bool has_flag(char32_t c, CharFlag flag) {
  return (code_point_record(c).flags & flag) != 0;
}

inline bool is_whitespace(char32_t c) {
  return has_flag(c, kWhitespace);
}

// The lower case of a character, which is one character but for U+0130: that becomes two.
struct LowerCase {
  char32_t first;
  char32_t second = 0;  // 0 = none
};

inline LowerCase lower_case(char32_t c) {
  if (c == 0x130) {
    return {U'i', 0x307};
  }
  return {static_cast<char32_t>(static_cast<std::int64_t>(c) + code_point_record(c).lower_delta)};
}

// The Unicode script's name ("Latin", "Han", "Common"), "Unknown" for what is unassigned.
std::string_view script_name(char32_t c);

// UTF-8 that firth/io/utf8.h finds valid.

// Bytes of the character that begins with this byte, in valid text.
inline std::size_t utf8_length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

inline std::size_t utf8_length(char32_t c) {
  return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

// The character at `p`, in valid text; moves p behind it.
inline char32_t decode_utf8(const char*& p) {
  const auto byte = [&](int i) { return static_cast<char32_t>(static_cast<unsigned char>(p[i])); };
  const std::size_t length = utf8_length(*p);
  char32_t c = byte(0);
  if (length == 2) {
    c = (c & 0x1F) << 6 | (byte(1) & 0x3F);
  } else if (length == 3) {
    c = (c & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
  } else if (length == 4) {
    c = (c & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  }
  p += length;
  return c;
}

// Writes the character's bytes to `out`, which has room for four; returns their number.
std::size_t encode_utf8(char32_t c, char* out);

void append_utf8(char32_t c, std::string& out);

// The last character of valid, non-empty text.
char32_t last_char(std::string_view text);

// f(character, begin, end): begin and end are byte positions in valid text.
template <class F>
void for_each_char(std::string_view text, F&& f) {
  const char* const start = text.data();
  for (const char* p = start; p != start + text.size();) {
    const auto begin = static_cast<std::size_t>(p - start);
    const char32_t c = decode_utf8(p);
    f(c, begin, static_cast<std::size_t>(p - start));
  }
}

}  // namespace firth
