#include "firth/models/transformer_fields.h"

#include "firth/core/error.h"

namespace firth {
namespace {

constexpr std::size_t kMostLayers = 1000;

}  // namespace

void read_shape(const Json& config, TransformerConfig& out, const ShapeFields& fields) {
  out.vocab_size = read_count(config, "vocab_size", {.max = 1 << 27});
  out.hidden_size = read_count(config, fields.hidden_size, {.max = 1 << 16});
  out.num_hidden_layers = read_count(config, fields.num_hidden_layers, {.max = kMostLayers});
  out.num_attention_heads = read_count(config, fields.num_attention_heads, {.max = 1 << 16});
  if (!fields.intermediate_size.empty())
    out.intermediate_size = read_count(config, fields.intermediate_size, {.max = 1 << 18});
  if (out.head_dim == 0 && out.hidden_size % out.num_attention_heads != 0) {
    fail(ErrorKind::kCorrupt, config.at(fields.hidden_size).where(), ": expected a multiple of ",
         fields.num_attention_heads, " (", out.num_attention_heads, "), found ", out.hidden_size);
  }
}

void read_kv_heads(const Json& config, TransformerConfig& out) {
  out.num_key_value_heads = read_count_or(config, "num_key_value_heads", out.num_attention_heads,
                                          {.max = out.num_attention_heads});
  if (out.num_attention_heads % out.num_key_value_heads == 0) return;
  fail(ErrorKind::kCorrupt, config.at("num_key_value_heads").where(),
       ": expected a divisor of num_attention_heads (", out.num_attention_heads, "), found ",
       out.num_key_value_heads);
}

std::optional<std::int32_t> read_pad_id(const Json& config) {
  const auto value = config.find("pad_token_id");
  if (!value || value->is_null() || value->as_int() < 0) return std::nullopt;
  return static_cast<std::int32_t>(value->as_uint(INT32_MAX));
}

void count_positions_after_padding(const Json& config, std::size_t pad_id, TransformerConfig& out) {
  if (pad_id + 1 >= out.max_position_embeddings || pad_id >= out.vocab_size) {
    fail(ErrorKind::kCorrupt, config.at("max_position_embeddings").where(),
         ": expected more than pad_token_id + 1 (", pad_id + 1, "), found ",
         out.max_position_embeddings);
  }
  out.pad_id = static_cast<std::int32_t>(pad_id);
  out.first_position = pad_id + 1;
  out.max_length = out.max_position_embeddings - out.first_position;
}

void check_rotary_heads(const Json& config, const TransformerConfig& out) {
  const std::size_t head_dim =
      out.head_dim != 0 ? out.head_dim : out.hidden_size / out.num_attention_heads;
  if (head_dim % 2 != 0) {
    fail(ErrorKind::kUnsupported, config.at("num_attention_heads").where(),
         ": rotary positions need heads of an even size, found ", head_dim);
  }
}

void set_rope(const Json& config, const RopeForm& rope, TransformerConfig& out) {
  check_rotary_heads(config, out);
  out.layers.assign(out.num_hidden_layers, {.rope_base = rope.theta, .rope_factor = rope.factor});
}

}  // namespace firth
