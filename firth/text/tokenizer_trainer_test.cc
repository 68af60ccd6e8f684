// Trained tokenizers against those of the reference (tests/fixtures/tokenizers-training).
#include "firth/text/tokenizer_trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "firth/io/file.h"
#include "firth/io/json.h"
#include "firth/text/pipeline.h"
#include "firth/text/tokenizer_files.h"

namespace firth {
namespace {

std::string fixture(const std::string& name) {
  return std::string(FIRTH_SOURCE_DIR) + "/tests/fixtures/tokenizers-training/" + name;
}

std::vector<std::string> corpus() {
  const std::string text = read_file(fixture("corpus.txt"));
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::string train(const TokenizerRecipe& recipe, const TrainerOptions& options,
                  const std::vector<std::string>& texts, std::size_t num_threads = 1) {
  ThreadPool pool(num_threads);
  TokenizerTrainer trainer(recipe, options, pool);
  trainer.add(std::vector<std::string_view>(texts.begin(), texts.end()));
  return trainer.train();
}

std::map<std::string, std::int64_t> vocabulary(const Json& root) {
  std::map<std::string, std::int64_t> ids;
  for (const auto& [token, id] : root.at("model").at("vocab").fields()) {
    ids[std::string(token)] = id.as_int();
  }
  return ids;
}

// Vocabulary and merges of both files are the same.
void expect_same_model(const std::string& json, const std::string& reference) {
  const JsonDocument found = JsonDocument::parse(json, "trained");
  const JsonDocument expected = JsonDocument::read(fixture(reference));
  EXPECT_EQ(vocabulary(found.root()), vocabulary(expected.root())) << reference;
  const auto merges = expected.root().at("model").find("merges");
  if (!merges) return;
  EXPECT_EQ(found.root().at("model").at("merges").text(), merges->text());
}

TokenizerRecipe like(const std::string& name) {
  TokenizerRecipe recipe = read_recipe(JsonDocument::read(fixture(name)).root());
  recipe.added_tokens.clear();
  return recipe;
}

const std::vector<std::string> kBertTokens = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};

TEST(TokenizerTrainer, BpeIsTheReferences) {
  const BpeTrainerOptions options = {.vocab_size = 400, .special_tokens = {"<unk>", "<pad>"}};
  expect_same_model(train(like("bpe.json"), options, corpus()), "bpe.json");
}

TEST(TokenizerTrainer, ByteLevelBpeIsTheReferences) {
  const BpeTrainerOptions options = {.vocab_size = 500,
                                     .min_frequency = 2,
                                     .special_tokens = {"<|endoftext|>"},
                                     .initial_alphabet = byte_alphabet()};
  expect_same_model(train(like("bpe-bytes.json"), options, corpus()), "bpe-bytes.json");
}

TEST(TokenizerTrainer, WordLevelIsTheReferences) {
  const WordLevelTrainerOptions options = {
      .vocab_size = 300, .min_frequency = 2, .special_tokens = {"[UNK]"}};
  expect_same_model(train(like("wordlevel.json"), options, corpus()), "wordlevel.json");
}

TEST(TokenizerTrainer, WordPieceSharesWithTheReferenceWhatTheReferenceSharesWithItself) {
  const WordPieceTrainerOptions options = {
      .vocab_size = 400, .min_frequency = 2, .special_tokens = kBertTokens};
  const std::string json = train(like("wordpiece.json"), options, corpus());
  const JsonDocument document = JsonDocument::parse(json, "trained");
  const auto found = vocabulary(document.root());
  const auto expected = vocabulary(JsonDocument::read(fixture("wordpiece.json")).root());
  const auto shared =
      std::ranges::count_if(expected, [&](const auto& item) { return found.contains(item.first); });
  EXPECT_EQ(found.size(), 400u);
  EXPECT_GE(shared, 388);
}

std::map<std::string, double> scores(const Json& root) {
  std::map<std::string, double> scores;
  for (const Json& piece : root.at("model").at("vocab").elements()) {
    scores[std::string(piece.at(std::size_t{0}).as_string())] =
        piece.at(std::size_t{1}).as_double();
  }
  return scores;
}

TEST(TokenizerTrainer, UnigramHasTheReferencesPiecesAndScores) {
  const UnigramTrainerOptions options = {
      .vocab_size = 300, .special_tokens = {"<unk>", "<s>"}, .unk_token = "<unk>"};
  const std::string json = train(like("unigram.json"), options, corpus());
  const JsonDocument document = JsonDocument::parse(json, "trained");
  const auto found = scores(document.root());
  const auto expected = scores(JsonDocument::read(fixture("unigram.json")).root());
  ASSERT_EQ(found.size(), expected.size());
  for (const auto& [piece, score] : expected) {
    ASSERT_TRUE(found.contains(piece)) << piece;
    EXPECT_NEAR(found.at(piece), score, 0.01) << piece;
  }
}

TEST(TokenizerTrainer, TheFileIsTheSameAtAnyNumberOfThreads) {
  const std::vector<std::string> texts = corpus();
  for (const TrainerOptions& options :
       {TrainerOptions(BpeTrainerOptions{.vocab_size = 600}),
        TrainerOptions(WordPieceTrainerOptions{.vocab_size = 600, .special_tokens = kBertTokens}),
        TrainerOptions(UnigramTrainerOptions{.vocab_size = 600}),
        TrainerOptions(WordLevelTrainerOptions{.vocab_size = 600})}) {
    const std::string alone = train(preset_recipe("whitespace"), options, texts, 1);
    EXPECT_EQ(train(preset_recipe("whitespace"), options, texts, 3), alone);
    EXPECT_EQ(train(preset_recipe("whitespace"), options, texts, 2), alone);
  }
}

}  // namespace
}  // namespace firth
