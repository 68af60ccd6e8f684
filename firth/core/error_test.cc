#include "firth/core/error.h"

#include <gtest/gtest.h>

namespace firth {
namespace {

TEST(Quoted, EscapesWhatWouldBreakALine) {
  struct Case {
    std::string_view text, expected;
  };

  for (const auto& [text, expected] : {
           Case{"", "''"},
           Case{"plain", "'plain'"},
           Case{"北京", "'北京'"},
           Case{"a\nb\x1b[2J", "'a\\x0ab\\x1b[2J'"},
           Case{"\xff\xc3", "'\\xff\\xc3'"},
           Case{"\xed\xa0\x80", "'\\xed\\xa0\\x80'"},
       }) {
    EXPECT_EQ(quoted(text), expected);
  }
  EXPECT_EQ(quoted(std::string(1000, 'x'), 4), "'xxxx…'");
}

TEST(Fail, JoinsItsPartsAndKeepsTheKind) {
  try {
    fail(ErrorKind::kCorrupt, "a.bin: expected ", 3, " bytes, found ", 2);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kCorrupt);
    EXPECT_STREQ(error.what(), "a.bin: expected 3 bytes, found 2");
  }
}

// <iomanip> has a std::quoted too.
TEST(Error, QuotedIsOursForEveryKindOfString) {
  std::string text = "a";
  const std::string constant = "a";
  EXPECT_EQ((std::ostringstream() << quoted(text) << quoted(constant) << quoted("a")
                                  << quoted(std::string_view("a")) << quoted(std::string("a")))
                .str(),
            "'a''a''a''a''a'");
}

}  // namespace
}  // namespace firth
