#include "firth/embed/open_embedder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "firth/core/error.h"
#include "firth/core/random.h"
#include "firth/kernels/vector.h"
#include "firth/models/model_fixture_for_test.h"
#include "firth/text/tokenizer.h"

namespace firth {
namespace {

using Rows = std::vector<std::vector<float>>;

Rows rows_of(const Tensor& tensor) {
  Rows rows;
  const auto view = tensor.view<float>();
  for (std::size_t i = 0; i < view.rows(); ++i)
    rows.emplace_back(view.row(i).begin(), view.row(i).end());
  return rows;
}

Vectors embed(const Embedder& embedder, const std::vector<std::string>& texts,
              const EmbedOptions& options = {}, std::size_t num_threads = 2) {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  ThreadPool pool(num_threads);
  Workspace workspace(pool);
  return embedder.embed(std::span(views), options, workspace);
}

TokenVectors embed_tokens(const Embedder& embedder, const std::vector<std::string>& texts,
                          const TokenOptions& options) {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  ThreadPool pool(2);
  Workspace workspace(pool);
  return embedder.embed_tokens(std::span(views), options, workspace);
}

std::vector<std::string> texts_of(const ModelFixture& fixture) {
  std::vector<std::string> texts;
  for (const FixtureText& text : fixture.texts()) texts.push_back(text.text);
  return texts;
}

// Those that have a row in the fixture's vectors: the ones that give a token.
std::vector<std::string> texts_with_tokens(const ModelFixture& fixture) {
  std::vector<std::string> texts;
  for (const FixtureText& text : fixture.texts())
    if (!text.ids.empty()) texts.push_back(text.text);
  return texts;
}

void expect_rows(const Tensor& found, const ModelFixture& fixture, const std::string& name,
                 double tolerance) {
  const Tensor expected = fixture.expected(name);
  ASSERT_EQ(found.shape(), expected.shape()) << name;
  for (std::size_t i = 0; i < found.shape()[0]; ++i) {
    expect_near(found.view<float>().row(i), expected.view<float>().row(i), tolerance,
                name + " " + fixture.texts()[i].id);
  }
}

class ChainFixture : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Models, ChainFixture,
                         ::testing::Values("sentence-transformer", "qwen3-embedding"));

TEST_P(ChainFixture, EqualsTheReference) {
  const ModelFixture fixture(GetParam());
  const auto embedder = open_embedder(fixture.folder());
  const double tolerance = fixture.tolerance("normalized_embedding");
  const auto texts = texts_of(fixture);
  expect_rows(embed(*embedder, texts).values, fixture, "sentence_embedding", tolerance);
  for (const auto& [name, prompt] : embedder->description().prompts) {
    if (prompt.empty()) continue;
    EmbedOptions options;
    options.prompt = prompt;
    expect_rows(embed(*embedder, texts, options).values, fixture,
                "sentence_embedding.prompt." + name, tolerance);
  }
  EmbedOptions cut;
  cut.dim = fixture.expected("sentence_embedding.truncated").shape()[1];
  expect_rows(embed(*embedder, texts, cut).values, fixture, "sentence_embedding.truncated",
              tolerance);
}

TEST(OpenEmbedder, SimilarityEqualsTheReference) {
  const ModelFixture fixture("sentence-transformer");
  const auto embedder = open_embedder(fixture.folder());
  auto texts = texts_of(fixture);
  texts.resize(8);
  const Vectors vectors = embed(*embedder, texts);
  const Tensor expected = fixture.expected("similarity");
  for (std::size_t i = 0; i < 8; ++i) {
    for (std::size_t j = 0; j < 8; ++j) {
      EXPECT_NEAR(cosine(vectors.values.view<float>().row(i), vectors.values.view<float>().row(j)),
                  expected.view<float>()(i, j), 1e-5);
    }
  }
}

TEST(OpenEmbedder, DescribesWhatTheFilesSay) {
  const ModelFixture fixture("sentence-transformer");
  const auto embedder = open_embedder(fixture.folder());
  const EmbedderDescription& description = embedder->description();
  EXPECT_EQ(description.name, "sentence-transformer");
  EXPECT_EQ(description.kind, "sentence-transformers");
  EXPECT_EQ(description.dimension, 24);
  EXPECT_EQ(description.max_length, 40);
  EXPECT_EQ(description.num_layers, 3);
  EXPECT_EQ(description.num_attention_heads, 4);
  EXPECT_EQ(description.pooling, "mean");
  EXPECT_TRUE(description.normalized);
  EXPECT_EQ(description.prompts.at("query"), "query: ");
  EXPECT_EQ(description.default_prompt_name, "");
  EXPECT_EQ(open_embedder(ModelFixture("bert").folder())->description().max_length, 64);
}

class PlainFixture : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Models, PlainFixture,
                         ::testing::Values("bert", "distilbert", "roberta", "xlm-roberta", "mpnet",
                                           "modernbert", "gpt2"));

