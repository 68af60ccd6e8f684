// Words are counted in shorter ways than through all parts of a tokenizer: the counts must be those
// that the parts give.
#include "firth/text/word_counter.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "firth/core/random.h"
#include "firth/io/utf8.h"
#include "firth/text/tokenizer_recipe.h"

namespace firth {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

struct Parts {
  std::unique_ptr<const Normalizer> normalizer;
  std::unique_ptr<const PreTokenizer> pre_tokenizer;
};

Parts make_parts(const std::string& normalizer, const std::string& pre_tokenizer) {
  Parts parts;
  const JsonDocument first = JsonDocument::parse(normalizer_json(normalizer), "normalizer");
  const JsonDocument second = JsonDocument::parse(pre_tokenizer_json(pre_tokenizer), "words");
  if (!first.root().is_null()) parts.normalizer = make_normalizer(first.root());
  if (!second.root().is_null()) parts.pre_tokenizer = make_pre_tokenizer(second.root());
  return parts;
}

// Every text through the parts.
Counts count_slowly(const Parts& parts, const std::vector<std::string>& texts) {
  Counts counts;
  for (const std::string& text : texts) {
    PreTokenizedText split{NormalizedText(replace_invalid_utf8(text)), {}};
    if (parts.normalizer) parts.normalizer->normalize(split.text);
    if (split.text.empty()) continue;
    split.pieces.push_back({0, split.text.size(), std::nullopt});
    if (parts.pre_tokenizer) parts.pre_tokenizer->pre_tokenize(split);
    for (const Piece& piece : split.pieces) {
      ++counts[split.text.text().substr(piece.begin, piece.end - piece.begin)];
    }
  }
  return counts;
}

Counts count(const Parts& parts, const std::vector<std::string>& texts, std::size_t num_threads) {
  ThreadPool pool(num_threads);
  WordCounter counter(parts.normalizer.get(), parts.pre_tokenizer.get(), pool);
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const std::size_t half = views.size() / 2;
  counter.add(std::span(views).first(half));
  counter.add(std::span(views).subspan(half));
  Counts counts;
  const WordCounts words = counter.take();
  for (const auto& [word, n] : words.words()) counts[std::string(word)] = n;
  return counts;
}

std::vector<std::string> random_texts() {
  const std::vector<std::string> parts = {" ",
                                          " ",
                                          " ",
                                          "  ",
                                          "\t",
                                          "\n",
                                          "\r\n",
                                          "a",
                                          "The",
                                          "cat's",
                                          "12",
                                          ",",
                                          "...",
                                          "\u00e9",
                                          "e\u0301",
                                          "\u0301",
                                          "\u00a0",
                                          "\u3000",
                                          "\u2581",
                                          "\u4e2d\u6587",
                                          "\u0130",
                                          "\u200d",
                                          "\u0600",
                                          "\u1f469",
                                          "\U0001F469",
                                          std::string("\0", 1),
                                          "\xff",
                                          "\u0e33",
                                          "\ufb01",
                                          "_",
                                          "-",
                                          "don't",
                                          std::string(70, 'x'),
                                          "\u1100\u1161"};
  Random random(7);
  std::vector<std::string> texts = {"", " ", "a", " a", "a ", "\u0301 a"};
  for (int i = 0; i < 120; ++i) {
    std::string text;
    for (auto n = random.below(40); n > 0; --n) text += parts[random.below(parts.size())];
    texts.push_back(text);
  }
  return texts;
}

TEST(WordCounter, CountsWhatThePartsGive) {
  const std::vector<std::string> texts = random_texts();
  for (const char* normalizer :
       {"none", "nfc", "nfkc", "lowercase", "bert", "nmt", "nfd,strip-accents", "strip"}) {
    for (const char* pre_tokenizer :
         {"none", "byte-level", "byte-level-prefix", "bert", "metaspace", "whitespace",
          "whitespace-split", "punctuation", "whitespace-split,punctuation,digits",
          "whitespace-split,metaspace", "punctuation,metaspace",
          R"({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":true})",
          R"({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"never","split":true})",
          R"({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":false})",
          R"({"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace",)"
          R"("replacement":"\u2581","prepend_scheme":"first","split":true}]})"}) {
      const Parts parts = make_parts(normalizer, pre_tokenizer);
      const Counts expected = count_slowly(parts, texts);
      EXPECT_EQ(count(parts, texts, 1), expected) << normalizer << " " << pre_tokenizer;
      EXPECT_EQ(count(parts, texts, 3), expected) << normalizer << " " << pre_tokenizer;
    }
  }
}

TEST(WordCounts, CountsLongAndShortWordsAlike) {
  Random random(1);
  std::map<std::string, std::uint64_t> expected;
  WordCounts counts;
  for (int i = 0; i < 20000; ++i) {
    std::string word(1 + random.below(40), 'a');
    for (char& letter : word) letter = static_cast<char>(random.below(2) * 255);
    const std::uint64_t n = 1 + random.below(5);
    expected[word] += n;
    counts.add(word, n);
  }
  ASSERT_EQ(counts.size(), expected.size());
  auto wanted = expected.begin();
  for (const auto& [word, n] : counts.sorted()) {
    EXPECT_EQ(word, wanted->first);
    EXPECT_EQ(n, (wanted++)->second);
  }
}

}  // namespace
}  // namespace firth
