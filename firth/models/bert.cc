// BERT (Devlin et al. 2018, arXiv:1810.04805): learnt positions, token types, the norm after each
// residual sum. ELECTRA (Clark et al. 2020, arXiv:2003.10555) is BERT with narrower embeddings.
#include "firth/models/config.h"
#include "firth/models/families.h"
#include "firth/models/transformer_fields.h"

namespace firth {

TransformerSpec read_bert(const Json& config) {
  TransformerSpec spec;
  TransformerConfig& out = spec.config;
  out.family = "bert";
  read_shape(config, out);
  out.max_position_embeddings = read_count(config, "max_position_embeddings", {.max = 1 << 24});
  out.max_length = out.max_position_embeddings;
  out.type_vocab_size = read_count_or(config, "type_vocab_size", 2, {.max = 1 << 16});
  out.norm.eps = read_epsilon(config, "layer_norm_eps", 1e-12F);
  out.activation = read_activation_or(config, "hidden_act", Activation::kGelu);
  refuse_unless(config, "position_embedding_type", "absolute");
  refuse_unless(config, "is_decoder", false);
  refuse_unless(config, "add_cross_attention", false);
  spec.names = {
      .prefixes = {"", "bert."},
      .word = "embeddings.word_embeddings",
      .token_type = "embeddings.token_type_embeddings",
      .position = "embeddings.position_embeddings",
      .embedding_norm = "embeddings.LayerNorm",
      .layers = "encoder.layer.",
      .attention = {.norm_out = "attention.output.LayerNorm",
                    .in = {"attention.self.query", "attention.self.key", "attention.self.value"},
                    .out = "attention.output.dense"},
      .feed_forward = {
          .norm_out = "output.LayerNorm", .in = {"intermediate.dense"}, .out = "output.dense"}};
  spec.classifier = {
      .dense = "bert.pooler.dense", .activation = Activation::kTanh, .out = "classifier"};
  return spec;
}

TransformerSpec read_electra(const Json& config) {
  TransformerSpec spec = read_bert(config);
  spec.config.family = "electra";
  spec.config.embedding_size = read_count_or(config, "embedding_size", 128, {.max = 1 << 16});
  spec.names.prefixes = {"", "electra."};
  if (spec.config.embedding_size != spec.config.hidden_size)
    spec.names.embedding_projection = "embeddings_project";
  spec.classifier = {
      .dense = "classifier.dense", .activation = Activation::kGelu, .out = "classifier.out_proj"};
  return spec;
}

}  // namespace firth
