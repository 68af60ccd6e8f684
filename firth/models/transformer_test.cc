#include "firth/models/transformer.h"

#include <gtest/gtest.h>

#include "firth/core/error.h"
#include "firth/core/ragged.h"
#include "firth/core/random.h"
#include "firth/models/model_fixture_for_test.h"
#include "firth/nn/attention.h"

namespace firth {
namespace {

EncoderInput input_of(const Ragged& tokens) {
  return {.ids = tokens.ids, .offsets = tokens.offsets, .type_ids = {}};
}

Ragged one_sequence(const std::vector<std::int32_t>& ids) {
  return {.ids = ids, .offsets = {0, static_cast<std::int64_t>(ids.size())}};
}

std::vector<float> last_hidden(const Encoder& encoder, const Ragged& tokens,
                               const EncoderTaps& taps = {}) {
  Arena arena;
  Pass pass(arena);
  const auto hidden = encoder.forward(pass, input_of(tokens), taps).value.span();
  return {hidden.begin(), hidden.end()};
}

// The text whose attention weights the fixture holds.
std::string attention_text(const ModelFixture& fixture) {
  for (const FixtureText& text : fixture.texts())
    if (fixture.has("attention." + text.id + ".0")) return text.id;
  throw std::runtime_error("no attention weights in " + fixture.folder());
}

class FamilyFixture : public ::testing::TestWithParam<const char*> {};

TEST_P(FamilyFixture, HiddenStatesEqualTheReference) {
  const ModelFixture fixture(GetParam());
  const auto encoder = load_encoder(fixture.folder(), PrecisionChoice::kF32, nullptr).encoder;
  const double tolerance = fixture.tolerance("last_hidden_state");
  for (const FixtureText& text : fixture.texts()) {
    if (text.ids.empty()) continue;
    const Ragged tokens = one_sequence(text.ids);
    EncoderTaps taps;
    taps.hidden_state = [&](std::size_t layer, View<const float> hidden) {
      const std::string name = "hidden." + text.id + "." + std::to_string(layer);
      if (!fixture.has(name)) return;
      expect_near(hidden.span(), fixture.expected(name).view<float>().span(), tolerance, name);
    };
    const std::string name = "single." + text.id + ".last_hidden_state";
    expect_near(last_hidden(*encoder, tokens, taps), fixture.expected(name).view<float>().span(),
                tolerance, name);
  }
}

TEST_P(FamilyFixture, AttentionWeightsEqualTheReference) {
  const ModelFixture fixture(GetParam());
  const auto encoder = load_encoder(fixture.folder(), PrecisionChoice::kF32, nullptr).encoder;
  const std::string id = attention_text(fixture);
  const Ragged tokens = one_sequence(fixture.text(id).ids);
  const std::size_t num_layers = encoder->shape().num_hidden_layers;
  std::vector<std::vector<float>> weights(
      num_layers, std::vector<float>(attention_probabilities_size(
                      tokens.offsets, encoder->shape().num_attention_heads)));
  EncoderTaps taps;
  taps.attention = [&](std::size_t layer) { return std::span(weights[layer]); };
  last_hidden(*encoder, tokens, taps);
  for (std::size_t layer = 0; layer < num_layers; ++layer) {
    const std::string name = "attention." + id + "." + std::to_string(layer);
    expect_near(weights[layer], fixture.expected(name).view<float>().span(),
                fixture.tolerance("last_hidden_state"), name);
  }
}

TEST(Bert, TokenTypesEqualTheReference) {
  const ModelFixture fixture("bert");
  const auto encoder = load_encoder(fixture.folder(), PrecisionChoice::kF32, nullptr).encoder;
  for (const Json& pair : fixture.cases().at("pairs").elements()) {
    const std::string name =
        "pair." + std::string(pair.at("id").as_string()) + ".last_hidden_state";
    if (!fixture.has(name)) continue;
    std::vector<std::int32_t> ids;
    std::vector<std::int32_t> types;
    for (const Json& id : pair.at("ids").elements())
      ids.push_back(static_cast<std::int32_t>(id.as_int()));
    for (const Json& type : pair.at("type_ids").elements())
      types.push_back(static_cast<std::int32_t>(type.as_int()));
    const Ragged tokens = one_sequence(ids);
    Arena arena;
    Pass pass(arena);
    EncoderInput input = input_of(tokens);
    input.type_ids = types;
    expect_near(encoder->forward(pass, input, {}).value.span(),
                fixture.expected(name).view<float>().span(), fixture.tolerance("last_hidden_state"),
                name);
  }
}

TEST_P(FamilyFixture, ASequenceHasTheSameBitsAloneAndInAnyBatch) {
  const ModelFixture fixture(GetParam());
  const auto encoder = load_encoder(fixture.folder(), PrecisionChoice::kF32, nullptr).encoder;
  const EncoderShape& shape = encoder->shape();
  const std::size_t longest = shape.max_length == 0 ? 150 : shape.max_length;
  Random random(7);
  for (int round = 0; round < 20; ++round) {
    Ragged batch;
    std::vector<std::vector<float>> alone;
    const std::size_t n = 1 + random.below(9);
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<std::int32_t> ids(random.below(longest + 1));
      for (auto& id : ids) id = static_cast<std::int32_t>(random.below(shape.vocab_size));
      alone.push_back(last_hidden(*encoder, one_sequence(ids)));
      batch.ids.insert(batch.ids.end(), ids.begin(), ids.end());
      batch.close_sequence();
    }
    const std::vector<float> together = last_hidden(*encoder, batch);
    const float* next = together.data();
    for (const auto& rows : alone) {
      ASSERT_TRUE(rows.empty() || std::memcmp(rows.data(), next, rows.size() * 4) == 0);
      next += rows.size();
    }
  }
}

TEST_P(FamilyFixture, HalfWeightsGiveNearlyTheSameStates) {
  const ModelFixture fixture(GetParam());
  const ModelCopy copy(GetParam());
  const auto tensors = read_tensors(fixture.folder() + "/model.safetensors");
  const FixtureText& text = fixture.text(attention_text(fixture));
  const Tensor expected = fixture.expected("single." + text.id + ".last_hidden_state");
  for (const std::string dtype : {"F16", "BF16"}) {
    std::vector<TensorToWrite> halves;
    for (const auto& tensor : tensors) halves.push_back(narrowed(tensor, dtype));
    write_safetensors(copy.path() + "/model.safetensors", halves);
    const auto encoder = load_encoder(copy.path(), PrecisionChoice::kF32, nullptr).encoder;
    expect_near(last_hidden(*encoder, one_sequence(text.ids)), expected.view<float>().span(),
                dtype == "F16" ? 0.05 : 0.4, dtype);
  }
}

constexpr const char* kModels[] = {"bert",       "sentence-transformer", "distilbert",
                                   "roberta",    "xlm-roberta",          "mpnet",
                                   "modernbert", "qwen3-embedding",      "gpt2"};

INSTANTIATE_TEST_SUITE_P(Models, FamilyFixture, ::testing::ValuesIn(kModels));

TEST(Bert, ShardsGiveTheSameBits) {
  const ModelFixture fixture("bert");
  const ModelCopy copy("bert");
  const auto tensors = read_tensors(fixture.folder() + "/model.safetensors");
  std::vector<std::vector<TensorToWrite>> shards(3);
  std::string map;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    shards[i % 3].push_back(tensors[i]);
    map += (map.empty() ? "\"" : ",\"") + tensors[i].name + "\":\"part-" + std::to_string(i % 3) +
           ".safetensors\"";
  }
  for (std::size_t i = 0; i < 3; ++i)
    write_safetensors(copy.path() + "/part-" + std::to_string(i) + ".safetensors", shards[i]);
  copy.write("model.safetensors.index.json", "{\"weight_map\":{" + map + "}}");
  copy.remove("model.safetensors");
  const Ragged tokens = one_sequence(fixture.text("mixed_cjk").ids);
  const auto whole = load_encoder(fixture.folder(), PrecisionChoice::kF32, nullptr).encoder;
  const auto sharded = load_encoder(copy.path(), PrecisionChoice::kF32, nullptr).encoder;
  EXPECT_EQ(last_hidden(*whole, tokens), last_hidden(*sharded, tokens));
}