TEST_P(PlainFixture, PoolsAsAsked) {
  const ModelFixture fixture(GetParam());
  const auto texts = texts_with_tokens(fixture);
  for (const std::string mode : {"mean", "cls", "last", "max", "mean_sqrt_len"}) {
    const auto embedder = open_embedder(fixture.folder(), {.pooling = mode});
    const Tensor values = embed(*embedder, texts).values.clone();
    const double scale = mode == "mean_sqrt_len" ? 8 : 1;
    expect_rows(values, fixture, "embedding." + mode,
                scale * fixture.tolerance("last_hidden_state"));
    const std::string normalized = "embedding." + mode + ".normalized";
    if (!fixture.has(normalized)) continue;
    EmbedOptions options;
    options.normalize = true;
    expect_rows(embed(*embedder, texts, options).values, fixture, normalized,
                fixture.tolerance("normalized_embedding"));
  }
}

TEST(OpenEmbedder, PoolingsStandSideBySide) {
  const ModelFixture fixture("bert");
  const std::vector<std::string> texts = {fixture.text("ascii").text, ""};
  const auto both =
      rows_of(embed(*open_embedder(fixture.folder(), {.pooling = "max+cls"}), texts).values);
  const auto max =
      rows_of(embed(*open_embedder(fixture.folder(), {.pooling = "max"}), texts).values);
  const auto cls =
      rows_of(embed(*open_embedder(fixture.folder(), {.pooling = "cls"}), texts).values);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::vector<float> expected = max[i];
    expected.insert(expected.end(), cls[i].begin(), cls[i].end());
    EXPECT_EQ(both[i], expected);
  }
}

class StaticFixture : public ::testing::TestWithParam<const char*> {};

TEST_P(StaticFixture, EqualsTheReference) {
  const ModelFixture fixture(GetParam());
  const auto embedder = open_embedder(fixture.folder());
  expect_rows(embed(*embedder, texts_of(fixture)).values, fixture, "sentence_embedding",
              fixture.tolerance("sentence_embedding"));
  EXPECT_THROW(embed_tokens(*embedder, {"a"}, {}), Error);
}

INSTANTIATE_TEST_SUITE_P(Models, StaticFixture, ::testing::Values("static-st", "model2vec"));

