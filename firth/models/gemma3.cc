// Gemma 3 (Gemma Team 2025, arXiv:2503.19786) and EmbeddingGemma (Vera et al. 2025,
// arXiv:2509.20354), its encoder that sees both ways. Norms before and after each branch, whose
// weights are stored less 1; embeddings times sqrt(hidden_size); most layers see a window, with a
// rotary base of their own.
#include <cmath>

#include "firth/models/config.h"
#include "firth/models/families.h"
#include "firth/models/transformer_fields.h"

namespace firth {
namespace {

constexpr std::string_view kFull = "full_attention";
constexpr std::string_view kSliding = "sliding_attention";

// Where both ways are seen, the window counts both sides.
void set_layers(const Json& config, TransformerConfig& out) {
  const bool both_ways = read_bool_or(config, "use_bidirectional_attention", false);
  const std::size_t window = read_count_or(config, "sliding_window", 4096, {.max = 1 << 30});
  const std::size_t period = read_count_or(config, "sliding_window_pattern", 6);
  const double scalar = read_number_or(config, "query_pre_attn_scalar", 256, 1e-6, 1e9);
  const RopeForm global = read_layer_rope(config, kFull, "rope_theta", 1000000);
  const RopeForm local = read_layer_rope(config, kSliding, "rope_local_base_freq", 10000);
  const auto types = read_layer_types(config, out.num_hidden_layers, {kFull, kSliding});
  for (std::size_t i = 0; i < out.num_hidden_layers; ++i) {
    const bool sliding = types.empty() ? (i + 1) % period != 0 : types[i] == kSliding;
    const RopeForm& rope = sliding ? local : global;
    LayerAttention layer{.rope_base = rope.theta,
                         .rope_factor = rope.factor,
                         .scale = static_cast<float>(1 / std::sqrt(scalar))};
    if (!both_ways) layer.right = 0;
    if (sliding) layer.left = both_ways ? window / 2 : window - 1;
    if (sliding && both_ways) layer.right = window / 2;
    out.layers.push_back(layer);
  }
}

}  // namespace

TransformerSpec read_gemma3(const Json& config) {
  TransformerSpec spec;
  TransformerConfig& out = spec.config;
  out.family = "gemma3_text";
  out.head_dim = read_count_or(config, "head_dim", 256, {.max = 1 << 12});
  read_shape(config, out);
  read_kv_heads(config, out);
  check_rotary_heads(config, out);
  out.max_length = read_count_or(config, "max_position_embeddings", 131072, {.max = 1 << 30});
  out.embedding_scale = std::sqrt(static_cast<float>(out.hidden_size));
  out.norm = {.eps = read_epsilon(config, "rms_norm_eps", 1e-6F),
              .center = false,
              .bias = false,
              .plus_one = true};
  out.qkv_bias = out.attention_output_bias = read_bool_or(config, "attention_bias", false);
  out.intermediate_bias = out.output_bias = false;
  out.activation = read_activation_or(config, "hidden_activation", Activation::kGeluTanh);
  out.gated = true;
  refuse_number(config, "attn_logit_softcapping");
  set_layers(config, out);
  spec.names = {.prefixes = {"", "model."},
                .word = "embed_tokens",
                .layers = "layers.",
                .q_norm = "self_attn.q_norm",
                .k_norm = "self_attn.k_norm",
                .attention = {.norm_in = "input_layernorm",
                              .norm_branch = "post_attention_layernorm",
                              .in = {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"},
                              .out = "self_attn.o_proj"},
                .feed_forward = {.norm_in = "pre_feedforward_layernorm",
                                 .norm_branch = "post_feedforward_layernorm",
                                 .in = {"mlp.gate_proj", "mlp.up_proj"},
                                 .out = "mlp.down_proj"},
                .final_norm = "norm"};
  spec.classifier = {
      .pooling = Pooling::kLast, .pad_id = read_pad_id(config), .out = "score", .out_bias = false};
  return spec;
}

}  // namespace firth
