// RoBERTa (Liu et al. 2019, arXiv:1907.11692) and what has its layout: CamemBERT, XLM-RoBERTa
// (Conneau et al. 2019, arXiv:1911.02116), data2vec. It is BERT but for the positions, which count
// from pad_token_id + 1 and pass over padding tokens.
#include "firth/models/config.h"
#include "firth/models/families.h"
#include "firth/models/transformer_fields.h"

namespace firth {

TransformerSpec read_roberta(const Json& config) {
  TransformerSpec spec = read_bert(config);
  TransformerConfig& out = spec.config;
  out.family = config.at("model_type").as_string();
  out.norm.eps = read_epsilon(config, "layer_norm_eps", 1e-12F);
  count_positions_after_padding(config, read_count_or(config, "pad_token_id", 1, {.min = 0}), out);
  spec.names.prefixes = {"", "roberta.", "data2vec_text."};
  spec.classifier = {
      .dense = "classifier.dense", .activation = Activation::kTanh, .out = "classifier.out_proj"};
  return spec;
}

}  // namespace firth
