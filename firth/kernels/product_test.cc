// Products at every level of the machine against a double-precision reference, and the promise that
// a row's bits depend on nothing but the row.
#include "firth/kernels/product.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "firth/core/error.h"
#include "firth/core/random.h"
#include "firth/kernels/cpu_levels_for_test.h"

namespace firth {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

Tensor random_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  Tensor out = Tensor::zeros<float>(Shape{rows, cols});
  Random random(seed);
  for (float& v : out.view<float>().span()) v = random.normal();
  return out;
}

View<const float> view(const Tensor& t) {
  return t.view<float>();
}

Tensor product(View<const float> x, const PackedWeight& weight, const Epilogue& epilogue = {}) {
  Tensor y(DType::kF32, Shape{x.rows(), weight.n()});
  packed_product(x, weight, epilogue, y.view<float>());
  return y;
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

constexpr Precision kPrecisions[] = {Precision::kF32, Precision::kBF16, Precision::kInt8};

class ProductTest : public CpuLevelTest {};

FIRTH_INSTANTIATE_CPU_LEVELS(ProductTest);

// A chain of k roundings: the error is at most k 2^-24 times the sum of magnitudes.
void expect_near_reference(View<const float> x, View<const float> w, View<const float> y) {
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (std::size_t j = 0; j < w.rows(); ++j) {
      double sum = 0, magnitude = 0;
      for (std::size_t p = 0; p < x.cols(); ++p) {
        const double term = double{x(i, p)} * double{w(j, p)};
        sum += term;
        magnitude += std::abs(term);
      }
      const double bound = 6e-8 * static_cast<double>(x.cols() + 1) * magnitude + 1e-37;
      ASSERT_NEAR(y(i, j), sum, bound) << "row " << i << ", column " << j;
    }
  }
}

TEST_P(ProductTest, EqualsTheReferenceForOddShapes) {
  for (const std::size_t n : {1, 7, 8, 15, 16, 17, 31, 33, 65, 100}) {
    for (const std::size_t k : {1, 2, 15, 64, 129}) {
      const Tensor w = random_matrix(n, k, n * 1000 + k);
      const PackedWeight packed(view(w), Precision::kF32);
      for (const std::size_t rows : {1, 2, 3, 5, 13, 14, 15, 29, 113}) {
        const Tensor x = random_matrix(rows, k, rows);
        const Tensor y = product(view(x), packed);
        expect_near_reference(view(x), view(w), view(y));
      }
    }
  }
}

// k beyond one chunk, and multiples of 512, whose rows are copied.
TEST_P(ProductTest, EqualsTheReferenceForLongRows) {
  for (const std::size_t k : {512, 1024, 1025, 1536, 3100}) {
    const Tensor w = random_matrix(40, k, k);
    const PackedWeight packed(view(w), Precision::kF32);
    const Tensor x = random_matrix(31, k, k + 1);
    expect_near_reference(view(x), view(w), view(product(view(x), packed)));
  }
}

void expect_same_bits_in_every_batch(std::size_t k, Precision precision) {
  const Tensor w = random_matrix(75, k, 1), bias = random_matrix(1, 75, 2);
  const PackedWeight packed(view(w), precision);
  const Tensor all = random_matrix(240, k, 3), residual = random_matrix(240, 75, 4);
  const Epilogue one_by_one{.bias = view(bias).data(), .activation = Activation::kGelu};
  std::vector<Tensor> alone;
  for (std::size_t i = 0; i < all.shape()[0]; ++i) {
    Epilogue epilogue = one_by_one;
    epilogue.residual = view(residual).slice_rows(i, i + 1);
    alone.push_back(product(view(all).slice_rows(i, i + 1), packed, epilogue));
  }
  for (std::size_t rows = 1; rows <= 240; rows += rows < 65 ? 1 : 35) {
    const std::size_t first = 240 - rows;  // so that places differ as well
    Epilogue epilogue = one_by_one;
    epilogue.residual = view(residual).slice_rows(first, 240);
    const Tensor y = product(view(all).slice_rows(first, 240), packed, epilogue);
    for (std::size_t i = 0; i < rows; ++i) {
      ASSERT_TRUE(same_bits(view(y).row(i), view(alone[first + i]).span()))
          << "k " << k << ", row " << i << " of " << rows;
    }
  }
}

TEST_P(ProductTest, RowHasTheSameBitsInEveryBatch) {
  for (const Precision precision : kPrecisions) {
    for (const std::size_t k : {37, 1536}) expect_same_bits_in_every_batch(k, precision);
  }
}

