#include "firth/kernels/vector.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "firth/core/random.h"
#include "firth/kernels/cpu_levels_for_test.h"

namespace firth {
namespace {

std::vector<float> random_floats(std::size_t n, std::uint64_t seed) {
  std::vector<float> out(n);
  Random random(seed);
  for (float& x : out) x = random.normal();
  return out;
}

class VectorTest : public CpuLevelTest {};

TEST_P(VectorTest, DotMatchesDoublePrecisionAtEveryLengthAndMisalignment) {
  for (std::size_t n = 0; n <= 140; ++n) {
    for (const std::size_t shift : {0, 1, 3}) {
      const std::vector<float> a = random_floats(n + shift, n), b = random_floats(n + shift, n + 1);
      double want = 0.0, magnitude = 0.0;
      for (std::size_t j = shift; j < n + shift; ++j) {
        want += double{a[j]} * double{b[j]};
        magnitude += std::abs(double{a[j]} * double{b[j]});
      }
      ASSERT_NEAR(dot(std::span(a).subspan(shift), std::span(b).subspan(shift)), want,
                  1e-6 * magnitude);
    }
  }
}

TEST_P(VectorTest, ElementwiseFunctionsTouchTheirLengthOnly) {
  for (std::size_t n = 0; n <= 40; ++n) {
    const std::vector<float> x = random_floats(n, n), before = random_floats(n + 1, 2);
    std::vector<float> y = before;
    const std::span<float> head = std::span(y).first(n);
    axpy(2.0F, x, head);
    maximum(x, head);
    divide(4.0F, head);
    for (std::size_t j = 0; j < n; ++j) {
      const float want = std::max(before[j] + 2.0F * x[j], x[j]) / 4.0F;
      ASSERT_NEAR(y[j], want, 1e-6F);
    }
    ASSERT_EQ(y[n], before[n]);
  }
}

TEST_P(VectorTest, NormalizedRowsHaveUnitLengthAndZeroStaysZero) {
  Tensor rows = Tensor::zeros<float>(Shape{5, 33});
  const std::vector<float> values = random_floats(33, 1);
  const std::vector<float> scales = {1.0F, 1e30F, 1e-20F, 0.0F, 1e-11F};
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < 33; ++j) rows.view<float>()(i, j) = values[j] * scales[i];
  }
  normalize_rows(rows.view<float>());
  EXPECT_NEAR(norm(rows.view<float>().row(0)), 1.0F, 1e-6F);
  EXPECT_NEAR(norm(rows.view<float>().row(1)), 1.0F, 1e-6F);
  EXPECT_LT(norm(rows.view<float>().row(2)), 1e-6F);  // below eps: divided by eps
  EXPECT_EQ(norm(rows.view<float>().row(3)), 0.0F);
  EXPECT_NEAR(norm(rows.view<float>().row(4)), 1.0F, 1e-6F);
}

TEST_P(VectorTest, CosineKeepsItsRangeForHugeAndTinyVectors) {
  const std::vector<float> a = random_floats(50, 1), b = random_floats(50, 2), zero(50, 0.0F);
  const float want = dot(a, b) / (norm(a) * norm(b));
  for (const float scale : {1e-30F, 1e-18F, 1.0F, 1e18F, 1e30F}) {
    std::vector<float> scaled_a = a, scaled_b = b;
    for (float& x : scaled_a) x *= scale;
    for (float& x : scaled_b) x *= scale;
    EXPECT_NEAR(cosine(scaled_a, scaled_b), want, 1e-5F) << scale;
  }
  EXPECT_EQ(cosine(a, zero), 0.0F);
  EXPECT_NEAR(cosine(a, a), 1.0F, 1e-6F);
}

TEST_P(VectorTest, NaNIsKept) {
  std::vector<float> a = random_floats(20, 1);
  a[19] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(dot(a, random_floats(20, 2))));
  EXPECT_TRUE(std::isnan(cosine(a, a)));
  normalize_rows({a.data(), Shape{1, 20}});
  for (const float x : a) EXPECT_TRUE(std::isnan(x));
}

FIRTH_INSTANTIATE_CPU_LEVELS(VectorTest);

}  // namespace
}  // namespace firth
