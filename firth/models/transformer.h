// The transformer (Vaswani et al. 2017, arXiv:1706.03762) as every family of text encoders has it.
// Families differ in fields of TransformerConfig and in the names of their tensors, never in code:
// a family's file (bert.cc, modernbert.cc, …) turns config.json into a TransformerSpec.
//
//   x = norm(embedding(ids))                                   x: (tokens, hidden_size)
//   for each layer:  x = sublayer(x, attention);  x = sublayer(x, feed_forward)
//   x = norm(x)
//
//   sublayer(x, f) = norm_out(x + norm_branch(f(norm_in(x))))  whichever norms the family has
//   attention      = W_o softmax(q k^T scale + bias) v         q, k, v = W_qkv x, perhaps turned
//   feed_forward   = W_2 act(W_1 x), or W_2 (act(a) * b)       a, b = W_1 x
//
// BERT has norm_out alone (post-norm), GPT, Llama and ModernBERT have norm_in alone (pre-norm).
// Linear layers that read the same input are one product, put together while loading. Heads,
// poolers and buffers of the checkpoint that no hidden state depends on are ignored.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firth/io/json.h"
#include "firth/io/safetensors.h"
#include "firth/kernels/attention.h"
#include "firth/models/classifier.h"
#include "firth/models/encoder.h"
#include "firth/models/weights.h"
#include "firth/nn/embedding.h"
#include "firth/nn/linear.h"

namespace firth {

// What a layer's queries see, and how positions enter them.
struct LayerAttention {
  std::size_t left = AttentionInput::kNoLimit;
  std::size_t right = AttentionInput::kNoLimit;
  double rope_base = 0;    // 0 = no rotary positions
  double rope_factor = 1;  // frequencies are divided by it ("linear" scaling)
  float scale = 0;         // of the scores; 0 = 1 / sqrt(head_dim)
};

struct TransformerConfig {
  std::string family;
  std::size_t vocab_size = 0;
  std::size_t hidden_size = 0;
  std::size_t num_hidden_layers = 0;
  std::size_t num_attention_heads = 0;
  std::size_t num_key_value_heads = 0;  // 0 = num_attention_heads
  std::size_t head_dim = 0;             // 0 = hidden_size / num_attention_heads
  std::size_t intermediate_size = 0;

  std::size_t embedding_size = 0;           // 0 = hidden_size; else a linear layer follows
  std::size_t type_vocab_size = 0;          // 0 = no token types
  std::size_t max_position_embeddings = 0;  // rows of learnt positions; 0 = none
  std::size_t first_position = 0;
  std::optional<std::int32_t> pad_id;  // see Embedding
  float embedding_scale = 1;
  std::size_t max_length = 0;  // positions that the model was made for; a limit where there are
                               // learnt positions, advice where there are none
  NormForm norm;
  bool qkv_bias = true;
  bool attention_output_bias = true;
  bool intermediate_bias = true;
  bool output_bias = true;
  ActivationFunction activation = Activation::kGelu;
  bool gated = false;
  GateHalf gate = GateHalf::kFirst;
  std::vector<LayerAttention> layers;  // one for each; empty = all as LayerAttention()

  // The bias of head h for a key `distance` after the query lies in row bucket(distance) of a table
  // (num_buckets, num_attention_heads).
  std::size_t num_buckets = 0;
  std::size_t (*bucket)(std::ptrdiff_t distance) = nullptr;
};

// Names after "." are those of modules, with ".weight" and ".bias"; empty = the family has none.
struct SublayerNames {
  std::string_view norm_in{};
  std::string_view norm_branch{};
  std::string_view norm_out{};
  std::vector<std::string_view> in;  // read the input, side by side: q, k, v; or the gate's halves
  std::string_view out{};
};

struct TransformerNames {
  std::vector<std::string_view> prefixes;  // the first that `word` is found with counts
  std::string_view word;
  std::string_view token_type{};
  std::string_view position{};
  std::string_view embedding_norm{};
  std::string_view embedding_projection{};
  std::string_view layers;  // "encoder.layer.", followed by the number and "."
  std::string_view q_norm{};
  std::string_view k_norm{};
  SublayerNames attention;
  SublayerNames feed_forward;
  bool first_norm_in = true;  // false: the first layer's attention has no norm_in
  std::string_view final_norm{};
  std::string_view relative_bias{};
  bool transposed = false;  // weights are stored (in, out)
};

struct TransformerSpec {
  TransformerConfig config;
  TransformerNames names;
  ClassifierSpec classifier;
};

class Transformer final : public Encoder {
 public:
  Transformer(const TransformerSpec& spec, const Checkpoint& weights, Precision precision,
              ThreadPool* pool);

  const EncoderShape& shape() const override { return shape_; }

  Var forward(Pass& pass, const EncoderInput& input, const EncoderTaps& taps) const override;

 private:
  struct Sublayer {
    LayerNorm norm_in, norm_branch, norm_out;
    Linear in, out;
  };

  struct Layer {
    Sublayer attention, feed_forward;
    LayerNorm q_norm, k_norm;
  };

  // What all layers of a forward pass share.
  struct Positions;

  void load_layer(const WeightReader& reader, const TransformerNames& names, std::size_t i,
                  Arena& scratch);
  void load_relative_bias(const WeightReader& reader, std::string_view name);
  void add_frequencies();
  Var embed(Pass& pass, const EncoderInput& input) const;
  Var attend(Pass& pass, std::size_t layer, Var x, const EncoderInput& input,
             const Positions& positions, std::span<float> probabilities) const;
  Var feed_forward(Pass& pass, const Layer& layer, Var x) const;

  TransformerConfig config_;
  EncoderShape shape_;
  Checkpoint weights_;  // keeps the word embeddings mapped
  Embedding embedding_;
  Linear embedding_projection_;
  std::vector<Layer> layers_;
  LayerNorm final_norm_;
  Tensor relative_bias_;                     // (num_attention_heads, 2 * max_length - 1)
  std::vector<Tensor> frequencies_;          // of each kind of rotary positions
  std::vector<std::size_t> frequencies_of_;  // by layer
};

}  // namespace firth
