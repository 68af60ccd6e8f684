// The double array against a map, and what of Unigram no fixture holds.
#include "firth/text/unigram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "firth/core/error.h"

namespace firth {
namespace {

TEST(DoubleArray, FindsEveryKeyThatATextBeginsWith) {
  std::mt19937 random(3);
  for (const std::size_t num_keys : {0u, 1u, 2u, 300u, 20000u}) {
    std::map<std::string, std::int32_t, std::less<>> expected;
    while (expected.size() < num_keys) {
      std::string key;
      for (auto length = 1 + random() % 6; length > 0; --length) {
        key += static_cast<char>(num_keys > 1000 ? random() % 256 : random() % 3);
      }
      expected.emplace(key, static_cast<std::int32_t>(expected.size()));
    }
    std::vector<std::pair<std::string_view, std::int32_t>> keys(expected.begin(), expected.end());
    std::shuffle(keys.begin(), keys.end(), random);
    const DoubleArray trie(keys);
    for (int i = 0; i < 3000; ++i) {
      std::string text;
      for (int j = 0; j < 8; ++j) {
        text += static_cast<char>(num_keys > 1000 ? random() % 256 : random() % 3);
      }
      std::vector<std::pair<std::size_t, std::int32_t>> found;
      trie.for_each_prefix(
          text, [&](std::size_t length, std::int32_t value) { found.emplace_back(length, value); });
      std::vector<std::pair<std::size_t, std::int32_t>> wanted;
      for (std::size_t length = 1; length <= text.size(); ++length) {
        const auto it = expected.find(text.substr(0, length));
        if (it != expected.end()) wanted.emplace_back(length, it->second);
      }
      ASSERT_EQ(found, wanted);
    }
  }
}

TEST(DoubleArray, LastOfEqualKeysCounts) {
  const DoubleArray trie({{"a", 1}, {"", 2}, {"a", 3}});
  std::int32_t value = -1;
  trie.for_each_prefix("a", [&](std::size_t, std::int32_t v) { value = v; });
  EXPECT_EQ(value, 3);
}

std::vector<std::int32_t> ids_of(const Unigram& model, std::string_view word) {
  std::vector<std::int32_t> ids;
  const auto state = model.make_state();
  for (int i = 0; i < 2; ++i) {  // the second time out of the cache
    ids.clear();
    model.append_ids(word, *state, ids);
  }
  std::vector<ModelToken> tokens;
  model.tokenize(word, tokens);
  std::vector<std::int32_t> slow;
  for (const ModelToken& token : tokens) slow.push_back(token.id);
  EXPECT_EQ(ids, slow);
  return ids;
}

const std::vector<UnigramPiece> kPieces = {{"<unk>", 0}, {"a", 0},   {"b", 0},
                                           {"c", 0},     {"d", 0},   {"cd", 1},
                                           {"ab", 2},    {"abc", 5}, {"abcd", 10}};

Unigram make(const std::vector<UnigramPiece>& pieces, std::optional<std::int32_t> unk_id,
             bool byte_fallback = false) {
  UnigramOptions options;
  options.unk_id = unk_id;
  options.byte_fallback = byte_fallback;
  return Unigram(pieces, options, "test");
}

TEST(Unigram, TakesTheBestWayAndFusesUnknowns) {
  const Unigram model = make(kPieces, 0);
  EXPECT_EQ(ids_of(model, "abcdacdxx"), (std::vector<std::int32_t>{8, 1, 5, 0}));
  EXPECT_EQ(ids_of(model, "xyaz\u65E5"), (std::vector<std::int32_t>{0, 1, 0}));
  EXPECT_EQ(ids_of(model, "<unk>"), (std::vector<std::int32_t>{0}));
}

TEST(Unigram, TiesGoToTheWayFoundFirst) {
  // "aaa" as aa+a or a+aa, all of the same sum: the place 3 is reached from 1 first.
  const Unigram model = make({{"<unk>", 0}, {"a", -1}, {"aa", -2}}, 0);
  EXPECT_EQ(ids_of(model, "aaa"), (std::vector<std::int32_t>{1, 2}));
}

// With the nearest doubles of these digits "baaa" would be b aa a.
TEST(Unigram, ScoresAreWhatTheReferenceReadsOfTheirDigits) {
  const JsonDocument document = JsonDocument::parse(
      R"({"unk_id":0,"vocab":[["<unk>",0.0],["a",-14.499213856351085],["aa",-9.009905095320537],)"
      R"(["b",-10.8117962042577]]})",
      "test");
  const auto model = make_unigram(document.root());
  std::vector<ModelToken> tokens;
  model->tokenize("baaa", tokens);
  ASSERT_EQ(tokens.size(), 3u);
  EXPECT_EQ(tokens[1].id, 1);
  EXPECT_EQ(tokens[2].id, 2);
}

TEST(Unigram, OfEqualPiecesTheLastCounts) {
  const Unigram model = make({{"<unk>", 0}, {"a", -1}, {"a", -5}}, 0);
  EXPECT_EQ(ids_of(model, "a"), (std::vector<std::int32_t>{2}));
  EXPECT_EQ(model.vocabulary().token(1), "a");
}

TEST(Unigram, BytesStandForUnknownsIfAllAreThere) {
  std::vector<UnigramPiece> pieces = kPieces;
  pieces.push_back({"<0xC3>", -9});
  EXPECT_EQ(ids_of(make(pieces, 0, true), "a\u00E9"), (std::vector<std::int32_t>{1, 0}));
  pieces.push_back({"<0xA9>", -9});
  EXPECT_EQ(ids_of(make(pieces, 0, true), "a\u00E9"), (std::vector<std::int32_t>{1, 9, 10}));
  EXPECT_EQ(ids_of(make(pieces, 0, false), "a\u00E9"), (std::vector<std::int32_t>{1, 0}));
}

TEST(Unigram, WithoutUnkIdFailsOnlyWhereItIsNeeded) {
  const Unigram model = make({{"a", -1}, {"a\u00E9", -2}}, std::nullopt);
  EXPECT_EQ(ids_of(model, "a\u00E9a"), (std::vector<std::int32_t>{1, 0}));
  std::vector<ModelToken> tokens;
  EXPECT_THROW(model.tokenize("\u00E9", tokens), Error);
  EXPECT_THROW(make({{"a", 0}}, 1), Error);
  EXPECT_THROW(make({}, 0), Error);
}

}  // namespace
}  // namespace firth
