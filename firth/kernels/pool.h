// From the vectors of tokens to one vector of each sequence, in the ways of sentence-transformers'
// models/Pooling.py.
//
//   tokens: (total_tokens, hidden_size)    offsets: (num_sequences + 1)
//   y: (num_sequences, width), of which columns [column, column + hidden_size) are written
//
// A row is computed by itself, tokens summed in their order: the same bits in any batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "firth/core/tensor.h"

namespace firth {

enum class Pooling : std::uint8_t {
  kMean,
  kMax,
  kCls,           // the first token
  kLast,          // the last token
  kMeanSqrtLen,   // sum / sqrt(number of tokens)
  kWeightedMean,  // token i weighs i + 1
};

struct PoolOptions {
  Pooling pooling = Pooling::kMean;
  std::size_t skip_tokens =
      0;                   // first tokens left out (a prompt); kCls and kLast do not look at it
  std::size_t column = 0;  // where the result starts in a row of y: several poolings side by
                           // side make "cls+max"
};

// A sequence of which nothing is left gives zeros.
void pool(View<const float> tokens, std::span<const std::int64_t> offsets,
          const PoolOptions& options, View<float> y);

}  // namespace firth
