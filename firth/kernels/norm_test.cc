#include "firth/kernels/norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "firth/core/random.h"
#include "firth/kernels/cpu_levels_for_test.h"

namespace firth {
namespace {

Tensor random_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed, float mean = 0.0F) {
  Tensor out = Tensor::zeros<float>(Shape{rows, cols});
  Random random(seed);
  for (float& x : out.view<float>().span()) x = random.normal() + mean;
  return out;
}

std::vector<double> expected_norm(std::span<const float> x, const LayerNormWeights& w) {
  const auto n = static_cast<double>(x.size());
  double mean = 0.0, variance = 0.0;
  for (const float value : x) mean += w.center ? double{value} / n : 0;
  for (const float value : x) variance += (double{value} - mean) * (double{value} - mean) / n;
  std::vector<double> y(x.size());
  for (std::size_t j = 0; j < x.size(); ++j) {
    y[j] = (double{x[j]} - mean) / std::sqrt(variance + double{w.eps});
    if (w.weight != nullptr) y[j] *= double{w.weight[j]};
    if (w.bias != nullptr) y[j] += double{w.bias[j]};
  }
  return y;
}

void expect_row(std::span<const float> found, const std::vector<double>& want) {
  for (std::size_t j = 0; j < want.size(); ++j) {
    ASSERT_NEAR(found[j], want[j], 3e-6 * (1.0 + std::abs(want[j]))) << "of " << want.size();
  }
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

class NormTest : public CpuLevelTest {};

TEST_P(NormTest, EveryLengthMatchesDoublePrecision) {
  for (std::size_t n = 1; n <= 140; ++n) {
    const Tensor x = random_matrix(3, n, n, 0.5F), w = random_matrix(2, n, n + 1);
    Tensor y = Tensor::zeros<float>(Shape{3, n});
    const float* weight = w.view<float>().row(0).data();
    const float* bias = w.view<float>().row(1).data();
    // A large eps: for one component the variance is 0.
    for (const LayerNormWeights& weights :
         {LayerNormWeights{weight, bias, 0.1F}, LayerNormWeights{weight, nullptr, 0.1F},
          LayerNormWeights{nullptr, bias, 0.1F}, LayerNormWeights{nullptr, nullptr, 0.1F},
          LayerNormWeights{weight, nullptr, 0.1F, false}}) {
      layer_norm(x.view<float>(), weights, y.view<float>());
      for (std::size_t i = 0; i < 3; ++i) {
        expect_row(y.view<float>().row(i), expected_norm(x.view<float>().row(i), weights));
      }
    }
  }
}

TEST_P(NormTest, InPlaceAloneAndMisalignedGiveTheSameBits) {
  constexpr std::size_t kHidden = 100;
  const Tensor x = random_matrix(4, kHidden, 1), w = random_matrix(2, kHidden, 2);
  const LayerNormWeights weights{w.view<float>().data(), w.view<float>().row(1).data()};
  Tensor y = Tensor::zeros<float>(Shape{4, kHidden}), in_place = x.clone();
  layer_norm(x.view<float>(), weights, y.view<float>());
  layer_norm(in_place.view<float>(), weights, in_place.view<float>());
  EXPECT_TRUE(same_bits(y.view<float>().span(), in_place.view<float>().span()));
  std::vector<float> moved(kHidden + 3);
  for (const std::size_t shift : {1, 2, 3}) {
    std::ranges::copy(x.view<float>().row(2), moved.begin() + static_cast<std::ptrdiff_t>(shift));
    const View<float> row{moved.data() + shift, Shape{1, kHidden}};
    layer_norm(row, weights, row);
    EXPECT_TRUE(same_bits(y.view<float>().row(2), row.span()));
  }
}

TEST_P(NormTest, ResidualIsAddedFirst) {
  for (const std::size_t n : {1, 7, 16, 33, 384}) {
    const Tensor x = random_matrix(2, n, 1), residual = random_matrix(2, n, 2);
    Tensor sum = x.clone(), y = residual.clone();
    for (std::size_t j = 0; j < sum.size(); ++j) {
      sum.view<float>().span()[j] += residual.view<float>().span()[j];
    }
    layer_norm(sum.view<float>(), {}, sum.view<float>());
    add_layer_norm(x.view<float>(), y.view<float>(), {}, y.view<float>());
    EXPECT_TRUE(same_bits(sum.view<float>().span(), y.view<float>().span()));
  }
}

TEST_P(NormTest, EmbeddingRowsAreGatheredAndSummed) {
  constexpr std::size_t kHidden = 37;
  const Tensor words = random_matrix(10, kHidden, 1), places = random_matrix(4, kHidden, 2),
               types = random_matrix(2, kHidden, 3);
  const std::vector<std::int32_t> ids = {9, 0, 3}, positions = {0, 1, 3};
  const std::vector<EmbeddingSource> sources = {{words.view<float>(), ids.data()},
                                                {places.view<float>(), positions.data()},
                                                {types.view<float>(), nullptr}};
  Tensor y = Tensor::zeros<float>(Shape{3, kHidden}), want = Tensor::zeros<float>(y.shape());
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < kHidden; ++j) {
      want.view<float>()(i, j) = words.view<float>()(std::size_t(ids[i]), j) +
                                 places.view<float>()(std::size_t(positions[i]), j) +
                                 types.view<float>()(0, j);
    }
  }
  layer_norm(want.view<float>(), {}, want.view<float>());
  embedding_layer_norm(sources, {}, y.view<float>());
  EXPECT_TRUE(same_bits(y.view<float>().span(), want.view<float>().span()));
  embedding_layer_norm(std::span(sources).first(1), {}, y.view<float>());
  expect_row(y.view<float>().row(0), expected_norm(words.view<float>().row(9), {}));
}

TEST_P(NormTest, NaNAndInfinityStayInTheirRowAndDenormalsAreZeros) {
  Tensor x = random_matrix(4, 50, 1);
  x.view<float>()(1, 49) = std::numeric_limits<float>::quiet_NaN();
  x.view<float>()(2, 0) = std::numeric_limits<float>::infinity();
  std::ranges::fill(x.view<float>().row(3), 1e-42F);
  layer_norm(x.view<float>(), {}, x.view<float>());
  for (std::size_t i = 0; i < 4; ++i) {
    for (const float value : x.view<float>().row(i)) EXPECT_EQ(std::isnan(value), i == 1 || i == 2);
  }
  EXPECT_NEAR(x.view<float>()(3, 7), 0.0F, 1e-6F);
}

FIRTH_INSTANTIATE_CPU_LEVELS(NormTest);

}  // namespace
}  // namespace firth
