// The AMX products on a model of the tile registers in plain C++: so that packing, padding, tiling
// and strides are proved on machines without AMX as well. What only the hardware can show (its
// configuration, its instructions) is tested by product_test.cc at level amx.
#include "firth/kernels/amx_tile.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "firth/core/random.h"
#include "firth/kernels/product.h"
#include "firth/kernels/product_layout.h"

namespace firth {
namespace {

// Intel's manual, volume 2: TILELOADD, TDPBUSD, TDPBF16PS, TILESTORED.
struct ModelTiles {
  static constexpr int kRows = 16, kBytes = 64;
  static inline std::byte tile[8][kRows][kBytes];
  static inline bool configured = false;

  static void enter() { configured = true; }

  static void leave() { configured = false; }

  template <int kTile>
  static void zero() {
    EXPECT_TRUE(configured);
    std::memset(tile[kTile], 0, sizeof tile[kTile]);
  }

  template <int kTile>
  static void load(const std::byte* from, std::size_t stride) {
    for (std::size_t r = 0; r < kRows; ++r) std::memcpy(tile[kTile][r], from + r * stride, kBytes);
  }

  template <int kTile>
  static void store(std::int32_t* to, std::size_t stride) {
    std::byte* out = reinterpret_cast<std::byte*>(to);
    for (std::size_t r = 0; r < kRows; ++r) std::memcpy(out + r * stride, tile[kTile][r], kBytes);
  }

  template <class T>
  static T& at(int t, int row, int i) {
    return reinterpret_cast<T*>(tile[t][row])[i];
  }

  template <AmxProduct kProduct, int kSums, int kX, int kW>
  static void multiply() {
    for (int m = 0; m < 16; ++m) {
      for (int n = 0; n < 16; ++n) {
        for (int k = 0; k < 16; ++k) {
          if constexpr (kProduct == AmxProduct::kInt8) {
            for (int i = 0; i < 4; ++i) {
              at<std::int32_t>(kSums, m, n) +=
                  at<std::uint8_t>(kX, m, 4 * k + i) * at<std::int8_t>(kW, k, 4 * n + i);
            }
          } else {
            for (int i = 0; i < 2; ++i) {
              at<float>(kSums, m, n) += to_float(at<BFloat16>(kX, m, 2 * k + i)) *
                                        to_float(at<BFloat16>(kW, k, 2 * n + i));
            }
          }
        }
      }
    }
  }
};

constexpr NarrowKernels kModelInt8 = amx_kernels_of<ModelTiles, AmxProduct::kInt8>();
constexpr NarrowKernels kModelBF16 = amx_kernels_of<ModelTiles, AmxProduct::kBF16>();

Tensor random_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  Tensor out = Tensor::zeros<float>(Shape{rows, cols});
  Random random(seed);
  for (float& v : out.view<float>().span()) v = random.normal();
  return out;
}

View<const float> view(const Tensor& t) {
  return t.view<float>();
}

PackedWeight::Layout empty_layout(View<const float> w) {
  PackedWeight::Layout layout;
  layout.n = w.rows();
  layout.k = w.cols();
  return layout;
}

PackedWeight::Layout pack_model_int8(View<const float> w) {
  PackedWeight::Layout layout = empty_layout(w);
  pack_narrow_int8(quantize_weight(w).view(), kModelInt8, layout);
  return layout;
}

PackedWeight::Layout pack_model_bf16(View<const float> w) {
  PackedWeight::Layout layout = empty_layout(w);
  pack_narrow_bf16(w, kModelBF16, layout);
  return layout;
}

Tensor multiply(View<const float> x, const PackedWeight::Layout& weight) {
  Tensor y(DType::kF32, Shape{x.rows(), weight.n});
  const Epilogue epilogue;
  weight.multiply({.x = x.data(),
                   .rows = x.rows(),
                   .weight = &weight,
                   .epilogue = &epilogue,
                   .y = y.view<float>().data(),
                   .panels = {0, weight.num_panels}});
  EXPECT_FALSE(ModelTiles::configured);
  return y;
}

const std::size_t kOutputs[] = {1, 31, 32, 33, 70}, kDepths[] = {1, 31, 64, 65, 200},
                  kRowCounts[] = {1, 2, 15, 16, 17, 32, 33, 97, 130};

TEST(AmxTile, Int8HasTheBitsOfTheOtherLevels) {
  for (const std::size_t n : kOutputs) {
    for (const std::size_t k : kDepths) {
      const Tensor w = random_matrix(n, k, n + k);
      const PackedWeight::Layout model = pack_model_int8(view(w));
      const PackedWeight other(view(w), Precision::kInt8);
      for (const std::size_t rows : kRowCounts) {
        const Tensor x = random_matrix(rows, k, rows);
        const Tensor y = multiply(view(x), model);
        Tensor expected(DType::kF32, Shape{rows, n});
        packed_product(view(x), other, {}, expected.view<float>());
        ASSERT_EQ(0, std::memcmp(y.any().bytes().data(), expected.any().bytes().data(),
                                 y.any().bytes().size()))
            << n << " " << k << " " << rows;
      }
    }
  }
}

TEST(AmxTile, BF16IsTheProductOfRoundedValues) {
  for (const std::size_t n : kOutputs) {
    for (const std::size_t k : kDepths) {
      const Tensor w = random_matrix(n, k, n + k);
      const PackedWeight::Layout model = pack_model_bf16(view(w));
      for (const std::size_t rows : kRowCounts) {
        const Tensor x = random_matrix(rows, k, rows);
        const Tensor y = multiply(view(x), model);
        for (std::size_t i = 0; i < rows; ++i) {
          for (std::size_t j = 0; j < n; ++j) {
            double sum = 0, magnitude = 0;
            for (std::size_t p = 0; p < k; ++p) {
              const double term = double{to_float(to_bfloat16(view(x)(i, p)))} *
                                  double{to_float(to_bfloat16(view(w)(j, p)))};
              sum += term;
              magnitude += std::abs(term);
            }
            ASSERT_NEAR(view(y)(i, j), sum, 6e-8 * static_cast<double>(k + 1) * magnitude);
          }
        }
      }
    }
  }
}

TEST(AmxTile, NanStaysInItsRow) {
  Tensor x = random_matrix(20, 40, 1);
  x.view<float>()(3, 39) = std::nanf("");
  const Tensor w = random_matrix(33, 40, 2);
  for (const auto& layout : {pack_model_int8(view(w)), pack_model_bf16(view(w))}) {
    const Tensor y = multiply(view(x), layout);
    for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(std::isnan(view(y)(i, 32)), i == 3);
  }
}

}  // namespace
}  // namespace firth