void expect_panel_ranges_give_the_whole(Precision precision) {
  const Tensor w = random_matrix(203, 96, 1), bias = random_matrix(1, 203, 2);
  const PackedWeight packed(view(w), precision);
  for (const std::size_t rows : {1, 2, 3, 17}) {
    const Tensor x = random_matrix(rows, 96, rows);
    const Epilogue epilogue{.bias = view(bias).data(), .activation = Activation::kTanh};
    const Tensor whole = product(view(x), packed, epilogue);
    Tensor pieces = Tensor::zeros<float>(Shape{rows, 203});
    for (std::size_t first = 0; first < packed.num_panels();) {
      const std::size_t last = std::min(first + 1 + first % 3, packed.num_panels());
      packed_product(view(x), packed, epilogue, pieces.view<float>(), {first, last});
      first = last;
    }
    EXPECT_TRUE(same_bits(view(pieces).span(), view(whole).span())) << rows << " rows";
  }
}

TEST_P(ProductTest, PanelRangesGiveTheBitsOfTheWhole) {
  for (const Precision precision : kPrecisions) expect_panel_ranges_give_the_whole(precision);
}

Tensor rounded_to_bf16(View<const float> x) {
  Tensor out = Tensor::zeros<float>(x.shape());
  for (std::size_t i = 0; i < x.size(); ++i) {
    out.view<float>().data()[i] = to_float(to_bfloat16(x.data()[i]));
  }
  return out;
}

TEST_P(ProductTest, BF16IsTheProductOfRoundedValues) {
  for (const std::size_t k : {1, 31, 64, 129, 1100}) {
    const Tensor w = random_matrix(45, k, k);
    const PackedWeight packed(view(w), Precision::kBF16);
    for (const std::size_t rows : {1, 2, 3, 15, 29, 113}) {
      const Tensor x = random_matrix(rows, k, rows);
      const Tensor y = product(view(x), packed);
      expect_near_reference(view(rounded_to_bf16(view(x))), view(rounded_to_bf16(view(w))),
                            view(y));
    }
  }
}

// Some columns of a row of x as product_narrow.cc defines them: x ~ low + scale * integer.
struct NarrowPart {
  std::vector<int> values;
  float scale = 0;
  float low = 0;
};

NarrowPart narrowed(std::span<const float> row, std::span<const float> factors) {
  std::vector<float> x(row.begin(), row.end());
  for (std::size_t p = 0; p < x.size() && !factors.empty(); ++p) x[p] *= factors[p];
  const float low = *std::ranges::min_element(x), width = *std::ranges::max_element(x) - low;
  NarrowPart out{.values = {}, .scale = width / 255.0f, .low = low};
  const float inverse = width > 0 ? 255.0f / width : 0.0f;
  for (const float v : x) {
    out.values.push_back(static_cast<int>(std::nearbyint((v - low) * inverse)));
  }
  return out;
}

// y[i, j] by the formula, and how large its terms are.
struct Expected {
  double value = 0;
  double magnitude = 0;
};

Expected int8_product(std::span<const float> x, const Int8Weight& w, std::size_t j) {
  const std::size_t k = x.size(), block = w.scales.cols() > 1 ? kInt8Block : k;
  Expected out;
  for (std::size_t p = 0, b = 0; p < k; p += block, ++b) {
    const std::size_t count = std::min(block, k - p);
    const NarrowPart part =
        narrowed(x.subspan(p, count),
                 w.input_scales.empty() ? w.input_scales : w.input_scales.subspan(p, count));
    std::int64_t sum = 0, weights = 0;
    for (std::size_t i = 0; i < count; ++i) {
      sum += std::int64_t{part.values[i]} * w.values(j, p + i);
      weights += w.values(j, p + i);
    }
    const double a = static_cast<double>(sum) * double{part.scale} * double{w.scales(j, b)};
    const double c = double{part.low} * static_cast<double>(weights) * double{w.scales(j, b)};
    out.value += a + c;
    out.magnitude += std::abs(a) + std::abs(c);
  }
  return out;
}

void expect_int8_definition(std::size_t n, std::size_t k, const QuantizeOptions& options) {
  const Tensor w = random_matrix(n, k, n * 1000 + k);
  const OwnedInt8Weight quantized = quantize_weight(view(w), options);
  const PackedWeight packed(quantized.view());
  for (const std::size_t rows : {1, 2, 3, 15, 29, 113}) {
    const Tensor x = random_matrix(rows, k, rows);
    const Tensor y = product(view(x), packed);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        const Expected expected = int8_product(view(x).row(i), quantized.view(), j);
        ASSERT_NEAR(view(y)(i, j), expected.value, 1e-6 * expected.magnitude)
            << n << " x " << k << ", row " << i << " of " << rows << ", column " << j;
      }
    }
  }
}

