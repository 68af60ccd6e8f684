#include "firth/words/word_trainer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "firth/core/random.h"
#include "firth/io/test_folder.h"
#include "firth/kernels/vector.h"
#include "firth/words/fasttext_model.h"

namespace firth {
namespace {

// Sentences about one of two subjects, whose words never meet.
std::vector<std::string> two_subjects(std::size_t n, std::uint64_t seed) {
  const std::vector<std::vector<std::string>> subjects = {
      {"cat", "dog", "purr", "bark", "fur"}, {"fish", "swim", "river", "water", "boat"}};
  Random random(seed);
  std::vector<std::string> sentences;
  for (std::size_t i = 0; i < n; ++i) {
    std::string sentence = "the";
    for (int word = 0; word < 8; ++word) sentence += " " + subjects[i % 2][random.below(5)];
    sentences.push_back(sentence);
  }
  return sentences;
}

Corpus corpus_of(const std::vector<std::string>& sentences, ThreadPool& pool,
                 CorpusOptions options = {}) {
  CorpusBuilder builder(options, pool);
  const std::vector<std::string_view> views(sentences.begin(), sentences.end());
  for (std::size_t i = 0; i < views.size(); i += 100)
    builder.add(std::span(views).subspan(i, std::min<std::size_t>(100, views.size() - i)));
  return builder.finish();
}

float similarity(const Corpus& corpus, const Tensor& vectors, std::string_view a,
                 std::string_view b) {
  return cosine(vectors.view<float>().row(*corpus.words.find(a)),
                vectors.view<float>().row(*corpus.words.find(b)));
}

bool same_bytes(const Tensor& a, const Tensor& b) {
  return std::ranges::equal(a.any().bytes(), b.any().bytes());
}

TEST(Corpus, WordsAreNumberedByCountWhateverTheThreads) {
  ThreadPool one(1), three(3);
  const auto sentences = two_subjects(2000, 1);
  const Corpus a = corpus_of(sentences, one), b = corpus_of(sentences, three);
  EXPECT_TRUE(std::ranges::equal(a.words.words(), b.words.words()));
  EXPECT_TRUE(std::ranges::equal(a.ids, b.ids));
  EXPECT_EQ(a.words[0], "the");
  EXPECT_EQ(a.counts[0], 2000);
  EXPECT_EQ(a.num_tokens, 2000 * 9);
  EXPECT_EQ(a.num_sentences, 2000);
}

TEST(Corpus, RareWordsAndEmptySentencesGo) {
  ThreadPool pool(2);
  const Corpus corpus =
      corpus_of({"a b a", "", "rare", "b  a\tb\r\nb a", "\xFF"}, pool, {.min_count = 2});
  ASSERT_EQ(corpus.words.size(), 2);
  EXPECT_EQ(corpus.words[0], "a");  // as often as b: the order of their bytes
  const std::int32_t want[] = {0, 1, 0, -1, 1, 0, 1, -1, 1, 0, -1};
  EXPECT_TRUE(std::ranges::equal(corpus.ids, want));
  EXPECT_EQ(corpus.num_read, 10);
}

TEST(Corpus, ASeparatorKeepsBlanksInItems) {
  ThreadPool pool(1);
  const Corpus corpus =
      corpus_of({"new york,rome", "rome,new york,,"}, pool, {.separator = ",", .min_count = 1});
  ASSERT_EQ(corpus.words.size(), 2);
  EXPECT_TRUE(corpus.words.find("new york"));
}

TEST(Corpus, NothingLeftIsAnErrorThatSaysHowMuchThereWas) {
  ThreadPool pool(1);
  const std::string error = error_of([&] { corpus_of({"a b c"}, pool); });
  EXPECT_NE(error.find("at least 5 times, found 3 words"), std::string::npos) << error;
  EXPECT_NE(error_of([&] { corpus_of({}, pool); }).find("found 0 words"), std::string::npos);
}

TEST(WordTrainer, WordsOfOneSubjectComeTogetherWithEveryMethod) {
  ThreadPool pool(2);
  const Corpus corpus = corpus_of(two_subjects(3000, 1), pool);
  for (int method = 0; method < 12; ++method) {
    const bool hs = method % 3 == 1;
    const WordTrainingOptions options = {.dim = 20,
                                         .window = method % 3 == 2 ? 70u : 3u,
                                         .negative = hs                ? 0u
                                                     : method % 3 == 2 ? 12u
                                                                       : 5u,
                                         .hs = hs,
                                         .cbow = method / 3 % 2 == 1,
                                         .sample = 0,
                                         .epochs = 3,
                                         .minn = method < 6 ? 0u : 2u,
                                         .maxn = method < 6 ? 0u : 3u,
                                         .bucket = 1000};
    WordTrainer trainer(corpus, options, pool);
    const auto reports = trainer.train();
    ASSERT_EQ(reports.size(), 3);
    EXPECT_LT(reports[2].loss, reports[0].loss) << method;
    const Tensor vectors = trainer.vectors();
    EXPECT_GT(similarity(corpus, vectors, "cat", "dog"), similarity(corpus, vectors, "cat", "boat"))
        << method;
    EXPECT_GT(similarity(corpus, vectors, "river", "boat"),
              similarity(corpus, vectors, "river", "fur"))
        << method;
  }
}

TEST(WordTrainer, DeterministicMeansTheSameBytesWithAnyThreads) {
  ThreadPool one(1), three(3);
  const auto sentences = two_subjects(5000, 2);
  const Corpus corpus = corpus_of(sentences, one), again = corpus_of(sentences, three);
  WordTrainingOptions options = {.dim = 10, .epochs = 2, .deterministic = true};
  WordTrainer a(corpus, options, one), b(again, options, three);
  a.train();
  b.train();
  EXPECT_TRUE(same_bytes(a.vectors(), b.vectors()));
  options.seed = 2;
  WordTrainer c(corpus, options, one);
  c.train();
  EXPECT_FALSE(same_bytes(a.vectors(), c.vectors()));
}

TEST(WordTrainer, AResumedTrainingGivesWhatAWholeOneGives) {
  ThreadPool pool(1);
  const Corpus corpus = corpus_of(two_subjects(200000, 3), pool);
  const TestFolder folder;
  WordTrainingOptions options = {.dim = 4, .epochs = 2, .deterministic = true};
  WordTrainer whole(corpus, options, pool);
  const auto want = whole.train();
  options.checkpoint = folder.path("state.safetensors");
  options.checkpoint_every = 0;
  options.resume = true;
  {
    WordTrainer stopped(corpus, options, pool);
    EXPECT_THROW(stopped.train([](const WordTrainingProgress& progress) {
      if (progress.epoch == 2 && progress.done > progress.total * 9 / 10) throw 1;
    }),
                 int);
  }
  WordTrainer resumed(corpus, options, pool);
  std::uint64_t first = 0;
  const auto reports = resumed.train([&](const WordTrainingProgress& progress) {
    if (first == 0) first = progress.done;
  });
  EXPECT_GT(first, corpus.ids.size());
  EXPECT_TRUE(same_bytes(whole.vectors(), resumed.vectors()));
  ASSERT_EQ(reports.size(), 2);
  EXPECT_EQ(reports[1].loss, want[1].loss);
  options.dim = 5;
  WordTrainer other(corpus, options, pool);
  EXPECT_NE(error_of([&] { other.train(); }).find("expected a checkpoint of this training"),
            std::string::npos);
}

TEST(WordTrainer, SettledVectorsEndTheTraining) {
  ThreadPool pool(1);
  const Corpus corpus = corpus_of(two_subjects(500, 4), pool);
  WordTrainer trainer(corpus, {.dim = 4, .epochs = 50, .deterministic = true, .settle = 0.2}, pool);
  const auto reports = trainer.train();
  EXPECT_LT(reports.size(), 50);
  EXPECT_LT(reports.back().movement, 0.2);
}

TEST(WordTrainer, StartsFromVectorsAndKeepsThemWithoutATraining) {
  ThreadPool pool(1);
  const Corpus corpus = corpus_of(two_subjects(500, 5), pool);
  WordTrainer first(corpus, {.dim = 6, .deterministic = true}, pool);
  first.train();
  WordTrainer second(corpus, {.dim = 6, .seed = 9}, pool);
  const auto table = word_table(corpus.words, std::make_shared<const Tensor>(first.vectors()));
  EXPECT_EQ(second.start_from(*table), corpus.words.size());
  EXPECT_TRUE(same_bytes(first.vectors(), second.vectors()));
  WordTrainer wrong(corpus, {.dim = 7}, pool);
  EXPECT_NE(error_of([&] { wrong.start_from(*table); }).find("dim: expected 6"), std::string::npos);
}

TEST(WordTrainer, OneWordAndOneSentenceAreCorpora) {
  ThreadPool pool(2);
  for (const char* text : {"a", "a a", "a b"}) {
    const Corpus corpus = corpus_of({text}, pool, {.min_count = 1});
    for (const bool hs : {false, true}) {
      WordTrainer trainer(corpus, {.dim = 3, .hs = hs}, pool);
      trainer.train();
      const Tensor vectors = trainer.vectors();
      for (const float x : vectors.view<float>().span()) EXPECT_TRUE(std::isfinite(x));
    }
  }
}

TEST(WordTrainer, OptionsThatMakeNoSenseAreRefused) {
  ThreadPool pool(1);
  const Corpus corpus = corpus_of(two_subjects(20, 1), pool, {.min_count = 1});
  const auto error = [&](const WordTrainingOptions& options) {
    return error_of([&] { WordTrainer(corpus, options, pool); });
  };
  EXPECT_NE(error({.dim = 0}).find("dim: expected 1"), std::string::npos);
  EXPECT_NE(error({.negative = 0}).find("negative: expected at least 1"), std::string::npos);
  EXPECT_NE(error({.lr = -1}).find("lr: expected"), std::string::npos);
  EXPECT_NE(error({.minn = 4, .maxn = 3}).find("minn: expected"), std::string::npos);
  WordTrainer wild(corpus, {.dim = 3, .sample = 0, .epochs = 100, .lr = 10}, pool);
  const std::string message = error_of([&] { wild.train(); });
  EXPECT_TRUE(message == "no error" || message.find("lr: expected") == 0) << message;
}

}  // namespace
}  // namespace firth
