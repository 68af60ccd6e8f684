// The quick look that saves most texts from normalization, against normalization itself. The forms
// are compared with the reference in components_test.cc.
#include "firth/text/unicode_normalization.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "firth/core/random.h"

namespace firth {
namespace {

constexpr NormalizationForm kForms[] = {NormalizationForm::kNfd, NormalizationForm::kNfc,
                                        NormalizationForm::kNfkd, NormalizationForm::kNfkc};

bool stays_as_it_is(std::string_view text, NormalizationForm form) {
  std::vector<CharChange> changes;
  normalize_unicode(text, form, changes);
  std::string result;
  bool same_places = true;
  for (const CharChange& change : changes) {
    append_utf8(change.character, result);
    same_places = same_places && change.change == 0;
  }
  return result == text && same_places;
}

TEST(UnicodeNormalization, QuickLookIsRightAboutEveryCharacter) {
  std::size_t num_missed = 0;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string text;
    append_utf8(c, text);
    for (const NormalizationForm form : kForms) {
      const bool stays = stays_as_it_is(text, form);
      const bool surely = is_surely_normalized(text, form);
      ASSERT_TRUE(stays || !surely) << static_cast<unsigned>(c);
      num_missed += stays && !surely && form == NormalizationForm::kNfc ? 1 : 0;
    }
  }
  EXPECT_LT(num_missed, 1200);  // marks and jamo, which depend on what stands before them
}

TEST(UnicodeNormalization, QuickLookIsRightAboutTexts) {
  const std::u32string chars =
      U"ab é\u0301\u0300\u0323\u0345 ế\u1100\u1161\u11A8가각\u09C7\u09BE\u0DD9\u0DCF\u212B\u0958"
      U"\uFB01中\u3099か\u114B9\u114BA\U0001D15E";
  Random random(11);
  std::size_t num_surely = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (std::uint64_t i = random.below(5); i-- > 0;)
      append_utf8(chars[random.below(chars.size())], text);
    for (const NormalizationForm form : kForms) {
      if (!is_surely_normalized(text, form)) continue;
      ++num_surely;
      ASSERT_TRUE(stays_as_it_is(text, form)) << text;
    }
  }
  EXPECT_GT(num_surely, 5000);
}

TEST(UnicodeNormalization, QuickLookKnowsOrdinaryTexts) {
  for (const char* const text : {"", "plain", "déjà vu, Ångström, Tiếng Việt", "Привет, мир",
                                 "东京都 カタカナ", "한국어", "😀"}) {
    EXPECT_TRUE(is_surely_normalized(text, NormalizationForm::kNfc)) << text;
  }
  EXPECT_TRUE(is_surely_normalized("plain 中", NormalizationForm::kNfkc));
  EXPECT_FALSE(is_surely_normalized("déjà", NormalizationForm::kNfd));
  EXPECT_FALSE(is_surely_normalized("e\u0301", NormalizationForm::kNfc));
}

}  // namespace
}  // namespace firth