TEST_P(ProductTest, Int8IsItsDefinition) {
  for (const std::size_t n : {1, 31, 33, 100}) {
    for (const std::size_t k : {1, 2, 3, 5, 31, 32, 33, 63, 129, 1024}) {
      std::vector<float> input_scales(k);
      for (std::size_t p = 0; p < k; ++p) input_scales[p] = 0.1f + static_cast<float>(p % 7);
      for (const bool blocks : {false, true}) {
        expect_int8_definition(n, k, {.blocks = blocks, .input_scales = {}});
        expect_int8_definition(n, k, {.blocks = blocks, .input_scales = input_scales});
      }
    }
  }
}

TEST_P(ProductTest, Int8RowsHaveTheSameBitsInEveryBatchWithBlocksToo) {
  const Tensor w = random_matrix(75, 100, 1), x = random_matrix(130, 100, 2);
  std::vector<float> input_scales(100, 0.5f);
  const PackedWeight packed(
      quantize_weight(view(w), {.blocks = true, .input_scales = input_scales}).view());
  const Tensor all = product(view(x), packed);
  for (const std::size_t rows : {1, 2, 3, 14, 60}) {
    const Tensor y = product(view(x).slice_rows(130 - rows, 130), packed);
    EXPECT_TRUE(same_bits(view(y).span(), view(all).slice_rows(130 - rows, 130).span()));
  }
}

// The error of a row is that of 255 steps over its range, wherever the range lies.
TEST_P(ProductTest, Int8FollowsARowThatLiesOnOneSide) {
  const Tensor w = random_matrix(40, 300, 1);
  Tensor x = random_matrix(5, 300, 2);
  for (float& v : x.view<float>().span()) v = 10 + std::abs(v);
  const Tensor y = product(view(x), PackedWeight(view(w), Precision::kInt8));
  const Tensor exact = product(view(x), PackedWeight(view(w), Precision::kF32));
  double error = 0, size = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    error += std::pow(view(y).data()[i] - view(exact).data()[i], 2);
    size += std::pow(view(exact).data()[i], 2);
  }
  EXPECT_LT(std::sqrt(error / size), 0.01);
}

TEST_P(ProductTest, DequantizedWeightsAreNearTheWeights) {
  const Tensor w = random_matrix(6, 70, 1);
  std::vector<float> input_scales(70, 3.0f);
  for (const bool blocks : {false, true}) {
    const OwnedInt8Weight quantized =
        quantize_weight(view(w), {.blocks = blocks, .input_scales = input_scales});
    Tensor back(DType::kF32, w.shape());
    dequantize_weight(quantized.view(), back.view<float>());
    for (std::size_t i = 0; i < w.size(); ++i)
      EXPECT_NEAR(view(back).data()[i], view(w).data()[i], 0.02);
  }
}

TEST_P(ProductTest, Int8RefusesSumsBeyond32Bits) {
  const Tensor w(DType::kI8, Shape{1, kMaxInt8Columns + 1}), scales(DType::kF32, Shape{1, 1});
  EXPECT_THROW(PackedWeight(Int8Weight{w.view<std::int8_t>(), view(scales), {}}), Error);
}

TEST_P(ProductTest, Int8ReachesTheLargestSumsWithoutSaturation) {
  for (const std::size_t k : {std::size_t{4096}, kMaxInt8Columns}) {
    Tensor w(DType::kI8, Shape{40, k}), scales(DType::kF32, Shape{40, 1});
    std::ranges::fill(w.view<std::int8_t>().span(), std::int8_t{-128});
    std::ranges::fill(scales.view<float>().span(), 1.0f);
    Tensor x(DType::kF32, Shape{16, k});
    std::ranges::fill(x.view<float>().span(), 255.0f);
    for (std::size_t i = 0; i < 16; ++i) x.view<float>()(i, 0) = 0;
    const Tensor y = product(
        view(x), PackedWeight(Int8Weight{std::as_const(w).view<std::int8_t>(), view(scales), {}}));
    const float expected = -128.0f * 255.0f * static_cast<float>(k - 1);
    for (std::size_t i = 0; i < 16; ++i) EXPECT_FLOAT_EQ(view(y)(i, 39), expected);
  }
}

TEST_P(ProductTest, Int8KeepsRowsOfZerosAndSpreadsNanOverItsRow) {
  Tensor x = random_matrix(6, 33, 1);
  for (float& v : x.view<float>().row(1)) v = 0;
  for (float& v : x.view<float>().row(2)) v = 1e-40f;
  x.view<float>()(3, 32) = std::nanf("");
  x.view<float>()(4, 0) = -kInf;
  const Tensor w = random_matrix(17, 33, 2);
  const Tensor y = product(view(x), PackedWeight(view(w), Precision::kInt8));
  for (std::size_t j = 0; j < 17; ++j) {
    EXPECT_TRUE(std::isfinite(view(y)(0, j)));
    EXPECT_EQ(view(y)(1, j), 0);
    EXPECT_LT(std::abs(view(y)(2, j)), 1e-38f);
    EXPECT_TRUE(std::isnan(view(y)(3, j)));
    EXPECT_TRUE(std::isnan(view(y)(4, j)));
    EXPECT_TRUE(std::isfinite(view(y)(5, j)));
  }
}

