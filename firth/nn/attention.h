// Multi-head self-attention over the sequences of a ragged batch (Vaswani et al. 2017,
// arXiv:1706.03762, section 3.2): each sequence attends to itself, nothing is padded or masked.
#pragma once

#include <cstdint>
#include <span>

#include "firth/nn/var.h"

namespace firth {

struct AttentionOptions {
  std::span<const std::int64_t> offsets;  // (num_sequences + 1)
  std::size_t num_heads = 1;
  std::span<float> probabilities;  // if not empty, the weights after softmax are written here:
                                   // sequence after sequence, each (num_heads, T, T)
};

// qkv: (tokens, 3 * hidden_size), queries, keys and values side by side -> (tokens, hidden_size)
Var attention(Pass& pass, Var qkv, const AttentionOptions& options);

// Floats that AttentionOptions::probabilities needs.
std::size_t attention_probabilities_size(std::span<const std::int64_t> offsets,
                                         std::size_t num_heads);

}  // namespace firth
