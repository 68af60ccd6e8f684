// Layer normalization over the last dimension (Ba et al. 2016, arXiv:1607.06450, section 3), alone
// or fused with what comes before it: a residual sum, or the gathered sum of embedding rows.
//
//   y = (x - mean(x)) / sqrt(var(x) + eps) * weight + bias        x, y: (rows, hidden_size)
//
// var is the biased estimate, as in BERT checkpoints, taken in a second pass around the mean.
// Without centring it is the RMS norm (Zhang & Sennrich 2019, arXiv:1910.07467): the mean is taken
// to be 0. A row is computed by itself: the same bits in any batch. One thread a call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "firth/core/tensor.h"

namespace firth {

struct LayerNormWeights {
  const float* weight = nullptr;  // (hidden_size); null = ones
  const float* bias = nullptr;    // (hidden_size); null = zeros
  float eps = 1e-12F;             // BERT's
  bool center = true;             // false = RMS norm
};

// y may be x.
void layer_norm(View<const float> x, const LayerNormWeights& weights, View<float> y);

// y = layer_norm(x + residual); y may be either.
void add_layer_norm(View<const float> x, View<const float> residual,
                    const LayerNormWeights& weights, View<float> y);

// The rows that a table gives to a batch: row i of the batch takes table row indices[i], or row 0
// where `indices` is null (a token type that all tokens share). Indices are not checked.
struct EmbeddingSource {
  View<const float> table;  // (vocab_size, hidden_size)
  const std::int32_t* indices = nullptr;
};

// y[i] = layer_norm(sum over sources of table[indices[i]]), summed in the order given. At least one
// source.
void embedding_layer_norm(std::span<const EmbeddingSource> sources, const LayerNormWeights& weights,
                          View<float> y);

// y[i] = sum over sources of table[indices[i]], without a norm.
void embedding_sum(std::span<const EmbeddingSource> sources, View<float> y);

}  // namespace firth
