// Three passes over a row that lies in the first cache: sum, squares around the mean, result. Four
// vectors of sums hide the latency of addition.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "firth/kernels/norm.cc"
#include "firth/kernels/simd.h"
// Highway's headers come after.
#include <algorithm>
#include <cmath>

#include "firth/kernels/norm.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {
namespace {

#if HWY_TARGET & (HWY_SCALAR | HWY_EMU128)

void sum_rows(const float* a, const float* b, std::size_t n, float* y) {
  for (std::size_t j = 0; j < n; ++j) y[j] = a[j] + b[j];
}

// x may be y.
void norm_row(const float* x, std::size_t n, const LayerNormWeights& w, float* y) {
  float mean = 0.0F;
  for (std::size_t j = 0; w.center && j < n; ++j) mean += x[j];
  mean /= static_cast<float>(n);
  float variance = 0.0F;
  for (std::size_t j = 0; j < n; ++j) variance += (x[j] - mean) * (x[j] - mean);
  const float factor = 1.0F / std::sqrt(variance / static_cast<float>(n) + w.eps);
  for (std::size_t j = 0; j < n; ++j) {
    const float scaled = (x[j] - mean) * factor * (w.weight == nullptr ? 1.0F : w.weight[j]);
    y[j] = scaled + (w.bias == nullptr ? 0.0F : w.bias[j]);
  }
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

constexpr D kD;
constexpr std::size_t kLanes = hn::MaxLanes(D());

void sum_rows(const float* a, const float* b, std::size_t n, float* y) {
  std::size_t j = 0;
  for (; j + kLanes <= n; j += kLanes) {
    hn::StoreU(hn::Add(hn::LoadU(kD, a + j), hn::LoadU(kD, b + j)), kD, y + j);
  }
  for (; j < n; ++j) y[j] = a[j] + b[j];
}

// The sum over x of term(vector of x); what is past the end must add nothing: term(value, mask).
template <class Term>
HWY_INLINE float sum_terms(const float* x, std::size_t n, const Term& term) {
  V sum0 = hn::Zero(kD), sum1 = sum0, sum2 = sum0, sum3 = sum0;
  std::size_t j = 0;
  for (; j + 4 * kLanes <= n; j += 4 * kLanes) {
    sum0 = term(sum0, hn::LoadU(kD, x + j));
    sum1 = term(sum1, hn::LoadU(kD, x + j + kLanes));
    sum2 = term(sum2, hn::LoadU(kD, x + j + 2 * kLanes));
    sum3 = term(sum3, hn::LoadU(kD, x + j + 3 * kLanes));
  }
  for (; j + kLanes <= n; j += kLanes) sum0 = term(sum0, hn::LoadU(kD, x + j));
  if (j < n) {
    const auto mask = hn::FirstN(kD, n - j);
    sum1 = hn::IfThenElse(mask, term(sum1, hn::MaskedLoad(mask, kD, x + j)), sum1);
  }
  return hn::GetLane(hn::SumOfLanes(kD, hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3))));
}

// y = (x - mean) * factor * weight + bias, two optional vectors.
template <bool kWeight, bool kBias>
HWY_INLINE void scale_row(const float* x, std::size_t n, float mean, float factor,
                          const LayerNormWeights& w, float* y) {
  const V center = hn::Set(kD, mean), scale = hn::Set(kD, factor);
  const auto result = [&](V value, const auto& load) HWY_ATTR {
    value = hn::Mul(hn::Sub(value, center), scale);
    const V bias = kBias ? load(w.bias) : hn::Zero(kD);
    return kWeight ? hn::MulAdd(value, load(w.weight), bias) : hn::Add(value, bias);
  };
  std::size_t j = 0;
  for (; j + kLanes <= n; j += kLanes) {
    const auto load = [&](const float* from) HWY_ATTR { return hn::LoadU(kD, from + j); };
    hn::StoreU(result(load(x), load), kD, y + j);
  }
  if (j < n) {
    const auto mask = hn::FirstN(kD, n - j);
    const auto load = [&](const float* from)
                          HWY_ATTR { return hn::MaskedLoad(mask, kD, from + j); };
    hn::BlendedStore(result(load(x), load), mask, kD, y + j);
  }
}

