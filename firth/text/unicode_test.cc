#include "firth/text/unicode.h"

#include <gtest/gtest.h>

#include <vector>

namespace firth {
namespace {

TEST(Unicode, ReplacesIllFormedSequencesAsRustDoes) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", ""},
      {"a", "a"},
      {"日本 😀", "日本 😀"},
      {"\xFF", "\uFFFD"},
      {"a\x80z", "a\uFFFDz"},
      {"\xC0\xAF", "\uFFFD\uFFFD"},                      // an overlong '/'
      {"\xE2\x82", "\uFFFD"},                            // cut short
      {"\xE2\x28\xA1", "\uFFFD(\uFFFD"},                 // a second byte that is none
      {"\xF0\x9F\x98z", "\uFFFDz"},                      // three bytes of four
      {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},            // a surrogate
      {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},  // beyond U+10FFFF
      {"\xF0\x80\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},  // overlong
      {std::string("a\0b", 3), std::string("a\0b", 3)},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(replace_invalid_utf8(text), expected);
    EXPECT_TRUE(is_valid_utf8(expected));
    EXPECT_EQ(is_valid_utf8(text), text == expected);
  }
}

TEST(Unicode, DecodesWhatItEncodes) {
  for (char32_t c = 0; c < 0x110000; c = c == 0xD7FF ? 0xE000 : c + 1) {
    std::string text;
    append_utf8(c, text);
    ASSERT_EQ(text.size(), utf8_length(c));
    ASSERT_EQ(last_char("x" + text), c);
    const char* p = text.data();
    ASSERT_EQ(decode_utf8(p), c);
    ASSERT_EQ(p, text.data() + text.size());
  }
}

TEST(Unicode, NamesScripts) {
  EXPECT_EQ(script_name(U'a'), "Latin");
  EXPECT_EQ(script_name(U'語'), "Han");
  EXPECT_EQ(script_name(U'я'), "Cyrillic");
  EXPECT_EQ(script_name(U'7'), "Common");
  EXPECT_EQ(script_name(0x10FFFF), "Unknown");
  EXPECT_EQ(script_name(0), "Common");
}

TEST(Unicode, LowersDottedCapitalIToTwoCharacters) {
  EXPECT_EQ(lower_case(0x130).first, U'i');
  EXPECT_EQ(lower_case(0x130).second, char32_t{0x307});
  EXPECT_EQ(lower_case(U'Σ').first, U'σ');
  EXPECT_EQ(lower_case(U'ẞ').first, U'ß');
  EXPECT_EQ(lower_case(0x10400).first, char32_t{0x10428});
}

}  // namespace
}  // namespace firth
