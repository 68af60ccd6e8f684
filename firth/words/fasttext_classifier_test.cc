#include "firth/words/fasttext_classifier.h"

#include <gtest/gtest.h>

#include "firth/core/random.h"
#include "firth/io/file.h"
#include "firth/io/test_folder.h"

namespace firth {
namespace {

struct TestSet {
  std::vector<std::string> texts;
  std::vector<LabelledText> labelled;
  std::vector<std::string> names = {"animals", "water", "numbers"};
};

TestSet subjects(std::size_t n, std::uint64_t seed, bool multi_label = false) {
  const std::vector<std::vector<std::string>> words = {{"cat", "dog", "purr", "bark", "fur"},
                                                       {"fish", "swim", "river", "boat", "sea"},
                                                       {"one", "two", "three", "four", "five"}};
  Random random(seed);
  TestSet set;
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<std::uint32_t> labels = {static_cast<std::uint32_t>(i % 3)};
    if (multi_label && i % 2 == 0) labels.push_back((labels[0] + 1) % 3);
    std::string text = "the";
    for (const std::uint32_t label : labels) {
      for (int word = 0; word < 4; ++word) text += " " + words[label][random.below(5)];
    }
    set.texts.push_back(text);
    set.labelled.push_back({.text = {}, .labels = labels});
  }
  for (std::size_t i = 0; i < n; ++i) set.labelled[i].text = set.texts[i];
  return set;
}

// Labels as numbers of the model.
std::vector<LabelledText> for_model(const TestSet& set, const FastTextModel& model) {
  std::vector<LabelledText> texts = set.labelled;
  for (LabelledText& text : texts) {
    for (std::uint32_t& label : text.labels)
      label = static_cast<std::uint32_t>(*model.labels().find("__label__" + set.names[label]));
  }
  return texts;
}

TEST(FastTextClassifier, EveryLossLearnsLabelsThatItsFileKeeps) {
  ThreadPool pool(1);
  const TestSet train = subjects(300, 1), test = subjects(90, 2);
  const TestFolder folder;
  const std::optional<FastTextLoss> losses[] = {
      std::nullopt, FastTextLoss::kSoftmax, FastTextLoss::kNegativeSampling,
      FastTextLoss::kHierarchicalSoftmax, FastTextLoss::kOneVsAll};
  for (const auto& loss : losses) {
    const auto model = train_fasttext_classifier(
        train.labelled, train.names,
        {.loss = loss, .features = TextFeatures{.minn = 2, .maxn = 3}, .dim = 10}, pool);
    const std::string path = folder.path("model.bin");
    model->write(path);
    const auto again = FastTextModel::open(path);
    const ClassificationQuality quality =
        evaluate_fasttext(*again, for_model(test, *again), 0, pool);
    EXPECT_GT(quality.accuracy, 0.98) << (loss ? fasttext_loss_name(*loss) : "linear");
    for (const LabelQuality& label : quality.labels) EXPECT_EQ(label.support, 30);
    EXPECT_EQ(model->predict("a dog", 3)[0].probability, again->predict("a dog", 3)[0].probability);
  }
}

TEST(FastTextClassifier, LinearIsTheSameWithAnyThreads) {
  ThreadPool one(1), three(3);
  const TestSet train = subjects(200, 1);
  const TestFolder folder;
  train_fasttext_classifier(train.labelled, train.names, {}, one)->write(folder.path("a"));
  train_fasttext_classifier(train.labelled, train.names, {}, three)->write(folder.path("b"));
  EXPECT_EQ(read_file(folder.path("a")), read_file(folder.path("b")));
}

TEST(FastTextClassifier, SeveralLabelsHaveProbabilitiesOfTheirOwn) {
  ThreadPool pool(2);
  const TestSet train = subjects(400, 1, true), test = subjects(100, 2, true);
  const auto model =
      train_fasttext_classifier(train.labelled, train.names, {.multi_label = true}, pool);
  EXPECT_EQ(model->args().loss, FastTextLoss::kOneVsAll);
  const ClassificationQuality quality =
      evaluate_fasttext(*model, for_model(test, *model), 0.5, pool);
  EXPECT_GT(quality.micro_f1, 0.95);
  float sum = 0;
  for (const LabelScore& label : model->predict("cat dog fur fish river sea", 3))
    sum += label.probability;
  EXPECT_GT(sum, 1.2F);
}

TEST(FastTextClassifier, FeaturesAreTriedOnHeldOutTexts) {
  ThreadPool pool(1);
  // No word occurs twice: only characters tell.
  Random random(3);
  std::vector<std::string> texts;
  std::vector<LabelledText> labelled;
  for (std::uint32_t i = 0; i < 200; ++i)
    texts.push_back((i % 2 == 0 ? "un" : "re") + std::to_string(random.next()));
  for (std::uint32_t i = 0; i < 200; ++i) labelled.push_back({texts[i], {i % 2}});
  FastTextClassifierReport report;
  const std::vector<std::string> names = {"un", "re"};
  train_fasttext_classifier(labelled, names, {}, pool, &report);
  EXPECT_GT(report.features.maxn, 0);
  EXPECT_EQ(report.trials.size(), 12);
}

TEST(FastTextClassifier, QuantisedItStillTellsLabelsApart) {
  ThreadPool pool(1);
  const TestSet train = subjects(300, 1), test = subjects(90, 2);
  const auto model = train_fasttext_classifier(
      train.labelled, train.names,
      {.loss = FastTextLoss::kSoftmax, .features = TextFeatures{.word_ngrams = 2}, .dim = 8}, pool);
  const TestFolder folder;
  const std::string path = folder.path("model.ftz");
  model->quantize({.dsub = 2, .qnorm = true, .cutoff = 40})->write(path);
  const auto small = FastTextModel::open(path);
  EXPECT_LT(small->words().size(), model->words().size() + 1);
  EXPECT_GT(evaluate_fasttext(*small, for_model(test, *small), 0, pool).accuracy, 0.95);
}

TEST(FastTextClassifier, NothingToLearnIsAnError) {
  ThreadPool pool(1);
  const std::vector<std::string> names = {"a"};
  const std::vector<LabelledText> none = {{"text", {}}};
  for (const auto& texts : {std::vector<LabelledText>(), none}) {
    EXPECT_NE(error_of([&] {
                train_fasttext_classifier(texts, names, {}, pool);
              }).find("expected texts with labels"),
              std::string::npos);
  }
}

TEST(FastTextClassifier, LabelsStandAnywhereInALine) {
  std::vector<std::string> names = {"b"};
  const LabelledLine line =
      parse_labelled_line("__label__a two  words __label__b\n", "__label__", names);
  EXPECT_EQ(line.text, "two words");
  EXPECT_EQ(line.labels, (std::vector<std::uint32_t>{1, 0}));
  EXPECT_EQ(names, (std::vector<std::string>{"b", "a"}));
}

}  // namespace
}  // namespace firth
