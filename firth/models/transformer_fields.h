// Fields of config.json that several families share.
#pragma once

#include <string_view>

#include "firth/io/json.h"
#include "firth/models/config.h"
#include "firth/models/transformer.h"

namespace firth {

// What a family calls them; "" = it has no such field.
struct ShapeFields {
  std::string_view hidden_size = "hidden_size";
  std::string_view num_hidden_layers = "num_hidden_layers";
  std::string_view num_attention_heads = "num_attention_heads";
  std::string_view intermediate_size = "intermediate_size";
};

// These and vocab_size. hidden_size must be a multiple of num_attention_heads, unless
// config.head_dim is set already.
void read_shape(const Json& config, TransformerConfig& out, const ShapeFields& fields = {});

// num_key_value_heads, which must divide num_attention_heads.
void read_kv_heads(const Json& config, TransformerConfig& out);

// pad_token_id; nullopt if it is missing, null or negative.
std::optional<std::int32_t> read_pad_id(const Json& config);

// RoBERTa's positions: out.max_position_embeddings rows, the first token at that of pad_id + 1.
void count_positions_after_padding(const Json& config, std::size_t pad_id, TransformerConfig& out);

// Rotary positions turn pairs: refuses heads of an odd size.
void check_rotary_heads(const Json& config, const TransformerConfig& out);

// The same rotary positions for all layers.
void set_rope(const Json& config, const RopeForm& rope, TransformerConfig& out);

}  // namespace firth
