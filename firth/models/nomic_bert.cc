// Nomic BERT (Nussbaum et al. 2024, arXiv:2402.01613): BERT with rotary positions and a gated
// feed-forward, without biases; as transformers names its tensors.
#include "firth/models/config.h"
#include "firth/models/families.h"
#include "firth/models/transformer_fields.h"

namespace firth {

TransformerSpec read_nomic_bert(const Json& config) {
  TransformerSpec spec;
  TransformerConfig& out = spec.config;
  out.family = "nomic_bert";
  read_shape(config, out);
  out.head_dim = read_count_or(config, "head_dim", 0, {.max = 1 << 12});
  out.max_length = read_count_or(config, "max_position_embeddings", 2048, {.max = 1 << 30});
  out.type_vocab_size = read_count_or(config, "type_vocab_size", 2, {.min = 0, .max = 1 << 16});
  out.norm.eps = read_epsilon(config, "layer_norm_eps", 1e-12F);
  out.qkv_bias = out.attention_output_bias = out.intermediate_bias = out.output_bias = false;
  out.activation = read_activation_or(config, "hidden_act", Activation::kSilu);
  out.gated = true;
  set_rope(config, read_model_rope(config, 1000), out);
  spec.names = {
      .prefixes = {"", "nomic_bert.", "bert."},
      .word = "embeddings.word_embeddings",
      .token_type = "embeddings.token_type_embeddings",
      .embedding_norm = "emb_ln",
      .layers = "encoder.layers.",
      .attention = {.norm_out = "norm1", .in = {"attn.Wqkv"}, .out = "attn.out_proj"},
      .feed_forward = {.norm_out = "norm2", .in = {"mlp.fc12", "mlp.fc11"}, .out = "mlp.fc2"}};
  return spec;
}

}  // namespace firth
