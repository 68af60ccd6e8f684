// Encoder: token ids to hidden states, the part of a sentence model that differs from family to
// family. load_encoder reads config.json and has one line for each family.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "firth/core/precision.h"
#include "firth/core/thread_pool.h"
#include "firth/nn/activation.h"
#include "firth/nn/var.h"

namespace firth {

class Classifier;

struct EncoderShape {
  std::string family;  // "bert", …: model_type of config.json
  std::size_t hidden_size = 0;
  std::size_t num_hidden_layers = 0;
  std::size_t num_attention_heads = 0;
  std::size_t vocab_size = 0;
  std::size_t type_vocab_size = 0;  // 0 = no token types
  std::size_t max_length = 0;       // most tokens that a sequence may have; 0 = no limit
  std::size_t advised_length = 0;   // what the model was made for; where nobody says otherwise, the
                                    // limit; 0 = none
};

// A ragged batch that is borrowed. Ids lie within the vocabulary, no sequence is longer than
// max_length: whoever makes the batch has checked it.
struct EncoderInput {
  std::span<const std::int32_t> ids;
  std::span<const std::int64_t> offsets;
  std::span<const std::int32_t> type_ids;  // empty = all 0
};

// What a caller wants to see of the inside while a batch runs.
struct EncoderTaps {
  // Called with each hidden state in turn, 0 = the embedding output; valid during the call.
  std::function<void(std::size_t layer, View<const float> hidden)> hidden_state;
  // Where the attention weights of transformer layer `layer` (0 = the first) are to be written,
  // attention_probabilities_size floats, or an empty span.
  std::function<std::span<float>(std::size_t layer)> attention;
  // Transformer layers after this many are left out.
  std::size_t num_layers = SIZE_MAX;
};

class Encoder {
 public:
  virtual ~Encoder() = default;
  Encoder() = default;
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  virtual const EncoderShape& shape() const = 0;

  // One thread. Returns the last hidden state, (tokens, hidden_size): the same bits for a sequence
  // alone and in any batch.
  virtual Var forward(Pass& pass, const EncoderInput& input, const EncoderTaps& taps) const = 0;
};

struct LoadedEncoder {
  std::unique_ptr<const Encoder> encoder;
  std::vector<std::string> files;         // that vectors depend on: config.json and the weights
  Precision precision = Precision::kF32;  // in use
  std::string architecture;               // "BertForSequenceClassification"; "" = not stated
};

// From a Hugging Face folder. Weights are packed on the pool's threads, if one is given. Errors:
// not_found, corrupt, and unsupported for a model_type that firth does not know.
LoadedEncoder load_encoder(const std::string& folder, PrecisionChoice precision, ThreadPool* pool);

// An encoder with the head that gives a pair of texts its scores.
struct LoadedClassifier {
  LoadedEncoder base;
  std::unique_ptr<const Classifier> head;
  std::vector<std::string> labels;
  ActivationFunction activation;  // of the logits, as sentence-transformers chooses it
};

// Errors also: unsupported for a folder without such a head.
LoadedClassifier load_classifier(const std::string& folder, PrecisionChoice precision,
                                 ThreadPool* pool);

// "BertForSequenceClassification", …: a checkpoint with a head that scores texts.
bool is_classifier(std::string_view architecture);

// What config.json states as its architecture; "" if it states none.
std::string read_architecture(const std::string& folder);

}  // namespace firth
