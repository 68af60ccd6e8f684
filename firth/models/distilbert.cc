// DistilBERT (Sanh et al. 2019, arXiv:1910.01108): BERT without token types, under other names.
// Sinusoidal positions lie in the checkpoint as learnt ones do.
#include "firth/models/config.h"
#include "firth/models/families.h"
#include "firth/models/transformer_fields.h"

namespace firth {

TransformerSpec read_distilbert(const Json& config) {
  TransformerSpec spec;
  TransformerConfig& out = spec.config;
  out.family = "distilbert";
  read_shape(config, out,
             {.hidden_size = "dim",
              .num_hidden_layers = "n_layers",
              .num_attention_heads = "n_heads",
              .intermediate_size = "hidden_dim"});
  out.max_position_embeddings = read_count(config, "max_position_embeddings", {.max = 1 << 24});
  out.max_length = out.max_position_embeddings;
  out.norm.eps = 1e-12F;
  out.activation = read_activation_or(config, "activation", Activation::kGelu);
  spec.names = {
      .prefixes = {"", "distilbert."},
      .word = "embeddings.word_embeddings",
      .position = "embeddings.position_embeddings",
      .embedding_norm = "embeddings.LayerNorm",
      .layers = "transformer.layer.",
      .attention = {.norm_out = "sa_layer_norm",
                    .in = {"attention.q_lin", "attention.k_lin", "attention.v_lin"},
                    .out = "attention.out_lin"},
      .feed_forward = {.norm_out = "output_layer_norm", .in = {"ffn.lin1"}, .out = "ffn.lin2"}};
  spec.classifier = {
      .dense = "pre_classifier", .activation = Activation::kRelu, .out = "classifier"};
  return spec;
}

}  // namespace firth
