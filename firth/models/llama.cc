// The decoders that embedders are made of: Llama (Touvron et al. 2023, arXiv:2302.13971), Mistral,
// Qwen2 and Qwen3 (Yang et al. 2025, arXiv:2505.09388; Qwen3-Embedding). RMS norms before each
// branch, rotary positions, gated feed-forward, key heads shared by query heads; every token sees
// those before it, or the nearest `sliding_window` of them.
#include "firth/core/error.h"
#include "firth/models/config.h"
#include "firth/models/families.h"
#include "firth/models/transformer_fields.h"

namespace firth {
namespace {

// What tells one from another.
struct Variant {
  bool qkv_bias = false;            // where no field says so
  bool head_norms = false;          // norms of each query and key head
  std::size_t head_dim = 0;         // where no field says so; 0 = hidden_size / num_attention_heads
  std::size_t window = 0;           // where no field says so; 0 = none
  bool window_is_optional = false;  // use_sliding_window and max_window_layers decide
};

Variant variant_of(std::string_view model_type) {
  if (model_type == "mistral") return {.window = 4096};
  if (model_type == "qwen2") return {.qkv_bias = true, .window = 4096, .window_is_optional = true};
  if (model_type == "qwen3")
    return {.head_norms = true, .head_dim = 128, .window = 4096, .window_is_optional = true};
  return {};
}

constexpr std::string_view kSliding = "sliding_attention";

// Tokens before its own that each layer sees.
void set_windows(const Json& config, const Variant& variant, TransformerConfig& out) {
  if (variant.window == 0) return;
  const bool states = config.has("sliding_window") && config.at("sliding_window").is_null();
  std::size_t window =
      states ? 0 : read_count_or(config, "sliding_window", variant.window, {.max = 1 << 30});
  if (variant.window_is_optional && !read_bool_or(config, "use_sliding_window", false)) window = 0;
  const std::size_t first =
      variant.window_is_optional ? read_count_or(config, "max_window_layers", 28, {.min = 0}) : 0;
  const auto types = variant.window_is_optional ? read_layer_types(config, out.num_hidden_layers,
                                                                   {"full_attention", kSliding})
                                                : std::vector<std::string>();
  for (std::size_t i = 0; i < out.num_hidden_layers; ++i) {
    const bool sliding = types.empty() ? i >= first : types[i] == kSliding;
    if (sliding && window != 0) out.layers[i].left = window - 1;
    if (sliding && window == 0 && !types.empty()) {
      fail(ErrorKind::kUnsupported, config.at("layer_types").where(), ": '", kSliding,
           "' without a sliding_window is not known");
    }
  }
}

}  // namespace

TransformerSpec read_llama(const Json& config) {
  const std::string_view model_type = config.at("model_type").as_string();
  const Variant variant = variant_of(model_type);
  TransformerSpec spec;
  TransformerConfig& out = spec.config;
  out.family = model_type;
  out.head_dim = read_count_or(config, "head_dim", variant.head_dim, {.max = 1 << 12});
  read_shape(config, out);
  read_kv_heads(config, out);
  out.max_length = read_count_or(config, "max_position_embeddings", 0, {.max = 1 << 30});
  out.norm = {.eps = read_epsilon(config, "rms_norm_eps", 1e-6F), .center = false, .bias = false};
  const bool has_bias = read_bool_or(config, "attention_bias", variant.qkv_bias);
  out.qkv_bias = variant.qkv_bias || has_bias;
  out.attention_output_bias = !variant.qkv_bias && has_bias;
  out.intermediate_bias = out.output_bias = read_bool_or(config, "mlp_bias", false);
  out.activation = read_activation_or(config, "hidden_act", Activation::kSilu);
  out.gated = true;
  set_rope(config, read_model_rope(config, 10000), out);
  refuse_unless(config, "is_causal", true);
  for (LayerAttention& layer : out.layers) layer.right = 0;
  set_windows(config, variant, out);
  spec.names = {.prefixes = {"", "model."},
                .word = "embed_tokens",
                .layers = "layers.",
                .q_norm = variant.head_norms ? "self_attn.q_norm" : "",
                .k_norm = variant.head_norms ? "self_attn.k_norm" : "",
                .attention = {.norm_in = "input_layernorm",
                              .in = {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"},
                              .out = "self_attn.o_proj"},
                .feed_forward = {.norm_in = "post_attention_layernorm",
                                 .in = {"mlp.gate_proj", "mlp.up_proj"},
                                 .out = "mlp.down_proj"},
                .final_norm = "norm"};
  spec.classifier = {
      .pooling = Pooling::kLast, .pad_id = read_pad_id(config), .out = "score", .out_bias = false};
  return spec;
}

}  // namespace firth
