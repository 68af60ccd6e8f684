// The head of a cross-encoder (Nogueira & Cho 2019, arXiv:1901.04085): from the hidden states of a
// sequence to a number a label.
//
//   logits = W_out norm(act(W_dense pooled))       pooled: one token's state, or their mean
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "firth/io/safetensors.h"
#include "firth/kernels/pool.h"
#include "firth/models/encoder.h"
#include "firth/models/weights.h"
#include "firth/nn/activation.h"
#include "firth/nn/layer_norm.h"
#include "firth/nn/linear.h"
#include "firth/nn/var.h"

namespace firth {

// Names are those of the whole checkpoint; "" = the family has no such part.
struct ClassifierSpec {
  Pooling pooling = Pooling::kCls;  // kLast: the last token that is not `pad_id`
  std::optional<std::int32_t> pad_id{};
  std::string_view dense{};
  bool dense_bias = true;
  ActivationFunction activation = Activation::kNone;
  std::string_view norm{};
  std::string_view out{};  // "" = the family has no cross-encoders
  bool out_bias = true;
};

class Classifier {
 public:
  Classifier(const ClassifierSpec& spec, const NormForm& norm, std::size_t hidden_size,
             std::size_t num_labels, const Checkpoint& weights, Precision precision);

  // hidden: (tokens, hidden_size), of `input` -> (num_sequences, num_labels)
  Var logits(Pass& pass, View<const float> hidden, const EncoderInput& input) const;

 private:
  ClassifierSpec spec_;
  Linear dense_;
  LayerNorm norm_;
  Linear out_;
};

}  // namespace firth
