#include "firth/kernels/pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "firth/core/random.h"
#include "firth/kernels/cpu_levels_for_test.h"

namespace firth {
namespace {

// sentence-transformers' formulas over the tokens [skip, length), weights by place in the sequence.
double expected(View<const float> tokens, const PoolOptions& options, std::size_t column) {
  const std::size_t length = tokens.rows(), skip = options.skip_tokens;
  const auto at = [&](std::size_t i) { return double{tokens(i, column)}; };
  if (length == 0) return 0.0;
  if (options.pooling == Pooling::kCls) return at(0);
  if (options.pooling == Pooling::kLast) return at(length - 1);
  if (length <= skip) return 0.0;
  double sum = 0.0, weighted = 0.0, weights = 0.0, max = at(skip);
  for (std::size_t i = skip; i < length; ++i) {
    const auto weight = static_cast<double>(i + 1);
    sum += at(i);
    weighted += weight * at(i);
    weights += weight;
    max = std::max(max, at(i));
  }
  const auto count = static_cast<double>(length - skip);
  switch (options.pooling) {
    case Pooling::kMax:
      return max;
    case Pooling::kMeanSqrtLen:
      return sum / std::sqrt(count);
    case Pooling::kWeightedMean:
      return weighted / weights;
    default:
      return sum / count;
  }
}

class PoolTest : public CpuLevelTest {};

TEST_P(PoolTest, EveryWayMatchesItsFormula) {
  const std::vector<std::int64_t> offsets = {0, 0, 1, 4, 34};
  Random random(1);
  for (const std::size_t hidden : {1, 5, 16, 33, 64}) {
    Tensor tokens = Tensor::zeros<float>(Shape{34, hidden});
    for (float& x : tokens.view<float>().span()) x = random.normal();
    for (const Pooling pooling : {Pooling::kMean, Pooling::kMax, Pooling::kCls, Pooling::kLast,
                                  Pooling::kMeanSqrtLen, Pooling::kWeightedMean}) {
      for (const std::size_t skip : {0, 1, 3}) {
        const PoolOptions options{.pooling = pooling, .skip_tokens = skip, .column = 2};
        Tensor y = Tensor::zeros<float>(Shape{4, hidden + 3});
        pool(tokens.view<float>(), offsets, options, y.view<float>());
        for (std::size_t i = 0; i < 4; ++i) {
          const View<const float> own =
              tokens.view<float>().slice_rows(std::size_t(offsets[i]), std::size_t(offsets[i + 1]));
          for (std::size_t j = 0; j < hidden; ++j) {
            ASSERT_NEAR(y.view<float>()(i, j + 2), expected(own, options, j), 1e-5);
          }
          ASSERT_EQ(y.view<float>()(i, 1), 0.0F);
          ASSERT_EQ(y.view<float>()(i, hidden + 2), 0.0F);
        }
      }
    }
  }
}

TEST_P(PoolTest, TheMaximumOfANaNIsNaN) {
  Tensor tokens = Tensor::zeros<float>(Shape{5, 20}), y = Tensor::zeros<float>(Shape{1, 20});
  tokens.view<float>()(2, 3) = tokens.view<float>()(0, 19) =
      std::numeric_limits<float>::quiet_NaN();
  const std::vector<std::int64_t> offsets = {0, 5};
  pool(tokens.view<float>(), offsets, {.pooling = Pooling::kMax}, y.view<float>());
  for (std::size_t j = 0; j < 20; ++j) {
    EXPECT_EQ(std::isnan(y.view<float>()(0, j)), j == 3 || j == 19);
  }
}

FIRTH_INSTANTIATE_CPU_LEVELS(PoolTest);

}  // namespace
}  // namespace firth
