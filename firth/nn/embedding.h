// The input of an encoder: the rows of a token in its tables are summed and normalized,
//
//   x[t] = layer_norm(word[ids[t]] + token_type[types[t]] + position[first + t - start of
//   sequence])
//
// summed in this order, which is the reference's. Where there is a pad_id, as in RoBERTa, its
// tokens are not counted, and their position is the one before the first. The word table is used
// where it lies in the mapped file; in f16 or bf16 only the rows that a batch needs are widened.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "firth/core/tensor.h"
#include "firth/nn/layer_norm.h"
#include "firth/nn/var.h"

namespace firth {

struct Embedding {
  AnyView word;       // (vocab_size, hidden_size), borrowed: the model keeps the file mapped
  Tensor token_type;  // (type_vocab_size, hidden_size); empty = none
  Tensor position;    // (max_position_embeddings, hidden_size); empty = none
  std::size_t first_position = 0;                     // position row of a sequence's first token
  std::optional<std::int32_t> pad_id = std::nullopt;  // then first_position > 0
  LayerNorm norm;                                     // empty = none
};

struct EmbeddingInput {
  std::span<const std::int32_t> ids;
  std::span<const std::int64_t> offsets;
  std::span<const std::int32_t> type_ids;  // empty = all 0
};

// Ids, types and lengths are not checked: within the tables. Returns (tokens, hidden_size).
Var embedding(Pass& pass, const Embedding& tables, const EmbeddingInput& input);

}  // namespace firth
