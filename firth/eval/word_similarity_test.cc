#include "firth/eval/word_similarity.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "firth/core/error.h"
#include "firth/io/test_folder.h"

namespace firth {
namespace {

const std::vector<std::string> kWords = {"Cat", "dog", "狗", "cat", "bank"};

Tensor rows_of(const std::vector<std::vector<float>>& rows) {
  Tensor tensor(DType::kF32, {rows.size(), rows[0].size()});
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::copy(rows[i].begin(), rows[i].end(), tensor.view<float>().row(i).begin());
  return tensor;
}

TEST(WordTable, FindsTheFirstOfWordsThatDifferInCaseAlone) {
  const Tensor rows = rows_of({{3, 4}, {1, 0}, {0, 2}, {1, 1}, {0, 0}});
  const WordTable table(kWords, rows.view<float>(), {});
  EXPECT_EQ(table.find("CAT"), 0);
  EXPECT_EQ(table.find("狗"), 2);
  EXPECT_FALSE(table.find("cow"));
  EXPECT_FLOAT_EQ(table.unit_rows()(0, 1), 0.8F);
  EXPECT_EQ(table.unit_rows()(4, 0), 0);  // a zero row stays zero

  const WordTable exact(kWords, rows.view<float>(), {.case_insensitive = false});
  EXPECT_EQ(exact.find("cat"), 3);
  EXPECT_FALSE(exact.find("CAT"));

  const WordTable short_one(kWords, rows.view<float>(), {.restrict_vocab = 2});
  EXPECT_EQ(short_one.num_words(), 2);
  EXPECT_FALSE(short_one.find("bank"));
}

TEST(WordSimilarity, LeavesOutPairsWithAnUnknownWord) {
  const Tensor rows = rows_of({{1, 0}, {1, 0.1F}, {0, 1}, {0, 1}, {1, 1}});
  const WordTable table(kWords, rows.view<float>(), {});
  const auto result = evaluate_word_similarity(
      table, {{"cat", "dog", 9}, {"cat", "bank", 5}, {"CAT", "狗", 1}, {"cat", "cow", 7}});
  EXPECT_EQ(result.num_pairs, 4);
  EXPECT_EQ(result.num_found, 3);
  EXPECT_DOUBLE_EQ(result.spearman.value(), 1);
  EXPECT_FALSE(result.spearman_interval);  // three pairs tell nothing
}

TEST(WordSimilarity, ReadsEveryFormOfFile) {
  const TestFolder folder;
  const char* const kForms[] = {
      "# a heading\nWord 1\tWord 2\tHuman (mean)\ntiger\tcat\t7.35\n\n狗\tdog\t1e1\t99\n",
      "tiger,cat,7.35\r\n狗,dog,10\r\n",
      "tiger  cat 7.35\n  狗 dog   10 \n",
      "\xef\xbb\xbftiger;cat;7.35\n狗;dog;10",
  };
  for (const char* const form : kForms) {
    const auto pairs = read_word_pairs(folder.write("set.tsv", form));
    ASSERT_EQ(pairs.size(), 2) << form;
    EXPECT_EQ(pairs[0].first, "tiger");
    EXPECT_EQ(pairs[0].score, 7.35);
    EXPECT_EQ(pairs[1].first, "狗");
    EXPECT_EQ(pairs[1].second, "dog");
    EXPECT_EQ(pairs[1].score, 10);
  }
}

TEST(WordSimilarity, ErrorsNameTheLine) {
  const TestFolder folder;
  const std::pair<const char*, const char*> kBad[] = {
      {"a\tb\t1\nc\td\n", ":2: expected two words and a score, found 'c\\x09d'"},
      {"a\tb\t1\nc\td\tnan\n", ":2: expected two words and a score, found 'c\\x09d\\x09nan'"},
      {"a\tb\n", ":1: expected two words and a score, found 'a\\x09b'"},
      {"", ": expected pairs of words, found none"},
      {"x\ty\tz\n", ": expected pairs of words, found none"},
  };
  for (const auto& [text, message] : kBad) {
    const std::string path = folder.write("bad.tsv", text);
    try {
      (void)read_word_pairs(path);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.what(), path + message);
    }
  }
}

}  // namespace
}  // namespace firth
