#include "firth/kernels/norm.h"

#include <cmath>

namespace firth {
namespace {

void norm_row_scalar(float* y, std::size_t n, const LayerNormWeights& w) {
  float mean = 0.0F;
  for (std::size_t j = 0; j < n; ++j) mean += y[j];
  mean /= static_cast<float>(n);
  float variance = 0.0F;
  for (std::size_t j = 0; j < n; ++j) variance += (y[j] - mean) * (y[j] - mean);
  const float factor = 1.0F / std::sqrt(variance / static_cast<float>(n) + w.eps);
  for (std::size_t j = 0; j < n; ++j) {
    const float scaled = (y[j] - mean) * factor * (w.weight == nullptr ? 1.0F : w.weight[j]);
    y[j] = scaled + (w.bias == nullptr ? 0.0F : w.bias[j]);
  }
}

}  // namespace

void layer_norm(View<const float> x, const LayerNormWeights& weights, View<float> y) {
  const std::size_t n = x.cols();
  for (std::size_t i = 0; i < x.rows(); ++i) {
    float* row = y.row(i).data();
    for (std::size_t j = 0; j < n; ++j) row[j] = x(i, j);
    norm_row_scalar(row, n, weights);
  }
}

void add_layer_norm(View<const float> x, View<const float> residual,
                    const LayerNormWeights& weights, View<float> y) {
  const std::size_t n = x.cols();
  for (std::size_t i = 0; i < x.rows(); ++i) {
    float* row = y.row(i).data();
    for (std::size_t j = 0; j < n; ++j) row[j] = x(i, j) + residual(i, j);
    norm_row_scalar(row, n, weights);
  }
}

void embedding_layer_norm(std::span<const EmbeddingSource> sources, const LayerNormWeights& weights,
                          View<float> y) {
  const std::size_t n = y.cols();
  for (std::size_t i = 0; i < y.rows(); ++i) {
    float* row = y.row(i).data();
    for (std::size_t s = 0; s < sources.size(); ++s) {
      const auto index =
          sources[s].indices == nullptr ? 0 : static_cast<std::size_t>(sources[s].indices[i]);
      const float* from = sources[s].table.row(index).data();
      for (std::size_t j = 0; j < n; ++j) row[j] = s == 0 ? from[j] : row[j] + from[j];
    }
    norm_row_scalar(row, n, weights);
  }
}

}  // namespace firth
