// GTE of the second generation (Zhang et al. 2024, arXiv:2407.19669; gte-multilingual-base,
// gte-base-en-v1.5): BERT with rotary positions and a gated feed-forward, whose gate is the second
// half. Its checkpoints keep the names of the authors' own code, also where transformers saves
// them.
#include "firth/models/config.h"
#include "firth/models/families.h"
#include "firth/models/transformer_fields.h"

namespace firth {

TransformerSpec read_gte(const Json& config) {
  TransformerSpec spec = read_nomic_bert(config);
  TransformerConfig& out = spec.config;
  out.family = "gte";
  out.type_vocab_size = read_count_or(config, "type_vocab_size", 1, {.min = 0, .max = 1 << 16});
  out.max_length = read_count_or(config, "max_position_embeddings", 8192, {.max = 1 << 30});
  out.qkv_bias = out.attention_output_bias = out.output_bias = true;
  out.activation = read_activation_or(config, "hidden_act", Activation::kGelu);
  set_rope(config, read_model_rope(config, 160000), out);
  out.gate = GateHalf::kSecond;
  spec.names = {
      .prefixes = {"", "new.", "gte."},
      .word = "embeddings.word_embeddings",
      .token_type = "embeddings.token_type_embeddings",
      .embedding_norm = "embeddings.LayerNorm",
      .layers = "encoder.layer.",
      .attention = {.norm_out = "attn_ln", .in = {"attention.qkv_proj"}, .out = "attention.o_proj"},
      .feed_forward = {.norm_out = "mlp_ln", .in = {"mlp.up_gate_proj"}, .out = "mlp.down_proj"}};
  return spec;
}

}  // namespace firth
