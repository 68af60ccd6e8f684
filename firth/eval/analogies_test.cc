#include "firth/eval/analogies.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "firth/core/error.h"
#include "firth/core/random.h"
#include "firth/io/test_folder.h"
#include "firth/search/exact_score.h"

namespace firth {
namespace {

Tensor random_rows(std::size_t count, std::size_t dim, std::uint64_t seed) {
  Random random(seed);
  Tensor rows(DType::kF32, {count, dim});
  for (float& x : rows.view<float>().span()) x = random.normal();
  return rows;
}

// gensim's way, word for word: the five best without the three rows, then the first that is not one
// of the three words in another case.
std::string answer_of(const WordTable& table, const AnalogyQuestion& question, bool by_product) {
  const std::size_t rows[] = {*table.find(question.a), *table.find(question.b),
                              *table.find(question.c)};
  const auto cosine = [&](std::size_t i, std::size_t row) {
    return exact_score(Similarity::kCosine, table.unit_rows().row(rows[i]),
                       table.unit_rows().row(row));
  };
  std::vector<std::pair<double, std::size_t>> scored;
  for (std::size_t row = 0; row < table.num_words(); ++row) {
    if (std::ranges::find(rows, row) != std::end(rows)) continue;
    const double a = cosine(0, row);
    const double b = cosine(1, row);
    const double c = cosine(2, row);
    const double score =
        by_product ? (1 + b) / 2 * ((1 + c) / 2) / ((1 + a) / 2 + 1e-6) : b - a + c;
    scored.emplace_back(-score, row);
  }
  std::ranges::sort(scored);
  scored.resize(std::min<std::size_t>(scored.size(), 5));
  for (const auto& [score, row] : scored) {
    const std::string& word = table.folded(row);
    if (word == table.fold(question.a) || word == table.fold(question.b) ||
        word == table.fold(question.c))
      continue;
    return word;
  }
  return "";
}

bool answers_right(const WordTable& table, const AnalogyQuestion& question, bool by_product) {
  return answer_of(table, question, by_product) == table.fold(question.expected);
}

TEST(Analogies, AreThoseOfAskingOneByOne) {
  // Few dimensions and words in two cases, so that many questions are answered right and the case
  // of words matters.
  constexpr std::size_t kWords = 2200;
  const Tensor rows = random_rows(kWords, 3, 5);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < kWords; ++i)
    words.push_back((i % 3 == 2 ? "W" : "w") + std::to_string(i % 3 == 2 ? i - 1 : i));
  const WordTable table(words, rows.view<float>(), {.restrict_vocab = 2150});
  Random random(7);
  std::vector<AnalogySection> sections = {{"first", {}}, {"second", {}}};
  const auto word = [&] { return words[random.below(kWords)]; };
  for (std::size_t i = 0; i < 60; ++i)
    sections[i % 2].questions.push_back({word(), word(), word(), word()});
  // Questions whose answer is right by one score or the other.
  for (std::size_t i = 0; i < 60; ++i) {
    AnalogyQuestion question{word(), word(), word(), ""};
    if (!table.find(question.a) || !table.find(question.b) || !table.find(question.c)) continue;
    question.expected = answer_of(table, question, i % 2 == 1);
    sections[i % 2].questions.push_back(question);
  }
  std::vector<AnalogyCount> expected(2);
  for (std::size_t s = 0; s < 2; ++s) {
    for (const AnalogyQuestion& question : sections[s].questions) {
      ++expected[s].num_questions;
      const std::string* const all[] = {&question.a, &question.b, &question.c, &question.expected};
      if (!std::ranges::all_of(all,
                               [&](const auto* text) { return table.find(*text).has_value(); }))
        continue;
      ++expected[s].num_found;
      expected[s].num_right_add += answers_right(table, question, false) ? 1 : 0;
      expected[s].num_right_mul += answers_right(table, question, true) ? 1 : 0;
    }
  }
  for (const std::size_t num_threads : {1, 3}) {
    ThreadPool pool(num_threads);
    const AnalogyResult result = evaluate_analogies(table, sections, pool);
    ASSERT_EQ(result.sections.size(), 2);
    for (std::size_t s = 0; s < 2; ++s) {
      const AnalogyCount& count = result.sections[s].count;
      EXPECT_EQ(result.sections[s].name, sections[s].name);
      EXPECT_EQ(count.num_questions, expected[s].num_questions);
      EXPECT_EQ(count.num_found, expected[s].num_found);
      EXPECT_EQ(count.num_right_add, expected[s].num_right_add);
      EXPECT_EQ(count.num_right_mul, expected[s].num_right_mul);
      EXPECT_GT(count.num_right_add + count.num_right_mul, 10);
      EXPECT_LT(count.num_found, count.num_questions);
    }
    EXPECT_EQ(result.all.num_found, expected[0].num_found + expected[1].num_found);
  }
}

TEST(Analogies, OfUnknownWordsAloneAreAllLeftOut) {
  const Tensor rows = random_rows(2, 4, 1);
  const std::vector<std::string> words = {"a", "b"};
  const WordTable table(words, rows.view<float>(), {});
  ThreadPool pool(1);
  const AnalogyResult result = evaluate_analogies(table, {{"x", {{"p", "q", "r", "s"}}}}, pool);
  EXPECT_EQ(result.all.num_questions, 1);
  EXPECT_EQ(result.all.num_found, 0);
}

TEST(Analogies, ReadSectionsAndQuestions) {
  const TestFolder folder;
  const auto sections = read_analogies(folder.write(
      "q.txt", ": capital common\r\nAthens Greece\tBerlin  Germany\r\n\n: gram1-x\n甲 乙 丙 丁\n"));
  ASSERT_EQ(sections.size(), 2);
  EXPECT_EQ(sections[0].name, "capital common");
  EXPECT_EQ(sections[0].questions[0].expected, "Germany");
  EXPECT_EQ(sections[1].name, "gram1-x");
  EXPECT_EQ(sections[1].questions[0].c, "丙");
  EXPECT_EQ(read_analogies(folder.write("bare.txt", "a b c d\n"))[0].name, "");
}

TEST(Analogies, ErrorsNameTheLine) {
  const TestFolder folder;
  const std::pair<const char*, const char*> kBad[] = {
      {": x\na b c\n", ":2: expected four words, or ': ' and a section's name, found 'a b c'"},
      {": x\n", ": expected analogies, found none"},
      {"", ": expected analogies, found none"},
  };
  for (const auto& [text, message] : kBad) {
    const std::string path = folder.write("bad.txt", text);
    try {
      (void)read_analogies(path);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.what(), path + message);
    }
  }
}

}  // namespace
}  // namespace firth
