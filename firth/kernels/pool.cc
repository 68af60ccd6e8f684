#include "firth/kernels/pool.h"

#include <algorithm>
#include <cmath>

#include "firth/kernels/vector.h"

namespace firth {
namespace {

void weighted_sum(View<const float> tokens, std::size_t skipped, bool by_place,
                  std::span<float> y) {
  for (std::size_t i = 0; i < tokens.rows(); ++i) {
    axpy(by_place ? static_cast<float>(skipped + i + 1) : 1.0F, tokens.row(i), y);
  }
}

// What the sum of the tokens [skipped, length) is divided by.
float divisor(Pooling pooling, std::size_t skipped, std::size_t length) {
  const auto first = static_cast<float>(skipped + 1);
  const auto last = static_cast<float>(length);
  const float count = last - first + 1.0F;
  switch (pooling) {
    case Pooling::kMean:
      return count;
    case Pooling::kMeanSqrtLen:
      return std::sqrt(count);
    case Pooling::kWeightedMean:
      return (first + last) / 2.0F * count;
    default:
      return 1.0F;
  }
}

// tokens: those of one sequence, (length, hidden_size).
void pool_one(View<const float> tokens, const PoolOptions& options, std::span<float> y) {
  const std::size_t length = tokens.rows();
  const bool one_token = options.pooling == Pooling::kCls || options.pooling == Pooling::kLast;
  const std::size_t skipped = one_token ? 0 : options.skip_tokens;
  std::ranges::fill(y, 0.0F);
  if (length <= skipped) return;
  const View<const float> kept = tokens.slice_rows(skipped, length);
  switch (options.pooling) {
    case Pooling::kCls:
      std::ranges::copy(tokens.row(0), y.begin());
      return;
    case Pooling::kLast:
      std::ranges::copy(tokens.row(length - 1), y.begin());
      return;
    case Pooling::kMax:
      std::ranges::copy(kept.row(0), y.begin());
      for (std::size_t i = 1; i < kept.rows(); ++i) maximum(kept.row(i), y);
      return;
    default:
      break;
  }
  weighted_sum(kept, skipped, options.pooling == Pooling::kWeightedMean, y);
  divide(divisor(options.pooling, skipped, length), y);
}

}  // namespace

void pool(View<const float> tokens, std::span<const std::int64_t> offsets,
          const PoolOptions& options, View<float> y) {
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    const auto begin = static_cast<std::size_t>(offsets[i]);
    const auto end = static_cast<std::size_t>(offsets[i + 1]);
    pool_one(tokens.slice_rows(begin, end), options,
             y.row(i).subspan(options.column, tokens.cols()));
  }
}

}  // namespace firth
