#include "firth/io/utf8.h"

#include <gtest/gtest.h>

namespace firth {
namespace {

// Expected as Python's bytes.decode("utf-8", "replace") has it.
TEST(Utf8, ReplacesMaximalParts) {
  const std::string r = "\xEF\xBF\xBD";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", ""},
      {"a", "a"},
      {"中文 😀", "中文 😀"},
      {"\x80", r},
      {"\xC0\xAF", r + r},
      {"\xE0\x80\xAF", r + r + r},
      {"\xED\xA0\x80", r + r + r},
      {"\xF0\x9F\x98", r},
      {"\xF0\x9F\x98z\xE4\xB8", r + "z" + r},
      {"\xF4\x90\x80\x80", r + r + r + r},
      {"\xF5x", r + "x"},
  };
  for (const auto& [bytes, expected] : cases) {
    EXPECT_EQ(replace_invalid_utf8(bytes), expected);
    EXPECT_EQ(is_valid_utf8(bytes), bytes == expected);
    EXPECT_EQ(find_invalid_utf8(bytes).has_value(), bytes != expected);
  }
  EXPECT_EQ(find_invalid_utf8("中\xFF"), 3U);
}

}  // namespace
}  // namespace firth
