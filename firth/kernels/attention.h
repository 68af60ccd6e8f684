// Scaled dot-product attention over packed sequences (Vaswani et al. 2017, arXiv:1706.03762,
// section 3.2.1), fused: for every sequence and head
//
//   y = softmax(q * k^T * scale + bias) * v   q, k, v, y: (T, head_dim), T tokens of the sequence
//
// A query may be limited to the keys near it, or to those before it: blocks of keys that no query
// of a strip sees are left out, and only the blocks at the edge are masked. Nothing is padded: a
// sequence is computed by itself. Keys are taken in blocks of fixed
// size counted from the sequence's start, with a running maximum and sum (Milakov & Gimelshein
// 2018, arXiv:1805.02867), so memory grows with T and not with its square, and the vectors of a
// sequence have the same bits alone and in any batch (at one CPU level).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "firth/core/tensor.h"
#include "firth/core/workspace.h"

namespace firth {

// Head h of token t is at q + t * q_stride + h * head_dim; so too k and v. With q, k, v side by
// side as a fused linear layer gives them: q = x, k = x + hidden, v = x + 2 * hidden, all strides
// 3 * hidden.
//
// With fewer key heads than query heads (Ainslie et al. 2023, arXiv:2305.13245), each key head
// serves a run of neighbouring query heads.
struct AttentionInput {
  static constexpr std::size_t kNoLimit = SIZE_MAX;

  const float* q = nullptr;
  const float* k = nullptr;
  const float* v = nullptr;
  std::size_t q_stride = 0;  // floats from a token to the next
  std::size_t k_stride = 0;
  std::size_t v_stride = 0;
  std::span<const std::int64_t> offsets;  // (num_sequences + 1)
  std::size_t num_heads = 0;
  std::size_t head_dim = 0;
  float scale = 1.0F;            // usually 1 / sqrt(head_dim)
  std::size_t num_kv_heads = 0;  // divides num_heads; 0 = num_heads

  // The query at t sees the keys [t - left, t + right] of its sequence; right = 0 is causal.
  std::size_t left = kNoLimit;
  std::size_t right = kNoLimit;

  // Added to the scaled score of the query at t and the key at u of head h: bias(h, span + t - u).
  // (num_heads, 2 * span + 1) for sequences of at most span + 1 tokens; empty = nothing is added.
  View<const float> bias{};

  std::size_t num_sequences() const { return offsets.empty() ? 0 : offsets.size() - 1; }
};

// One head of one sequence: callers split (sequence, head) pairs over threads. Writes the columns
// [head * head_dim, (head + 1) * head_dim) of the sequence's rows of y: (total_tokens, num_heads *
// head_dim). y may lie over q, not over k or v.
void attention(const AttentionInput& input, std::size_t sequence, std::size_t head, View<float> y,
               Arena& scratch);

// All heads of all sequences.
void attention(const AttentionInput& input, View<float> y, Arena& scratch);

// The softmax of one head of one sequence, for those who want to look at it: probabilities: (T, T),
// a row a query, 0 for keys that it does not see.
void attention_probabilities(const AttentionInput& input, std::size_t sequence, std::size_t head,
                             View<float> probabilities, Arena& scratch);

}  // namespace firth