void norm_row(const float* x, std::size_t n, const LayerNormWeights& w, float* y) {
  const auto count = static_cast<float>(n);
  const auto add = [](V sum, V value) HWY_ATTR { return hn::Add(sum, value); };
  const float mean = w.center ? sum_terms(x, n, add) / count : 0.0F;
  const V center = hn::Set(kD, mean);
  const float squares = sum_terms(x, n, [&](V sum, V value) HWY_ATTR {
    const V difference = hn::Sub(value, center);
    return hn::MulAdd(difference, difference, sum);
  });
  const float factor = 1.0F / std::sqrt(squares / count + w.eps);
  if (w.weight != nullptr && w.bias != nullptr) {
    scale_row<true, true>(x, n, mean, factor, w, y);
  } else if (w.weight != nullptr) {
    scale_row<true, false>(x, n, mean, factor, w, y);
  } else if (w.bias != nullptr) {
    scale_row<false, true>(x, n, mean, factor, w, y);
  } else {
    scale_row<false, false>(x, n, mean, factor, w, y);
  }
}

#endif

const float* source_row(const EmbeddingSource& source, std::size_t i) {
  return source.table.row(source.indices == nullptr ? 0 : source.indices[i]).data();
}

}  // namespace

void run_layer_norm(View<const float> x, const LayerNormWeights& weights, View<float> y) {
  for (std::size_t i = 0; i < x.rows(); ++i) {
    norm_row(x.row(i).data(), x.cols(), weights, y.row(i).data());
  }
}

void run_add_layer_norm(View<const float> x, View<const float> residual,
                        const LayerNormWeights& weights, View<float> y) {
  for (std::size_t i = 0; i < x.rows(); ++i) {
    float* row = y.row(i).data();
    sum_rows(x.row(i).data(), residual.row(i).data(), x.cols(), row);
    norm_row(row, x.cols(), weights, row);
  }
}

// The sum of the rows that the sources give to row i of the batch; in `row` if there are several.
const float* gathered_row(std::span<const EmbeddingSource> sources, std::size_t i, std::size_t n,
                          float* row) {
  const float* sum = source_row(sources.front(), i);
  for (std::size_t s = 1; s < sources.size(); ++s, sum = row) {
    sum_rows(sum, source_row(sources[s], i), n, row);
  }
  return sum;
}

void run_embedding_layer_norm(std::span<const EmbeddingSource> sources,
                              const LayerNormWeights& weights, View<float> y) {
  for (std::size_t i = 0; i < y.rows(); ++i) {
    float* row = y.row(i).data();
    norm_row(gathered_row(sources, i, y.cols(), row), y.cols(), weights, row);
  }
}

void run_embedding_sum(std::span<const EmbeddingSource> sources, View<float> y) {
  for (std::size_t i = 0; i < y.rows(); ++i) {
    float* row = y.row(i).data();
    const float* sum = gathered_row(sources, i, y.cols(), row);
    if (sum != row) std::copy_n(sum, y.cols(), row);
  }
}

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace firth {

void layer_norm(View<const float> x, const LayerNormWeights& weights, View<float> y) {
  FIRTH_DISPATCH(run_layer_norm)(x, weights, y);
}

void add_layer_norm(View<const float> x, View<const float> residual,
                    const LayerNormWeights& weights, View<float> y) {
  FIRTH_DISPATCH(run_add_layer_norm)(x, residual, weights, y);
}

void embedding_layer_norm(std::span<const EmbeddingSource> sources, const LayerNormWeights& weights,
                          View<float> y) {
  FIRTH_DISPATCH(run_embedding_layer_norm)(sources, weights, y);
}

void embedding_sum(std::span<const EmbeddingSource> sources, View<float> y) {
  FIRTH_DISPATCH(run_embedding_sum)(sources, y);
}

}  // namespace firth
#endif
