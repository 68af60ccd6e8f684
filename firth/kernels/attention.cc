#include "firth/kernels/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace firth {
namespace {

// Row i of one head: a matrix inside wider rows.
struct HeadRows {
  const float* data;
  std::size_t stride;

  const float* operator[](std::size_t i) const { return data + i * stride; }
};

struct Head {
  HeadRows q, k, v;
  std::size_t num_tokens;
  std::size_t head_dim;
  float scale;
};

Head head_of(const AttentionInput& input, std::size_t sequence, std::size_t head) {
  const auto begin = static_cast<std::size_t>(input.offsets[sequence]);
  const auto end = static_cast<std::size_t>(input.offsets[sequence + 1]);
  const std::size_t column = head * input.head_dim;
  return {{input.q + begin * input.q_stride + column, input.q_stride},
          {input.k + begin * input.k_stride + column, input.k_stride},
          {input.v + begin * input.v_stride + column, input.v_stride},
          end - begin,
          input.head_dim,
          input.scale};
}

void scores_scalar(const Head& head, std::size_t query, float* scores) {
  for (std::size_t key = 0; key < head.num_tokens; ++key) {
    float sum = 0.0F;
    for (std::size_t c = 0; c < head.head_dim; ++c) sum += head.q[query][c] * head.k[key][c];
    scores[key] = sum * head.scale;
  }
}

void softmax_scalar(float* scores, std::size_t n) {
  const float max = *std::max_element(scores, scores + n);
  float sum = 0.0F;
  for (std::size_t i = 0; i < n; ++i) sum += scores[i] = std::exp(scores[i] - max);
  for (std::size_t i = 0; i < n; ++i) scores[i] /= sum;
}

void attention_scalar(const Head& head, float* y, std::size_t y_stride, Arena& scratch) {
  const Arena::Scope scope(scratch);
  float* weights = scratch.allocate<float>(Shape{head.num_tokens}).data();
  for (std::size_t query = 0; query < head.num_tokens; ++query) {
    scores_scalar(head, query, weights);
    softmax_scalar(weights, head.num_tokens);
    float* row = y + query * y_stride;
    std::fill_n(row, head.head_dim, 0.0F);
    for (std::size_t key = 0; key < head.num_tokens; ++key) {
      for (std::size_t c = 0; c < head.head_dim; ++c) row[c] += weights[key] * head.v[key][c];
    }
  }
}

}  // namespace

void attention(const AttentionInput& input, std::size_t sequence, std::size_t head, View<float> y,
               Arena& scratch) {
  float* rows = y.data() + static_cast<std::size_t>(input.offsets[sequence]) * y.cols() +
                head * input.head_dim;
  attention_scalar(head_of(input, sequence, head), rows, y.cols(), scratch);
}

void attention(const AttentionInput& input, View<float> y, Arena& scratch) {
  for (std::size_t sequence = 0; sequence < input.num_sequences(); ++sequence) {
    for (std::size_t head = 0; head < input.num_heads; ++head) {
      attention(input, sequence, head, y, scratch);
    }
  }
}

void attention_probabilities(const AttentionInput& input, std::size_t sequence, std::size_t head,
                             View<float> probabilities, Arena& /*scratch*/) {
  const Head one = head_of(input, sequence, head);
  for (std::size_t query = 0; query < one.num_tokens; ++query) {
    scores_scalar(one, query, probabilities.row(query).data());
    softmax_scalar(probabilities.row(query).data(), one.num_tokens);
  }
}

}  // namespace firth