TEST(OpenEmbedder, TokensHaveTheReferencesStatesPiecesAndPlaces) {
  const ModelFixture fixture("bert");
  const auto embedder = open_embedder(fixture.folder());
  TokenOptions options;
  options.layers = {0, 1, 2, 3};
  options.attention_layers = {0, 1, 2};
  const std::vector<std::string> texts = {fixture.text("long").text, fixture.text("ascii").text, "",
                                          fixture.text("mixed_cjk").text};
  const TokenVectors found = embed_tokens(*embedder, texts, options);
  const double tolerance = fixture.tolerance("last_hidden_state");
  for (const std::string id : {"ascii", "mixed_cjk"}) {
    const std::size_t item = id == "ascii" ? 1 : 3;
    const auto begin = static_cast<std::size_t>(found.tokens.offsets[item]);
    const auto end = static_cast<std::size_t>(found.tokens.offsets[item + 1]);
    for (std::size_t layer = 0; layer < 4; ++layer) {
      const std::string name = "hidden." + id + "." + std::to_string(layer);
      expect_near(found.layers[layer].view<float>().slice_rows(begin, end).span(),
                  fixture.expected(name).view<float>().span(), tolerance, name);
    }
  }
  std::size_t attention_begin = std::size_t{4} * 64 * 64;
  for (std::size_t layer = 0; layer < 3; ++layer) {
    const std::string name = "attention.ascii." + std::to_string(layer);
    const Tensor expected = fixture.expected(name);
    expect_near(
        found.attentions[layer].view<float>().span().subspan(attention_begin, expected.size()),
        expected.view<float>().span(), tolerance, name);
  }
  EXPECT_EQ(found.report.num_truncated, 1);
  EXPECT_EQ(found.tokens.length(2), 2);
  const auto first = static_cast<std::size_t>(found.tokens.offsets[1]);
  EXPECT_EQ(found.pieces[first], "[CLS]");
  EXPECT_EQ(found.pieces[first + 3], "##ic");
  EXPECT_EQ(found.spans[first + 3], (TokenSpan{6, 8}));
  TokenOptions prompted;
  prompted.prompt = "the quick ";
  const TokenVectors with_prompt = embed_tokens(*embedder, {"brown fox"}, prompted);
  EXPECT_EQ(with_prompt.spans[1], (TokenSpan{0, 0}));
  EXPECT_EQ(with_prompt.spans[with_prompt.spans.size() - 2].end, 9);
}

std::vector<std::string> random_texts(std::uint64_t seed, std::size_t n) {
  Random random(seed);
  const std::vector<std::string> words = {"the", "lazy", "dog", "fox",  "日本", "été", "42",
                                          "?!",  "over", "née", "good", "🙂", "of",  "jump"};
  std::vector<std::string> texts(n);
  for (std::string& text : texts) {
    for (std::size_t words_left = random.below(30); words_left > 0; --words_left)
      text += words[random.below(words.size())] + (random.below(4) == 0 ? "" : " ");
  }
  return texts;
}

class AnyModel : public ::testing::TestWithParam<const char*> {};

