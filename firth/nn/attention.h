// Multi-head self-attention over the sequences of a ragged batch (Vaswani et al. 2017,
// arXiv:1706.03762, section 3.2): each sequence attends to itself, nothing is padded or masked.
#pragma once

#include <cstdint>
#include <span>

#include "firth/kernels/attention.h"
#include "firth/nn/var.h"

namespace firth {

struct AttentionOptions {
  std::span<const std::int64_t> offsets;  // (num_sequences + 1)
  std::size_t num_heads = 1;
  std::size_t num_kv_heads = 1;
  std::size_t head_dim = 1;
  float scale = 1.0F;                            // of the scores
  std::size_t left = AttentionInput::kNoLimit;   // tokens before and after its own that a query
  std::size_t right = AttentionInput::kNoLimit;  // sees
  View<const float> bias{};                      // by head and distance, see AttentionInput
  std::span<float> probabilities{};  // if not empty, the weights after softmax are written here:
                                     // sequence after sequence, each (num_heads, T, T)
};

// qkv: (tokens, (num_heads + 2 * num_kv_heads) * head_dim), queries, keys and values side by side
// -> (tokens, num_heads * head_dim)
Var attention(Pass& pass, Var qkv, const AttentionOptions& options);

// Floats that AttentionOptions::probabilities needs.
std::size_t attention_probabilities_size(std::span<const std::int64_t> offsets,
                                         std::size_t num_heads);

}  // namespace firth