TEST(Bert, ATensorOfAnotherShapeIsRefusedByName) {
  const ModelCopy copy("bert");
  copy.edit("config.json", "\"intermediate_size\": 96", "\"intermediate_size\": 95");
  const std::string error =
      error_of([&] { load_encoder(copy.path(), PrecisionChoice::kF32, nullptr); });
  EXPECT_NE(error.find("bert.encoder.layer.0.intermediate.dense.weight"), std::string::npos)
      << error;
  EXPECT_NE(error.find("(95, 48)"), std::string::npos) << error;
  EXPECT_NE(error.find("(96, 48)"), std::string::npos) << error;
}

struct BadField {
  const char* from;
  const char* to;
  const char* message;  // that the error must contain
};

class BertBadConfig : public ::testing::TestWithParam<BadField> {};

TEST_P(BertBadConfig, IsRefusedWithItsPlace) {
  const ModelCopy copy("bert");
  copy.edit("config.json", GetParam().from, GetParam().to);
  const std::string error =
      error_of([&] { load_encoder(copy.path(), PrecisionChoice::kF32, nullptr); });
  EXPECT_NE(error.find("config.json"), std::string::npos) << error;
  EXPECT_NE(error.find(GetParam().message), std::string::npos) << error;
}

INSTANTIATE_TEST_SUITE_P(
    Fields, BertBadConfig,
    ::testing::Values(
        BadField{"\"hidden_size\": 48,", "", "hidden_size"},
        BadField{"\"hidden_size\": 48", "\"hidden_size\": \"48\"", "hidden_size"},
        BadField{"\"hidden_size\": 48", "\"hidden_size\": 50", "multiple of num_attention_heads"},
        BadField{"\"hidden_size\": 48", "\"hidden_size\": -48", "hidden_size"},
        BadField{"\"hidden_size\": 48", "\"hidden_size\": 1e300", "hidden_size"},
        BadField{"\"num_attention_heads\": 4", "\"num_attention_heads\": 0", "num_attention_heads"},
        BadField{"\"num_hidden_layers\": 3", "\"num_hidden_layers\": 0", "num_hidden_layers"},
        BadField{"\"num_hidden_layers\": 3", "\"num_hidden_layers\": 1000000000",
                 "num_hidden_layers"},
        BadField{"\"vocab_size\": 800", "\"vocab_size\": null", "vocab_size"},
        BadField{"\"hidden_act\": \"gelu\"", "\"hidden_act\": \"prelu\"", "'prelu'"},
        BadField{"\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": -1", "layer_norm_eps"},
        BadField{"\"use_cache\": true", "\"position_embedding_type\": \"relative_key\"",
                 "position_embedding_type"},
        BadField{"\"use_cache\": true", "\"is_decoder\": true", "is_decoder"},
        BadField{"\"model_type\": \"bert\"", "\"model_type\": \"t5\"",
                 "known: 'bert', 'camembert'"},
        BadField{"\"model_type\": \"bert\",", "", "model_type"}));

}  // namespace
}  // namespace firth
