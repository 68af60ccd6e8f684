// BERT (Devlin et al. 2018, arXiv:1810.04805): a transformer encoder with learnt positions and the
// norm after each residual sum, read from Hugging Face checkpoints.
//
//   x = embedding(ids)                                         x: (tokens, hidden_size)
//   for each layer:  x = norm(x + W_o attention(W_qkv x));  x = norm(x + W_2 act(W_1 x))
//
// Queries, keys and values are one product, whose weight is put together while loading. Heads,
// pooler and buffers of the checkpoint that no hidden state depends on are ignored.
#pragma once

#include <string>
#include <vector>

#include "firth/io/json.h"
#include "firth/io/safetensors.h"
#include "firth/models/encoder.h"
#include "firth/nn/embedding.h"
#include "firth/nn/layer_norm.h"
#include "firth/nn/linear.h"

namespace firth {

struct BertConfig {
  std::size_t vocab_size = 0;
  std::size_t hidden_size = 0;
  std::size_t num_hidden_layers = 0;
  std::size_t num_attention_heads = 0;
  std::size_t intermediate_size = 0;
  std::size_t max_position_embeddings = 0;
  std::size_t type_vocab_size = 0;
  float layer_norm_eps = 1e-12F;
  ActivationFunction hidden_act = Activation::kGelu;
};

// Checks every field; errors name file and field.
BertConfig read_bert_config(const Json& config);

class Bert final : public Encoder {
 public:
  Bert(const BertConfig& config, const Checkpoint& weights, Precision precision, ThreadPool* pool);

  const EncoderShape& shape() const override { return shape_; }

  Var forward(Pass& pass, const EncoderInput& input, const EncoderTaps& taps) const override;

 private:
  struct Layer {
    Linear qkv;  // (3 * hidden_size, hidden_size)
    Linear attention_output;
    LayerNorm attention_norm;
    Linear intermediate;
    Linear output;
    LayerNorm output_norm;
  };

  Var attend(Pass& pass, const Layer& layer, Var x, const EncoderInput& input,
             std::span<float> probabilities) const;
  Var feed_forward(Pass& pass, const Layer& layer, Var x) const;

  BertConfig config_;
  EncoderShape shape_;
  Checkpoint weights_;  // keeps the word embeddings mapped
  Embedding embedding_;
  std::vector<Layer> layers_;
};

}  // namespace firth