TEST_P(AnyModel, AVectorHasTheSameBitsAloneInAnyBatchOrderAndNumberOfThreads) {
  const std::string folder = ModelFixture(GetParam()).folder();
  auto texts = random_texts(3, 40);
  const auto one_by_one = open_embedder(folder);
  Rows expected;
  for (const std::string& text : texts)
    expected.push_back(rows_of(embed(*one_by_one, {text}, {}, 1).values)[0]);
  Random random(11);
  for (const std::size_t budget : {1, 17, 100, 4096}) {
    const auto embedder = open_embedder(folder, {.token_budget = budget});
    for (const std::size_t num_threads : {1, 2, 3}) {
      for (std::size_t i = texts.size() - 1; i > 0; --i) {
        const std::size_t j = random.below(i + 1);
        std::swap(texts[i], texts[j]);
        std::swap(expected[i], expected[j]);
      }
      ASSERT_EQ(rows_of(embed(*embedder, texts, {}, num_threads).values), expected)
          << budget << " tokens, " << num_threads << " threads";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, AnyModel,
                         ::testing::Values("bert", "sentence-transformer", "static-st", "model2vec",
                                           "distilbert", "roberta", "xlm-roberta", "mpnet",
                                           "modernbert", "qwen3-embedding", "gpt2"));

TEST(Embedder, IdsGiveTheVectorsOfTheirTexts) {
  const ModelFixture fixture("bert");
  const auto embedder = open_embedder(fixture.folder());
  Ragged ids;
  for (const FixtureText& text : fixture.texts()) {
    ids.ids.insert(ids.ids.end(), text.ids.begin(), text.ids.end());
    ids.close_sequence();
  }
  ThreadPool pool(1);
  Workspace workspace(pool);
  const Vectors vectors = embedder->embed(std::cref(ids), {}, workspace);
  EXPECT_EQ(rows_of(vectors.values), rows_of(embed(*embedder, texts_of(fixture)).values));
  ids.ids[3] = 800;
  const std::string error = error_of([&] { embedder->embed(std::cref(ids), {}, workspace); });
  EXPECT_NE(error.find("token id 800"), std::string::npos) << error;
}

TEST(Embedder, LayersAreAveragedBeforePooling) {
  const ModelFixture fixture("bert");
  const auto embedder = open_embedder(fixture.folder());
  const std::string text = fixture.text("ascii").text;
  TokenOptions token_options;
  token_options.layers = {1, -1};
  const TokenVectors tokens = embed_tokens(*embedder, {text}, token_options);
  EmbedOptions options;
  options.layers = {1, -1};
  const Vectors vectors = embed(*embedder, {text}, options);
  const std::size_t n = tokens.tokens.num_tokens();
  for (std::size_t d = 0; d < 48; ++d) {
    double sum = 0;
    for (std::size_t t = 0; t < n; ++t)
      sum += tokens.layers[0].view<float>()(t, d) + tokens.layers[1].view<float>()(t, d);
    EXPECT_NEAR(vectors.values.view<float>()(0, d), sum / 2 / static_cast<double>(n), 1e-5);
  }
  options.layers = {4};
  EXPECT_NE(error_of([&] { embed(*embedder, {text}, options); }).find("expected -4 to 3"),
            std::string::npos);
}

std::string long_text() {
  std::string text;
  for (int i = 0; i < 100; ++i) text += i % 3 == 0 ? "the " : "over ";
  return text;
}

TEST(LongTexts, AreCountedWhenTheyAreCut) {
  const auto embedder = open_embedder(ModelFixture("sentence-transformer").folder());
  const Vectors vectors = embed(*embedder, {"the", long_text(), long_text()});
  EXPECT_EQ(vectors.report.num_items, 3);
  EXPECT_EQ(vectors.report.num_truncated, 2);
  EXPECT_EQ(vectors.report.num_tokens, 3 + 40 + 40);
}

TEST(LongTexts, AreRefusedWhereTheCallerSaysSo) {
  const auto embedder = open_embedder(ModelFixture("sentence-transformer").folder());
  EmbedOptions options;
  options.long_policy = LongPolicy::kError;
  const std::string error = error_of([&] { embed(*embedder, {"the", long_text()}, options); });
  EXPECT_NE(error.find("item 1: expected at most 40 tokens, found 102"), std::string::npos)
      << error;
}

TEST(LongTexts, BecomeWindowsThatShareTokens) {
  const auto embedder = open_embedder(ModelFixture("sentence-transformer").folder());
  EmbedOptions options;
  options.long_policy = LongPolicy::kChunkEach;
  options.chunk_overlap = 8;
  const Vectors each = embed(*embedder, {"the", long_text(), "over"}, options);
  // 100 tokens in windows of 38, 30 further each: [0, 38), [30, 68), [60, 98), [90, 100)
  EXPECT_EQ(each.row_offsets, (std::vector<std::int64_t>{0, 1, 5, 6}));
  EXPECT_EQ(each.report.num_truncated, 1);
  EXPECT_EQ(rows_of(each.values)[0], rows_of(embed(*embedder, {"the"}).values)[0]);
  EXPECT_EQ(rows_of(each.values)[1], rows_of(embed(*embedder, {long_text()}).values)[0]);

  options.long_policy = LongPolicy::kChunkMean;
  const Vectors mean = embed(*embedder, {"the", long_text(), "over"}, options);
  ASSERT_EQ(mean.values.shape(), (Shape{3, 24}));
  const auto rows = each.values.view<float>();
  std::vector<float> expected(24);
  const std::vector<float> weights = {40, 40, 40, 12};
  for (std::size_t w = 0; w < 4; ++w) axpy(weights[w], rows.row(1 + w), expected);
  normalize_rows({expected.data(), Shape{1, 24}});
  expect_near(mean.values.view<float>().row(1), expected, 1e-6, "mean of windows");
  EXPECT_EQ(rows_of(mean.values)[2], rows_of(each.values)[5]);

  options.chunk_overlap = 38;
  EXPECT_NE(error_of([&] { embed(*embedder, {long_text()}, options); }).find("windows of 40"),
            std::string::npos);
}

TEST(Report, NamesTheScriptsOfUnknownTokens) {
  const auto embedder = open_embedder(ModelFixture("bert").folder());
  const Vectors vectors = embed(*embedder, {"the dog", "ꦲꦏꦱꦫ the"});
  EXPECT_GT(vectors.report.num_unknown, 0);
  EXPECT_EQ(vectors.report.unknown_scripts.begin()->first, "Javanese");
  EXPECT_EQ(embed(*embedder, {"the dog"}).report.num_unknown, 0);
}

TEST(Prompts, TheModelsDefaultIsUsed) {
  const ModelCopy copy("sentence-transformer");
  copy.edit("config_sentence_transformers.json", "\"default_prompt_name\": null",
            "\"default_prompt_name\": \"query\"");
  const auto plain = open_embedder(ModelFixture("sentence-transformer").folder());
  const auto prompted = open_embedder(copy.path());
  EXPECT_EQ(rows_of(embed(*prompted, {"the dog"}).values),
            rows_of(embed(*plain, {"query: the dog"}).values));
  EmbedOptions without;
  without.prompt = "";
  EXPECT_EQ(rows_of(embed(*prompted, {"the dog"}, without).values),
            rows_of(embed(*plain, {"the dog"}).values));
}

TEST(Prompts, MayBeLeftOutOfThePooling) {
  const ModelCopy copy("sentence-transformer");
  copy.edit("1_Pooling/config.json", "\"include_prompt\": true", "\"include_prompt\": false");
  copy.write("modules.json",
             R"([{"path": "", "type": "sentence_transformers.models.Transformer"},
                 {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}])");
  const auto embedder = open_embedder(copy.path());
  EmbedOptions options;
  options.prompt = "over the ";
  TokenOptions token_options;
  token_options.prompt = options.prompt;
  const TokenVectors tokens = embed_tokens(*embedder, {"lazy dog"}, token_options);
  const Vectors vectors = embed(*embedder, {"lazy dog"}, options);
  const std::size_t n = tokens.tokens.num_tokens();
  constexpr std::size_t kSkipped = 3;  // [CLS] over the
  for (std::size_t d = 0; d < 48; ++d) {
    double sum = 0;
    for (std::size_t t = kSkipped; t < n; ++t) sum += tokens.layers[0].view<float>()(t, d);
    EXPECT_NEAR(vectors.values.view<float>()(0, d), sum / static_cast<double>(n - kSkipped), 1e-5);
  }
}

TEST(Identity, NamesFilesAndChoices) {
  const ModelFixture fixture("sentence-transformer");
  const std::string identity = open_embedder(fixture.folder())->identity();
  EXPECT_EQ(identity.size(), 32);
  const ModelCopy copy("sentence-transformer");
  EXPECT_EQ(open_embedder(copy.path())->identity(), identity);
  EXPECT_NE(open_embedder(copy.path(), {.pooling = "cls"})->identity(), identity);
  EXPECT_NE(open_embedder(copy.path(), {.max_length = 20})->identity(), identity);
  copy.edit("config.json", "\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": 1e-11");
  EXPECT_NE(open_embedder(copy.path())->identity(), identity);
}

TEST(Embedder, ReportsProgressUpToTheNumberOfItems) {
  const auto embedder =
      open_embedder(ModelFixture("sentence-transformer").folder(), {.token_budget = 50});
  std::vector<std::uint64_t> seen;
  EmbedOptions options;
  options.progress = [&](std::uint64_t done) { seen.push_back(done); };
  embed(*embedder, random_texts(5, 30), options);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  EXPECT_EQ(seen.back(), 30);
}

// A spoilt copy of a model and what the error must say.
struct BadModel {
  const char* model;
  const char* file;  // to be edited or, if `from` is empty, written
  const char* from;
  const char* to;
  const char* message;
};

class BadModels : public ::testing::TestWithParam<BadModel> {};

TEST_P(BadModels, AreRefusedWithTheReason) {
  const BadModel& bad = GetParam();
  const ModelCopy copy(bad.model);
  if (*bad.from != '\0') {
    copy.edit(bad.file, bad.from, bad.to);
  } else if (*bad.to != '\0') {
    copy.write(bad.file, bad.to);
  } else {
    copy.remove(bad.file);
  }
  const std::string error = error_of([&] { open_embedder(copy.path()); });
  EXPECT_NE(error.find(bad.message), std::string::npos) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
}

constexpr const char* kSt = "sentence-transformer";
INSTANTIATE_TEST_SUITE_P(
    Files, BadModels,
    ::testing::Values(
        BadModel{kSt, "modules.json", "models.Dense", "models.LSTM", "LSTM"},
        BadModel{kSt, "modules.json", "sentence_transformers.models.Dense", "custom_st.Dense",
                 "code of the model's own"},
        BadModel{kSt, "modules.json", "2_Dense", "../2_Dense", ".."},
        BadModel{kSt, "modules.json", "2_Dense", "/etc", "/etc"},
        BadModel{kSt, "modules.json", "2_Dense", "9_Dense", "9_Dense"},
        BadModel{kSt, "modules.json", "", "[]", "expected a module"},
        BadModel{kSt, "modules.json", "", "{", "modules.json"},
        BadModel{kSt, "2_Dense/config.json", "\"in_features\": 48", "\"in_features\": 24",
                 "in_features"},
        BadModel{kSt, "2_Dense/config.json", "\"out_features\": 24", "\"out_features\": 25",
                 "linear.weight"},
        BadModel{kSt, "2_Dense/config.json", "activation.Tanh", "activation.Softmin", "Softmin"},
        BadModel{kSt, "2_Dense/config.json", "\"bias\": true",
                 "\"bias\": true, \"module_input_name\": \"token_embeddings\"",
                 "module_input_name"},
        BadModel{kSt, "1_Pooling/config.json", "\"word_embedding_dimension\": 48",
                 "\"word_embedding_dimension\": 47", "word_embedding_dimension"},
        BadModel{kSt, "1_Pooling/config.json", "",
                 "{\"embedding_dimension\": 48, \"pooling_mode\": [\"mean\", \"attention\"]}",
                 "attention"},
        BadModel{kSt, "sentence_bert_config.json", "40", "-40", "max_seq_length"},
        BadModel{kSt, "config_sentence_transformers.json", "\"cosine\"", "\"hamming\"", "hamming"},
        BadModel{kSt, "config_sentence_transformers.json", "\"default_prompt_name\": null",
                 "\"default_prompt_name\": \"nothing\"", "default_prompt_name"},
        BadModel{kSt, "model.safetensors", "", "", "model.safetensors"},
        BadModel{kSt, "model.safetensors", "", "short", "model.safetensors"},
        BadModel{kSt, "config.json", "", "", "config.json"},
        BadModel{"static-st", "tokenizer.json", "", "", "tokenizer.json"},
        BadModel{"static-st", "model.safetensors", "", "", "model.safetensors"},
        BadModel{"model2vec", "config.json", "true", "\"yes\"", "normalize"},
        BadModel{"bert", "config.json", "\"bert\"", "\"t5\"", "t5"}));

TEST(OpenEmbedder, SaysWhatItFoundAndWhatItKnows) {
  const TestFolder folder;
  const auto message = [](const std::string& path) {
    return error_of([&] { open_embedder(path); });
  };
  EXPECT_NE(message(folder.path("none")).find("expected a model folder"), std::string::npos);
  EXPECT_NE(message(folder.path()).find("found nothing"), std::string::npos)
      << message(folder.path());
  folder.write("notes.txt", "text");
  EXPECT_NE(message(folder.path()).find("'notes.txt'"), std::string::npos);
  EXPECT_NE(message(folder.path("notes.txt")).find("found a file"), std::string::npos);
  const std::string gguf = folder.write("m.gguf", "GGUF");
  EXPECT_NE(message(gguf).find("GGUF"), std::string::npos);
  const TestFolder pickled;
  pickled.write("pytorch_model.bin", "PK");
  EXPECT_NE(message(pickled.path()).find("pickle"), std::string::npos) << message(pickled.path());
}

TEST(OpenEmbedder, ALimitBeyondTheModelsPositionsIsRefused) {
  const std::string error =
      error_of([] { open_embedder(ModelFixture("bert").folder(), {.max_length = 65}); });
  EXPECT_NE(error.find("at most 64"), std::string::npos) << error;
}

TEST(OpenEmbedder, KnowsOldAndNewSpellings) {
  const ModelCopy copy("sentence-transformer");
  copy.write("modules.json", R"([
    {"idx": 0, "name": "0", "path": "",
     "type": "sentence_transformers.base.modules.transformer.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling",
     "type": "sentence_transformers.sentence_transformer.modules.pooling.Pooling"},
    {"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.base.modules.dense.Dense"},
    {"idx": 3, "name": "3", "path": "3_Normalize",
     "type": "sentence_transformers.base.modules.normalize.Normalize"}])");
  copy.write("1_Pooling/config.json",
             R"({"embedding_dimension": 48, "pooling_mode": "mean", "include_prompt": true})");
  const ModelFixture fixture("sentence-transformer");
  expect_rows(embed(*open_embedder(copy.path()), texts_of(fixture)).values, fixture,
              "sentence_embedding", fixture.tolerance("normalized_embedding"));
}

TEST(OpenEmbedder, TheTokenizersLimitHoldsWhereTheModuleStatesNone) {
  const ModelCopy copy("sentence-transformer");
  copy.write("sentence_bert_config.json", R"({"do_lower_case": false})");
  EXPECT_EQ(open_embedder(copy.path())->description().max_length, 64);
  copy.edit("tokenizer_config.json", "\"model_max_length\": 64", "\"model_max_length\": 33");
  EXPECT_EQ(open_embedder(copy.path())->description().max_length, 33);
  copy.edit("tokenizer_config.json", "\"model_max_length\": 33",
            "\"model_max_length\": 1000000000000000019884624838656");
  EXPECT_EQ(open_embedder(copy.path())->description().max_length, 64);
}

TEST(OpenEmbedder, TextsAreLowerCasedWhereTheModuleSaysSo) {
  const ModelCopy copy("sentence-transformer");
  copy.edit("tokenizer.json", "\"lowercase\": true", "\"lowercase\": false");
  copy.edit("tokenizer_config.json", "\"do_lower_case\": true", "\"do_lower_case\": false");
  const auto cased = open_embedder(copy.path());
  copy.edit("sentence_bert_config.json", "\"do_lower_case\": false", "\"do_lower_case\": true");
  const auto lowering = open_embedder(copy.path());
  EXPECT_NE(rows_of(embed(*cased, {"The DOG"}).values), rows_of(embed(*cased, {"the dog"}).values));
  EXPECT_EQ(rows_of(embed(*lowering, {"The DOG"}).values),
            rows_of(embed(*cased, {"the dog"}).values));
}

TEST(OpenEmbedder, SpecialTokensKeepTheirCaseInLowerCasedTexts) {
  const ModelCopy copy("sentence-transformer");
  copy.edit("tokenizer_config.json", "\"do_lower_case\": true", "\"do_lower_case\": false");
  copy.edit("sentence_bert_config.json", "\"do_lower_case\": false", "\"do_lower_case\": true");
  const auto embedder = open_embedder(copy.path());
  const Tokenizer& tokenizer = *embedder->tokenizer();
  EXPECT_EQ(tokenizer.encode("The [MASK]").ids, tokenizer.encode("the [MASK]").ids);
  EXPECT_NE(tokenizer.encode("The [MASK]").ids, tokenizer.encode("the [mask]").ids);
}

// transformers makes BERT's normalizer anew from the settings beside tokenizer.json.
TEST(OpenEmbedder, SettingsOfBertsTokenizerOverruleItsNormalizer) {
  const ModelCopy copy("bert");
  const auto same = [&] {
    const auto embedder = open_embedder(copy.path());
    return embedder->tokenizer()->encode("The").ids == embedder->tokenizer()->encode("the").ids;
  };
  EXPECT_TRUE(same());
  copy.edit("tokenizer_config.json", "\"do_lower_case\": true", "\"do_lower_case\": false");
  EXPECT_FALSE(same());
  copy.edit("tokenizer_config.json", "\"BertTokenizer\"", "\"PreTrainedTokenizerFast\"");
  EXPECT_TRUE(same());
  copy.remove("tokenizer_config.json");
  EXPECT_TRUE(same());
}

TEST(Embedder, NumbersThatAreNoneAreAnError) {
  const ModelCopy copy("sentence-transformer");
  auto tensors = read_tensors(copy.path() + "/model.safetensors");
  const auto norm = std::ranges::find(tensors, "embeddings.LayerNorm.bias", &TensorToWrite::name);
  ASSERT_NE(norm, tensors.end());
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(norm->bytes.data(), &kNan, sizeof(kNan));
  write_safetensors(copy.path() + "/model.safetensors", tensors);
  const auto embedder = open_embedder(copy.path());
  EXPECT_NE(error_of([&] { embed(*embedder, {"the dog"}); }).find("found NaN"), std::string::npos);
  EXPECT_NE(error_of([&] { embed_tokens(*embedder, {"the dog"}, {}); }).find("found NaN"),
            std::string::npos);
}

TEST(OpenEmbedder, TheLicenceIsThatOfTheReadme) {
  const ModelCopy copy("static-st");
  copy.write("README.md", "---\nlanguage: en\nlicense: apache-2.0\n---\n# A model\nlicense: no\n");
  EXPECT_EQ(open_embedder(copy.path())->description().licence, "apache-2.0");
}

TEST(Model2Vec, IsKnownByItsFieldsToo) {
  const ModelCopy copy("model2vec");
  copy.write("config.json",
             R"({"max_length": 512, "normalize": true, "embedding_dtype": "float32"})");
  const ModelFixture fixture("model2vec");
  const auto embedder = open_embedder(copy.path());
  EXPECT_EQ(embedder->description().kind, "model2vec");
  expect_rows(embed(*embedder, texts_of(fixture)).values, fixture, "sentence_embedding",
              fixture.tolerance("sentence_embedding"));
}

TEST(Model2Vec, RowsMayBeSharedAndWeighted) {
  const ModelFixture fixture("model2vec");
  const ModelCopy copy("model2vec");
  auto tensors = read_tensors(fixture.folder() + "/model.safetensors");
  ASSERT_EQ(tensors.size(), 1);
  // Each token keeps its row, at half its length and with weight 2: the same vectors.
  std::string mapping;
  std::string weights;
  const double two = 2;
  for (std::int64_t token = 0; token < 1200; ++token) {
    mapping.append(reinterpret_cast<const char*>(&token), sizeof(token));
    weights.append(reinterpret_cast<const char*>(&two), sizeof(two));
  }
  for (std::size_t i = 0; i < tensors[0].bytes.size(); i += 4) {
    float value = 0;
    std::memcpy(&value, tensors[0].bytes.data() + i, 4);
    value /= 2;
    std::memcpy(tensors[0].bytes.data() + i, &value, 4);
  }
  write_safetensors(
      copy.path() + "/model.safetensors",
      {tensors[0], {"mapping", "I64", {1200}, mapping}, {"weights", "F64", {1200}, weights}});
  expect_rows(embed(*open_embedder(copy.path()), texts_of(fixture)).values, fixture,
              "sentence_embedding", fixture.tolerance("sentence_embedding"));
}

}  // namespace
}  // namespace firth
