#include "firth/text/category_classes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "firth/text/char_category.h"
#include "firth/text/regex.h"

namespace firth {
namespace {

TEST(CategoryClasses, LeaveWhatTheyDoNotKnow) {
  for (const std::string expression :
       {"a+", "\\p{Han}+", "\\\\p{L}", "[^\\s]", "\\p{L", "(?i)\\p{L}+", "(?i:\\p{Lu})x",
        "(?mi)\\p{N}", "(?i:(a)|\\p{L})", "\\p{Nd}", "a\\"}) {
    EXPECT_EQ(spell_out_categories(expression), expression);
  }
}

TEST(CategoryClasses, SpellOutTheRest) {
  const std::string numbers = spell_out_categories("\\p{N}");
  EXPECT_TRUE(numbers.starts_with("[\\x{30}-\\x{39}\\x{B2}-\\x{B3}")) << numbers.substr(0, 60);
  EXPECT_EQ(spell_out_categories("\\P{N}"), "[^" + numbers.substr(1));
  EXPECT_EQ(spell_out_categories("\\p{^N}"), "[^" + numbers.substr(1));
  EXPECT_EQ(spell_out_categories("(?i:'s|'t)|[^\\r\\p{N}]+?\\\\\\p{N}{1,3}"),
            "(?i:'s|'t)|[^\\r" + numbers + "]+?\\\\" + numbers + "{1,3}");
}

// Each character alone: in the expression's class or not, as the tables say.
TEST(CategoryClasses, HoldEveryCharacterOfTheTables) {
  using enum CharCategory;

  const struct {
    const char* expression;
    CategorySet set;
    bool negated;
  } kCases[] = {
      {"\\p{L}", kLetterCategories, false},
      {"[\\p{Lu}\\p{Lt}]", CategorySet(kUpper, kTitle), false},
      {"[^\\p{M}\\p{N}]", CategorySet(kMark, kNumber), true},
      {"\\P{P}", CategorySet(kPunctuation), true},
      {"[\\p{S}\\p{Lm}]", CategorySet(kSymbol, kModifierLetter), false},
  };

  for (const auto& [expression, set, negated] : kCases) {
    const Regex regex(expression, "test");
    for (char32_t c = 1; c < 0x110000; c += c < 0x3000 ? 1 : 37) {
      if (c >= 0xD800 && c < 0xE000) continue;
      std::string text;
      append_utf8(c, text);
      std::vector<PatternPart> parts;
      regex.find_parts(text, parts);
      ASSERT_EQ(parts.size(), 1);
      ASSERT_EQ(parts[0].is_match, set.contains(char_category(c)) != negated)
          << expression << " " << static_cast<unsigned>(c);
    }
  }
}

}  // namespace
}  // namespace firth
