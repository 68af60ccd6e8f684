// Products at every level of the machine against a double-precision reference, and the promise that
// a row's bits depend on nothing but the row.
#include "firth/kernels/product.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

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

// A row of x as product_narrow.cc defines it. Returns the scale.
float quantized(std::span<const float> row, std::vector<int>& out) {
  float largest = 0;
  for (const float v : row) largest = std::max(largest, std::abs(v));
  out.clear();
  for (const float v : row) {
    out.push_back(static_cast<int>(std::nearbyint(v * (127.0f / largest))));
  }
  return largest / 127.0f;
}

// Integer sums are exact, so here even the bits of different levels are the same.
TEST_P(ProductTest, Int8EqualsItsDefinitionToTheBit) {
  for (const std::size_t n : {1, 16, 31, 33, 100}) {
    for (const std::size_t k : {1, 2, 3, 5, 63, 64, 129, 1024}) {
      const Tensor w = random_matrix(n, k, n * 1000 + k);
      Tensor qw(DType::kI8, Shape{n, k}), scales(DType::kF32, Shape{n});
      quantize_weight(view(w), qw.view<std::int8_t>(), scales.view<float>().span());
      const PackedWeight packed(view(w), Precision::kInt8);
      for (const std::size_t rows : {1, 2, 3, 15, 29, 113}) {
        const Tensor x = random_matrix(rows, k, rows);
        const Tensor y = product(view(x), packed);
        std::vector<int> qx;
        for (std::size_t i = 0; i < rows; ++i) {
          const float scale = quantized(view(x).row(i), qx);
          for (std::size_t j = 0; j < n; ++j) {
            int sum = 0;
            for (std::size_t p = 0; p < k; ++p) {
              sum += qx[p] * std::as_const(qw).view<std::int8_t>()(j, p);
            }
            ASSERT_EQ(view(y)(i, j), static_cast<float>(sum) * scale * view(scales).data()[j]);
          }
        }
      }
    }
  }
}

TEST_P(ProductTest, Int8ReachesTheLargestSumsWithoutSaturation) {
  constexpr std::size_t kLong = 4096;
  Tensor w = Tensor::zeros<float>(Shape{40, kLong}), x = Tensor::zeros<float>(Shape{16, kLong});
  for (float& v : w.view<float>().span()) v = -1;
  for (std::size_t i = 0; i < 16; ++i) {
    for (float& v : x.view<float>().row(i)) v = i % 2 == 0 ? 2.0f : -2.0f;
  }
  const Tensor y = product(view(x), PackedWeight(view(w), Precision::kInt8));
  for (std::size_t i = 0; i < 16; ++i) {
    EXPECT_NEAR(view(y)(i, 39), i % 2 == 0 ? -8192.0f : 8192.0f, 0.01f);
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
    EXPECT_EQ(view(y)(2, j), 0);
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
