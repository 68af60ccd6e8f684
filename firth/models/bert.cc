#include "firth/models/bert.h"

#include <string_view>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/model_folder.h"
#include "firth/models/config.h"
#include "firth/models/weights.h"
#include "firth/nn/attention.h"

namespace firth {
namespace {

void refuse_field(const Json& config, std::string_view field, std::string_view why) {
  fail(ErrorKind::kUnsupported, config.at(field).where(), ": ", config.at(field).describe(), " ",
       why);
}

// What the tensors' names start with: "bert." where the checkpoint was saved with a head.
std::string name_prefix(const Checkpoint& weights) {
  constexpr std::string_view kFirst = "embeddings.word_embeddings.weight";
  for (const std::string_view prefix : {"", "bert."}) {
    if (weights.has(std::string(prefix) + std::string(kFirst))) return std::string(prefix);
  }
  fail(ErrorKind::kCorrupt, weights.files().front(), ": expected a tensor '", kFirst,
       "', with or without 'bert.' before it; found ", quoted_list(weights.names()));
}

}  // namespace

BertConfig read_bert_config(const Json& config) {
  BertConfig out;
  out.vocab_size = read_count(config, "vocab_size", {.max = 1 << 27});
  out.hidden_size = read_count(config, "hidden_size", {.max = 1 << 16});
  out.num_hidden_layers = read_count(config, "num_hidden_layers", {.max = 1000});
  out.num_attention_heads = read_count(config, "num_attention_heads", {.max = 1 << 16});
  out.intermediate_size = read_count(config, "intermediate_size", {.max = 1 << 18});
  out.max_position_embeddings = read_count(config, "max_position_embeddings", {.max = 1 << 24});
  out.type_vocab_size = read_count_or(config, "type_vocab_size", 2, {.max = 1 << 16});
  out.layer_norm_eps = read_epsilon(config, "layer_norm_eps", 1e-12F);
  if (config.has("hidden_act")) out.hidden_act = read_activation(config, "hidden_act");
  if (out.hidden_size % out.num_attention_heads != 0) {
    fail(ErrorKind::kCorrupt, config.at("hidden_size").where(),
         ": expected a multiple of num_attention_heads (", out.num_attention_heads, "), found ",
         out.hidden_size);
  }
  if (read_string(config, "position_embedding_type").value_or("absolute") != "absolute")
    refuse_field(config, "position_embedding_type", "is not known; known: 'absolute'");
  for (const std::string_view field : {"is_decoder", "add_cross_attention"}) {
    if (read_bool_or(config, field, false))
      refuse_field(config, field, "is not known for an encoder; expected false");
  }
  return out;
}

Bert::Bert(const BertConfig& config, const Checkpoint& weights, Precision precision,
           ThreadPool* pool)
    : config_(config),
      shape_{.family = "bert",
             .hidden_size = config.hidden_size,
             .num_hidden_layers = config.num_hidden_layers,
             .num_attention_heads = config.num_attention_heads,
             .vocab_size = config.vocab_size,
             .max_length = config.max_position_embeddings},
      weights_(weights),
      layers_(config.num_hidden_layers) {
  const std::size_t hidden = config.hidden_size;
  const std::size_t inner = config.intermediate_size;
  const WeightReader reader(weights_, name_prefix(weights_), precision);
  const auto norm = [&](const std::string& name) {
    return reader.layer_norm(name, hidden, config.layer_norm_eps);
  };
  embedding_.word = reader.view("embeddings.word_embeddings.weight", {config.vocab_size, hidden});
  embedding_.token_type =
      reader.tensor("embeddings.token_type_embeddings.weight", {config.type_vocab_size, hidden});
  embedding_.position = reader.tensor("embeddings.position_embeddings.weight",
                                      {config.max_position_embeddings, hidden});
  embedding_.norm = norm("embeddings.LayerNorm");

  const auto load_layer = [&](std::size_t i, Arena& scratch) {
    const std::string name = "encoder.layer." + std::to_string(i) + ".";
    const std::string self = name + "attention.self.";
    Layer& layer = layers_[i];
    layer.qkv = reader.fused_linear({self + "query", self + "key", self + "value"}, hidden, hidden,
                                    scratch);
    layer.attention_output = reader.linear(name + "attention.output.dense", hidden, hidden);
    layer.attention_norm = norm(name + "attention.output.LayerNorm");
    layer.intermediate = reader.linear(name + "intermediate.dense", inner, hidden);
    layer.output = reader.linear(name + "output.dense", hidden, inner);
    layer.output_norm = norm(name + "output.LayerNorm");
  };
  std::vector<Arena> scratch(pool == nullptr ? 1 : pool->num_threads());
  const auto load_layers = [&](std::size_t begin, std::size_t end, std::size_t worker) {
    for (std::size_t i = begin; i < end; ++i) load_layer(i, scratch[worker]);
  };
  if (pool != nullptr) {
    pool->parallel_for(layers_.size(), 1, load_layers);
  } else {
    load_layers(0, layers_.size(), 0);
  }
}

Var Bert::forward(Pass& pass, const EncoderInput& input, const EncoderTaps& taps) const {
  const std::size_t num_layers = std::min(taps.num_layers, layers_.size());
  Var x = embedding(pass, embedding_,
                    {.ids = input.ids, .offsets = input.offsets, .type_ids = input.type_ids});
  if (taps.hidden_state) taps.hidden_state(0, x.value);
  for (std::size_t i = 0; i < num_layers; ++i) {
    const Arena::Scope scope(pass.arena());
    x = attend(pass, layers_[i], x, input, taps.attention ? taps.attention(i) : std::span<float>());
    x = feed_forward(pass, layers_[i], x);
    if (taps.hidden_state) taps.hidden_state(i + 1, x.value);
  }
  return x;
}

// Results take the memory of x, which outlives the layer's scope.
Var Bert::attend(Pass& pass, const Layer& layer, Var x, const EncoderInput& input,
                 std::span<float> probabilities) const {
  const Var qkv = linear(pass, layer.qkv, x);
  const Var context = attention(pass, qkv,
                                {.offsets = input.offsets,
                                 .num_heads = config_.num_attention_heads,
                                 .probabilities = probabilities});
  const Var sum = linear(pass, layer.attention_output, context, {.residual = x, .reuse = x});
  return layer_norm(pass, layer.attention_norm, sum, sum);
}

Var Bert::feed_forward(Pass& pass, const Layer& layer, Var x) const {
  const Var inner = linear(pass, layer.intermediate, x, {.activation = config_.hidden_act});
  const Var sum = linear(pass, layer.output, inner, {.residual = x, .reuse = x});
  return layer_norm(pass, layer.output_norm, sum, sum);
}

}  // namespace firth
