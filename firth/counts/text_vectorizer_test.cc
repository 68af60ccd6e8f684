#include "firth/counts/text_vectorizer.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "firth/core/error.h"
#include "firth/io/atomic_file.h"
#include "firth/io/test_folder.h"

namespace firth {
namespace {

constexpr std::string_view kTexts[] = {"the cat sat", "a \"cat\" and a dog", "", "苹果 香蕉"};

void expect_same_after_reopening(const TextVectorizer& vectorizer, ThreadPool& pool) {
  const TestFolder folder;
  vectorizer.save(folder.path("saved"));
  EXPECT_TRUE(is_text_vectorizer(folder.path("saved")));
  const TextVectorizer reopened = TextVectorizer::open(folder.path("saved"));
  EXPECT_EQ(reopened.kind(), vectorizer.kind());
  const auto before = vectorizer.transform<double>(kTexts, pool);
  const auto after = reopened.transform<double>(kTexts, pool);
  EXPECT_EQ(before.indices, after.indices);
  EXPECT_EQ(before.values, after.values);
}

TEST(TextVectorizer, GivesTheSameNumbersAfterReopening) {
  ThreadPool pool(1);
  const CountOptions options{.terms = {.analyzer = Analyzer::kChar, .max_n = 3}};
  expect_same_after_reopening(
      TextVectorizer(fit_tfidf<double>(options, {.sublinear_tf = true}, kTexts, pool).vectorizer),
      pool);
  expect_same_after_reopening(
      TextVectorizer(CountVectorizer({.binary = true}, {"cat", "香蕉", "dog"})), pool);
  expect_same_after_reopening(TextVectorizer(HashingVectorizer({.n_features = 50})), pool);
}

TEST(TextVectorizer, OpensTheKeptSample) {
  ThreadPool pool(1);
  const TextVectorizer sample =
      TextVectorizer::open(FIRTH_SOURCE_DIR "/tests/fixtures/counts/tfidf_v1");
  EXPECT_EQ(sample.kind(), "tfidf");
  EXPECT_EQ(sample.counts()->terms(), (std::vector<std::string>{"cat", "dog", "the"}));
  const std::string_view text[] = {"the cat"};
  const auto row = sample.transform<double>(text, pool);
  ASSERT_EQ(row.indices, (std::vector<std::int32_t>{0, 2}));
  EXPECT_NEAR(row.values[0], 0.7741910866313093, 1e-12);  // as scikit-learn has it
}

TEST(TextVectorizer, RefusesWhatANewerVersionWrote) {
  const TestFolder folder;
  write_file(folder.path("firth.json"), R"({"format_version": 2, "kind": "tfidf"})");
  try {
    TextVectorizer::open(folder.path(""));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
    EXPECT_NE(std::string(error.what()).find("newer"), std::string::npos);
  }
}

}  // namespace
}  // namespace firth
