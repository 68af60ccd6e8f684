// GPT-2 (Radford et al. 2019), of which the hidden states are taken: learnt positions, the norm
// before each branch, every token sees those before it. Its checkpoints hold weights as (in, out).
#include <cmath>

#include "firth/models/config.h"
#include "firth/models/families.h"
#include "firth/models/transformer_fields.h"

namespace firth {

TransformerSpec read_gpt2(const Json& config) {
  TransformerSpec spec;
  TransformerConfig& out = spec.config;
  out.family = "gpt2";
  read_shape(config, out,
             {.hidden_size = "n_embd",
              .num_hidden_layers = "n_layer",
              .num_attention_heads = "n_head",
              .intermediate_size = {}});
  out.intermediate_size = read_count_or(config, "n_inner", 4 * out.hidden_size, {.max = 1 << 18});
  out.max_position_embeddings = read_count(config, "n_positions", {.max = 1 << 24});
  out.max_length = out.max_position_embeddings;
  out.norm.eps = read_epsilon(config, "layer_norm_epsilon", 1e-5F);
  out.activation = read_activation_or(config, "activation_function", Activation::kGeluTanh);
  refuse_unless(config, "add_cross_attention", false);
  const bool scaled = read_bool_or(config, "scale_attn_weights", true);
  const bool by_layer = read_bool_or(config, "scale_attn_by_inverse_layer_idx", false);
  const std::size_t head_dim = out.hidden_size / out.num_attention_heads;
  for (std::size_t i = 0; i < out.num_hidden_layers; ++i) {
    const double scale = (scaled ? 1 / std::sqrt(static_cast<double>(head_dim)) : 1) /
                         (by_layer ? static_cast<double>(i + 1) : 1);
    out.layers.push_back({.right = 0, .scale = static_cast<float>(scale)});
  }
  spec.names = {.prefixes = {"", "transformer."},
                .word = "wte",
                .position = "wpe",
                .layers = "h.",
                .attention = {.norm_in = "ln_1", .in = {"attn.c_attn"}, .out = "attn.c_proj"},
                .feed_forward = {.norm_in = "ln_2", .in = {"mlp.c_fc"}, .out = "mlp.c_proj"},
                .final_norm = "ln_f",
                .transposed = true};
  spec.classifier = {
      .pooling = Pooling::kLast, .pad_id = read_pad_id(config), .out = "score", .out_bias = false};
  return spec;
}

}  // namespace firth
