// BPE against a plain model of it, the scanners against the expressions that they stand for, and
// how work grows with the text.
#include "firth/text/bpe.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "firth/core/error.h"
#include "firth/text/fixtures_test.h"
#include "firth/text/text_pattern.h"
#include "firth/text/tokenizer_files.h"

namespace firth {
namespace {

// Joins the pair of the lowest rank, the leftmost of them, until there is none: the definition.
std::vector<std::int32_t> merge_plainly(std::vector<std::int32_t> ids, const MergeTable& table) {
  while (true) {
    std::size_t best = 0;
    MergeTable::Found least;
    for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
      const MergeTable::Found found = table.find(ids[i], ids[i + 1]);
      if (found.rank < least.rank) {
        least = found;
        best = i;
      }
    }
    if (least.rank == MergeTable::kNone) return ids;
    ids[best] = least.result;
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
}

std::vector<std::int32_t> merged(SymbolMerger& merger, const MergeTable& table) {
  merger.merge(table);
  std::vector<std::int32_t> ids;
  merger.for_each([&](std::size_t, std::size_t, std::int32_t id) { ids.push_back(id); });
  return ids;
}

// Three letters, and random pairs of what there is already.
MergeTable random_merges(std::mt19937& random) {
  std::vector<Merge> merges;
  for (std::int32_t id = 3; id < 60; ++id) {
    const auto any = [&] {
      return static_cast<std::int32_t>(random() % static_cast<unsigned>(id));
    };
    merges.push_back({any(), any(), id});
  }
  std::shuffle(merges.begin(), merges.end(), random);
  if (random() % 2 == 0) return MergeTable(std::move(merges));
  // As SentencePiece has them: by score, several merges may share one.
  std::vector<std::uint32_t> ranks(merges.size());
  for (std::uint32_t& rank : ranks) rank = static_cast<std::uint32_t>(random() % 20);
  return MergeTable(std::move(merges), std::move(ranks));
}

// Merges as they are learned: what a merge makes is joined by later ones only.
MergeTable learned_merges(std::mt19937& random) {
  std::vector<Merge> merges;
  for (std::int32_t id = 2; id < 60; ++id) {
    const auto any = [&] {
      return static_cast<std::int32_t>(random() % static_cast<unsigned>(id));
    };
    merges.push_back({any(), any(), id});
  }
  return MergeTable(std::move(merges));
}

TEST(Bpe, MergesAsDefinedWhateverTheLength) {
  std::mt19937 random(3);
  SymbolMerger merger;
  for (int round = 0; round < 300; ++round) {
    const bool learned = round % 3 == 0;
    const MergeTable table = learned ? learned_merges(random) : random_merges(random);
    std::vector<std::int32_t> ids(random() % 600);
    for (std::int32_t& id : ids) id = static_cast<std::int32_t>(random() % (learned ? 2 : 3));
    merger.ids = ids;
    ASSERT_EQ(merged(merger, table), merge_plainly(ids, table)) << ids.size();
  }
}

// Of a pair that stands twice in the list the later rank counts.
TEST(Bpe, TakesTheLaterOfEqualMerges) {
  const MergeTable table(std::vector<Merge>{{0, 1, 3}, {1, 2, 4}, {0, 1, 3}});
  EXPECT_EQ(table.find(0, 1).rank, 2u);
  SymbolMerger merger;
  merger.ids = {0, 1, 2};
  EXPECT_EQ(merged(merger, table), (std::vector<std::int32_t>{0, 4}));
}

// Work is counted, not timed: what grows is the number of pairs looked up.
TEST(Bpe, WorkGrowsWithTheWordAndNotItsSquare) {
  const auto tokenizer = JsonDocument::read(fixture_path("roberta-small/tokenizer.json"));
  const auto model = Bpe::read(tokenizer.root().at("model"));
  for (const std::string unit : {"a", "the", "\u0120", "_", "7", "\u00cc\u0123", "in"}) {
    const auto lookups = [&](std::size_t n) {
      std::string word;
      while (word.size() < n) word += unit;
      const auto state = model->make_state();
      std::vector<std::int32_t> ids;
      model->append_ids(word, *state, ids);
      return static_cast<double>(static_cast<Bpe::State&>(*state).merger.num_lookups());
    };
    EXPECT_LT(lookups(1 << 17), 2.3 * lookups(1 << 16)) << unit;
  }
}

std::unique_ptr<const Bpe> model_of(const std::string& fields) {
  static JsonDocument document;
  document = JsonDocument::parse(
      R"({"vocab": {"a": 0, "b": 1, "ab": 2, "?": 3, "<0x63>": 4, "b$": 5, "ab$": 6}, )" + fields +
          "}",
      "model");
  return Bpe::read(document.root());
}

std::vector<std::int32_t> ids_of(const Bpe& model, std::string_view word) {
  std::vector<ModelToken> tokens;
  model.tokenize(word, tokens);
  std::vector<std::int32_t> ids;
  for (const ModelToken& token : tokens) ids.push_back(token.id);
  std::vector<std::int32_t> fast;
  const auto state = model.make_state();
  model.append_ids(word, *state, fast);
  EXPECT_EQ(fast, ids) << word;
  return ids;
}

TEST(Bpe, DoesWithUnknownCharactersWhatTheOptionsSay) {
  using Ids = std::vector<std::int32_t>;
  EXPECT_EQ(ids_of(*model_of(R"("merges": ["a b"])"), "abcab"), (Ids{2, 2}));
  EXPECT_EQ(ids_of(*model_of(R"("merges": ["a b"], "unk_token": "?")"), "abcdab"),
            (Ids{2, 3, 3, 2}));
  EXPECT_EQ(ids_of(*model_of(R"("merges": ["a b"], "unk_token": "?", "fuse_unk": true)"), "abcdab"),
            (Ids{2, 3, 2}));
  EXPECT_EQ(
      ids_of(*model_of(R"("merges": ["a b"], "unk_token": "?", "byte_fallback": true)"), "cda"),
      (Ids{4, 3, 0}));
  EXPECT_EQ(ids_of(*model_of(R"("merges": ["a b$"], "end_of_word_suffix": "$")"), "abab"),
            (Ids{0, 1, 6}));
  EXPECT_EQ(ids_of(*model_of(R"("merges": [], "ignore_merges": true)"), "ab"), (Ids{2}));
  EXPECT_EQ(ids_of(*model_of(R"("merges": [["a", "b"]], "dropout": 0.5)"), "ab"), (Ids{2}));
  EXPECT_THROW(ids_of(*model_of(R"("merges": [], "unk_token": "!")"), "x"), Error);
}

std::string random_words(std::mt19937& random) {
  static constexpr std::array<std::string_view, 34> kPieces = {
      "a",  "B",      "the",    "'s",     "'LL",    "'\u017F", "'", " ", " ",
      "  ", "\n",     "\r\n",   "\t",     "7",      "42",      "!", "/", "--",
      "_",  "\u00e9", "\u00c9", "\u0301", "日",     "本",      "ü", "ǅ", "ʰ",
      "½",  "٣",      "\u200d", "\u00a0", "\u2028", "🙂",    "ª"};
  std::string text;
  for (auto n = random() % 24; n > 0; --n) text += kPieces[random() % kPieces.size()];
  return text;
}

// Oniguruma runs the very expressions that the scanners replace.
TEST(WordPattern, CutsAsItsExpressionDoes) {
  for (
      const std::string_view expression :
      {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
       R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
       R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s)",
       R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
       R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
       R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
       R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)"}) {
    const auto words = find_word_pattern(expression);
    ASSERT_TRUE(words) << expression;
    // To Oniguruma {1,3}+ is a repetition of a repetition, and $ an end of any line.
    std::string spelled(expression);
    if (words == kTiktokenCl100kPattern) {
      spelled.replace(spelled.find("{1,3}+"), 6, "{1,3}");
      spelled.replace(spelled.find('$'), 1, "\\z");
    }
    const Regex regex(spelled, "test");
    std::mt19937 random(11);
    for (int i = 0; i < 4000; ++i) {
      const std::string text = random_words(random);
      std::vector<PatternPart> found;
      std::vector<PatternPart> expected;
      TextPattern(*words).find_parts(text, found);
      regex.find_parts(text, expected);
      ASSERT_EQ(found.size(), expected.size()) << expression << " " << quoted(text);
      for (std::size_t k = 0; k < found.size(); ++k) {
        ASSERT_EQ(found[k].end, expected[k].end) << expression << " " << quoted(text);
      }
    }
  }
}

TEST(Regex, StopsAtItsLimits) {
  std::vector<PatternPart> parts;
  EXPECT_THROW(Regex("(a+a+)+(?<!a)", "test").find_parts(std::string(64, 'a'), parts), Error);
  EXPECT_THROW(Regex("(", "test"), Error);
  EXPECT_THROW(Regex(std::string(Regex::kMaxExpression + 1, 'a'), "test"), Error);
}

}  // namespace
}  // namespace firth