TEST_P(ProductTest, EpilogueAddsBiasThenActivatesThenAddsTheResidualInPlace) {
  const Tensor w = random_matrix(45, 24, 1), bias = random_matrix(1, 45, 2);
  const Tensor x = random_matrix(19, 24, 3), residual = random_matrix(19, 45, 4);
  const PackedWeight packed(view(w), Precision::kF32);
  const Tensor sums = product(view(x), packed);
  for (const Activation activation :
       {Activation::kNone, Activation::kGelu, Activation::kGeluTanh, Activation::kRelu,
        Activation::kTanh, Activation::kSigmoid, Activation::kSilu}) {
    Tensor expected = sums.clone();
    for (std::size_t i = 0; i < 19; ++i) {
      const std::span<float> row = expected.view<float>().row(i);
      for (std::size_t j = 0; j < 45; ++j) row[j] += view(bias)(0, j);
      activate(activation, row, row);
      for (std::size_t j = 0; j < 45; ++j) row[j] += view(residual)(i, j);
    }
    Tensor y = residual.clone();
    packed_product(
        view(x), packed,
        {.bias = view(bias).data(), .activation = activation, .residual = y.view<float>()},
        y.view<float>());
    EXPECT_TRUE(same_bits(view(y).span(), view(expected).span()));
  }
}

TEST_P(ProductTest, ReadsAndWritesMisalignedViews) {
  const Tensor w = random_matrix(37, 30, 1);
  const PackedWeight packed(view(w), Precision::kF32);
  const Tensor x = random_matrix(9, 30, 2);
  const Tensor expected = product(view(x), packed);
  for (std::size_t shift = 1; shift < 17; ++shift) {
    Tensor x_memory = Tensor::zeros<float>(Shape{9 * 30 + 32});
    Tensor y_memory = Tensor::zeros<float>(Shape{9 * 37 + 32});
    float* xs = x_memory.view<float>().data() + shift;
    float* ys = y_memory.view<float>().data() + shift;
    std::memcpy(xs, view(x).data(), x.bytes().size());
    packed_product({xs, Shape{9, 30}}, packed, {}, {ys, Shape{9, 37}});
    EXPECT_TRUE(same_bits({ys, expected.size()}, view(expected).span()));
    EXPECT_EQ(ys[-1], 0);
    EXPECT_EQ(ys[expected.size()], 0);
  }
}

TEST_P(ProductTest, NanAndInfinityStayInTheirRowAndColumn) {
  Tensor w = random_matrix(20, 16, 1), x = random_matrix(8, 16, 2);
  x.view<float>()(3, 5) = std::nanf("");
  x.view<float>()(4, 0) = kInf;
  w.view<float>()(7, 2) = kInf;
  const Tensor y = product(view(x), PackedWeight(view(w), Precision::kF32));
  for (std::size_t i = 0; i < 8; ++i) {
    for (std::size_t j = 0; j < 20; ++j) {
      if (i == 3) {
        EXPECT_TRUE(std::isnan(view(y)(i, j)));
      } else {
        EXPECT_EQ(std::isfinite(view(y)(i, j)), i != 4 && j != 7) << i << ", " << j;
      }
    }
  }
}

TEST_P(ProductTest, KeepsDenormalNumbers) {
  Tensor w = Tensor::zeros<float>(Shape{5, 4}), x = Tensor::zeros<float>(Shape{3, 4});
  for (float& v : w.view<float>().span()) v = 0.5f;
  for (float& v : x.view<float>().span()) v = 4e-45f;  // three times the smallest
  const Tensor y = product(view(x), PackedWeight(view(w), Precision::kF32));
  for (const float v : view(y).span()) EXPECT_GT(v, 0);
}

TEST_P(ProductTest, NoRowsNoColumnsAndNoInputsAreFine) {
  const Tensor w = random_matrix(10, 4, 1);
  const PackedWeight packed(view(w), Precision::kF32);
  EXPECT_EQ(product({nullptr, Shape{0, 4}}, packed).size(), 0u);
  const Tensor bias = random_matrix(1, 6, 2);
  for (const Precision precision : kPrecisions) {
    const PackedWeight empty(View<const float>(nullptr, Shape{6, 0}), precision);
    const Tensor y = product({nullptr, Shape{2, 0}}, empty, {.bias = view(bias).data()});
    EXPECT_TRUE(same_bits(view(y).row(1), view(bias).span()));
  }
}

}  // namespace
}  // namespace firth
