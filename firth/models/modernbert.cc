// ModernBERT (Warner et al. 2024, arXiv:2412.13663): rotary positions, gated feed-forward, the norm
// before each branch, hardly a bias; most layers see `local_attention` / 2 tokens to either side,
// with a rotary base of their own, and the others see all.
//
// Two spellings of config.json are in use: global_attn_every_n_layers, global_rope_theta,
// local_rope_theta; and layer_types, rope_parameters.
#include "firth/models/config.h"
#include "firth/models/families.h"
#include "firth/models/transformer_fields.h"

namespace firth {
namespace {

constexpr std::string_view kFull = "full_attention";
constexpr std::string_view kSliding = "sliding_attention";

}  // namespace

TransformerSpec read_modernbert(const Json& config) {
  TransformerSpec spec;
  TransformerConfig& out = spec.config;
  out.family = "modernbert";
  read_shape(config, out);
  check_rotary_heads(config, out);
  out.max_length = read_count_or(config, "max_position_embeddings", 8192, {.max = 1 << 30});
  out.norm = {.eps = read_epsilon(config, "norm_eps", 1e-5F),
              .bias = read_bool_or(config, "norm_bias", false)};
  out.qkv_bias = out.attention_output_bias = read_bool_or(config, "attention_bias", false);
  out.intermediate_bias = out.output_bias = read_bool_or(config, "mlp_bias", false);
  out.activation = read_activation_or(config, "hidden_activation", Activation::kGelu);
  out.gated = true;

  std::size_t side = read_count_or(config, "local_attention", 128, {.max = 1 << 30}) / 2;
  side = read_count_or(config, "sliding_window", side, {.max = 1 << 30});
  const RopeForm global = read_layer_rope(config, kFull, "global_rope_theta", 160000);
  const RopeForm local = read_layer_rope(config, kSliding, "local_rope_theta", 10000);
  const std::size_t period = read_count_or(config, "global_attn_every_n_layers", 3);
  const auto types = read_layer_types(config, out.num_hidden_layers, {kFull, kSliding});
  for (std::size_t i = 0; i < out.num_hidden_layers; ++i) {
    const bool sliding = types.empty() ? i % period != 0 : types[i] == kSliding;
    const RopeForm& rope = sliding ? local : global;
    LayerAttention layer{.rope_base = rope.theta, .rope_factor = rope.factor};
    if (sliding) layer.left = layer.right = side;
    out.layers.push_back(layer);
  }
  spec.names = {.prefixes = {"", "model."},
                .word = "embeddings.tok_embeddings",
                .embedding_norm = "embeddings.norm",
                .layers = "layers.",
                .attention = {.norm_in = "attn_norm", .in = {"attn.Wqkv"}, .out = "attn.Wo"},
                .feed_forward = {.norm_in = "mlp_norm", .in = {"mlp.Wi"}, .out = "mlp.Wo"},
                .first_norm_in = false,
                .final_norm = "final_norm"};
  spec.classifier = {
      .dense = "head.dense",
      .dense_bias = read_bool_or(config, "classifier_bias", false),
      .activation = read_activation_or(config, "classifier_activation", Activation::kGelu),
      .norm = "head.norm",
      .out = "classifier"};
  const std::string pooling = read_string(config, "classifier_pooling").value_or("cls");
  if (pooling == "mean") {
    spec.classifier.pooling = Pooling::kMean;
  } else {
    refuse_unless(config, "classifier_pooling", "cls");
  }
  return spec;
}

}  // namespace firth
