#include "firth/text/added_tokens.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace firth {
namespace {

// "text|id:text|…" for the pieces.
std::string show(const AddedTokens& tokens, std::string_view text) {
  std::string result;
  for (const Piece& piece : tokens.split_text(text)) {
    result += result.empty() ? "" : "|";
    result += piece.id ? std::to_string(*piece.id) + ":" : "";
    result += text.substr(piece.begin, piece.end - piece.begin);
  }
  return result;
}

AddedTokens plain(std::vector<AddedToken> tokens) {
  for (AddedToken& token : tokens) {
    token.normalized = false;
  }
  return AddedTokens(tokens, Vocabulary::from_lines("a\nb\n[S]\n"), nullptr);
}

TEST(AddedTokens, TakeTheirIdFromTheVocabularyOrTheNextOne) {
  const AddedTokens tokens = plain({{.content = "[S]"}, {.content = "new"}, {.content = "newer"}});
  EXPECT_EQ(tokens.find("[S]"), 2);
  EXPECT_EQ(tokens.find("new"), 3);
  EXPECT_EQ(tokens.find("newer"), 4);
  EXPECT_EQ(tokens.end_id(), 5u);
}

TEST(AddedTokens, LeftmostThenLongestMatches) {
  const AddedTokens tokens = plain({{.content = "ab"}, {.content = "abc"}, {.content = "bcd"}});
  EXPECT_EQ(show(tokens, ""), "");
  EXPECT_EQ(show(tokens, "xyz"), "xyz");
  EXPECT_EQ(show(tokens, "xabcdx"), "x|4:abc|dx");
  EXPECT_EQ(show(tokens, "ababab"), "3:ab|3:ab|3:ab");
  EXPECT_EQ(show(tokens, "abbcd"), "3:ab|5:bcd");
}

TEST(AddedTokens, SingleWordsStandBetweenOtherSigns) {
  const AddedTokens tokens = plain({{.content = "new", .single_word = true}});
  EXPECT_EQ(show(tokens, "new anew newer new-new é新new"),
            "3:new| anew newer |3:new|-|3:new| é新new");
  EXPECT_EQ(show(tokens, "newnew"), "newnew");
}

TEST(AddedTokens, StripsTakeWhiteSpaceOnce) {
  const AddedTokens tokens =
      plain({{.content = "<l>", .lstrip = true}, {.content = "<r>", .rstrip = true}});
  EXPECT_EQ(show(tokens, "a \u3000<l> b"), "a|3: \u3000<l>| b");
  EXPECT_EQ(show(tokens, "a <r>\t\n b"), "a |4:<r>\t\n |b");
  EXPECT_EQ(show(tokens, "<r> <l>"), "4:<r> |3:<l>");
}

TEST(AddedTokens, ManyStrippingTokensTakeLinearTime) {
  const AddedTokens tokens =
      plain({{.content = "x", .single_word = true, .lstrip = true, .rstrip = true}});
  std::string text;
  for (int i = 0; i < 200000; ++i) {
    text += "    xx ";
  }
  EXPECT_EQ(tokens.split_text(text).size(), 1u);
  EXPECT_EQ(tokens.split_text(std::string(1 << 20, ' ') + "x").size(), 1u);
}

}  // namespace
}  // namespace firth
