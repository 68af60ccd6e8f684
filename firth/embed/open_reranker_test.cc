#include "firth/embed/open_reranker.h"

#include <gtest/gtest.h>

#include <cstring>

#include "firth/embed/open_embedder.h"
#include "firth/models/model_fixture_for_test.h"

namespace firth {
namespace {

std::vector<float> scores_of(const Reranker& reranker, std::span<const TextPair> pairs,
                             const RerankOptions& options = {}, std::size_t threads = 1) {
  ThreadPool pool(threads);
  Workspace workspace(pool);
  const PairScores scores = reranker.score(pairs, options, workspace);
  const auto values = scores.values.view<float>().span();
  return {values.begin(), values.end()};
}

struct Pairs {
  explicit Pairs(const ModelFixture& fixture) {
    for (const Json& pair : fixture.cases().at("pairs").elements())
      texts.emplace_back(pair.at("text").as_string(), pair.at("text_pair").as_string());
    for (const auto& [text, pair] : texts) views.push_back({text, pair});
  }

  std::vector<std::pair<std::string, std::string>> texts;
  std::vector<TextPair> views;
};

TEST(OpenReranker, ScoresEqualTheReference) {
  const ModelFixture fixture("cross-encoder");
  const Pairs pairs(fixture);
  const auto reranker = open_reranker(fixture.folder());
  const double tolerance = fixture.tolerance("logits");
  expect_near(scores_of(*reranker, pairs.views, {.prompt = {}, .logits = true, .progress = {}}),
              fixture.expected("logits").view<float>().span(), tolerance, "logits");
  expect_near(scores_of(*reranker, pairs.views), fixture.expected("scores").view<float>().span(),
              tolerance, "scores");
}

TEST(OpenReranker, RanksAsTheReference) {
  const ModelFixture fixture("cross-encoder");
  const auto reranker = open_reranker(fixture.folder());
  const Json rank = fixture.cases().at("rank");
  const std::string query(rank.at("query").as_string());
  std::vector<std::string> documents;
  for (const Json& document : rank.at("documents").elements())
    documents.emplace_back(document.as_string());
  std::vector<TextPair> pairs;
  for (const std::string& document : documents) pairs.push_back({query, document});
  ThreadPool pool(1);
  Workspace workspace(pool);
  const PairScores scores = reranker->score(pairs, {}, workspace);
  const auto order = ranking(scores.values.view<float>());
  ASSERT_EQ(order.size(), rank.at("order").size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(order[i], rank.at("order").at(i).as_uint()) << i;
    EXPECT_NEAR(scores.values.view<float>()(order[i], 0), rank.at("scores").at(i).as_double(),
                fixture.tolerance("logits"));
  }
  EXPECT_EQ(scores.report.num_truncated, 1);
}

TEST(OpenReranker, APairHasTheSameBitsAloneAndInAnyBatchAtAnyThreadCount) {
  const ModelFixture fixture("cross-encoder");
  Pairs pairs(fixture);
  const auto reranker = open_reranker(fixture.folder());
  const std::vector<float> alone = [&] {
    std::vector<float> all;
    for (const TextPair& pair : pairs.views) all.push_back(scores_of(*reranker, {&pair, 1})[0]);
    return all;
  }();
  for (const std::size_t threads : {1, 2, 5})
    EXPECT_EQ(scores_of(*reranker, pairs.views, {}, threads), alone);
}

TEST(OpenReranker, ACrossEncoderIsNotEmbeddedUnlessAPoolingIsStated) {
  const ModelFixture fixture("cross-encoder");
  const std::string error = error_of([&] { open_embedder(fixture.folder()); });
  EXPECT_NE(error.find("rerank"), std::string::npos) << error;
  EXPECT_EQ(open_embedder(fixture.folder(), {.pooling = "mean"})->description().dimension, 44);
}

TEST(OpenReranker, ReadsWhatSentenceTransformersSaves) {
  const ModelFixture fixture("cross-encoder");
  const Pairs pairs(fixture);
  const ModelCopy copy("cross-encoder");
  copy.write("modules.json",
             "[{\"idx\": 0, \"name\": \"0\", \"path\": \"\", \"type\": "
             "\"sentence_transformers.base.modules.transformer.Transformer\"}]");
  copy.write("sentence_bert_config.json", "{\"transformer_task\": \"sequence-classification\"}");
  copy.write("config_sentence_transformers.json",
             "{\"activation_fn\": \"torch.nn.modules.linear.Identity\", \"prompts\": {}}");
  expect_near(scores_of(*open_reranker(copy.path()), pairs.views),
              fixture.expected("logits").view<float>().span(), fixture.tolerance("logits"),
              "logits");
  EXPECT_NE(error_of([&] { open_embedder(copy.path()); }).find("rerank"), std::string::npos);
}

TEST(OpenReranker, RefusesWhatIsNoCrossEncoder) {
  const ModelFixture bert("bert");
  EXPECT_NE(error_of([&] { open_reranker(bert.folder()); }).find("ForSequenceClassification"),
            std::string::npos);
  const ModelFixture chain("sentence-transformer");
  EXPECT_NE(error_of([&] { open_reranker(chain.folder()); }).find("Pooling"), std::string::npos);
  EXPECT_NE(error_of([&] { open_reranker("/nowhere"); }).find("nothing there"), std::string::npos);
}

struct BadHead {
  const char* from;
  const char* to;
  const char* message;
};

class BadHeads : public ::testing::TestWithParam<BadHead> {};

TEST_P(BadHeads, AreRefusedWithTheReason) {
  const ModelCopy copy("cross-encoder");
  copy.edit("config.json", GetParam().from, GetParam().to);
  const std::string error = error_of([&] { open_reranker(copy.path()); });
  EXPECT_NE(error.find(GetParam().message), std::string::npos) << error;
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadHeads,
    ::testing::Values(BadHead{"\"0\": \"LABEL_0\"", "\"0\": \"a\", \"1\": \"b\"",
                              "classifier.weight"},
                      BadHead{"\"0\": \"LABEL_0\"", "\"7\": \"a\"", "id2label"},
                      BadHead{"\"0\": \"LABEL_0\"", "", "expected a label"},
                      BadHead{"\"0\": \"LABEL_0\"", "\"0\": 3", "id2label"},
                      BadHead{"activation.Sigmoid", "activation.Threshold", "Threshold"},
                      BadHead{"\"activation_fn\": \"torch", "\"activation_fn\": 7, \"x\": \"torch",
                              "activation_fn"},
                      BadHead{"BertForSequenceClassification", "BertForTokenClassification",
                              "BertForTokenClassification"}));

}  // namespace
}  // namespace firth
