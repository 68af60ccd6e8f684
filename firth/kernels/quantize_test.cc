#include "firth/kernels/quantize.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "firth/core/random.h"
#include "firth/kernels/cpu_levels_for_test.h"

namespace firth {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

std::vector<float> random_floats(std::size_t n, std::uint64_t seed) {
  std::vector<float> out(n);
  Random random(seed);
  for (float& x : out) x = random.normal();
  return out;
}

// Every exponent, both signs, ties and what lies beside them.
std::vector<float> hard_floats() {
  std::vector<float> out = {0.0F, -0.0F, kInf, -kInf, kNaN, -kNaN, 65504.0F, 65519.9F, 65520.0F};
  for (std::uint32_t exponent = 0; exponent < 255; ++exponent) {
    for (const std::uint32_t mantissa :
         {0U, 1U, 0x1000U, 0x0FFFU, 0x1001U, 0x3000U, 0x7FFFU, 0x8000U, 0x8001U, 0x18000U,
          0x7FFFFFU, 0x7FF000U, 0x7F8000U}) {
      out.push_back(std::bit_cast<float>(exponent << 23 | mantissa));
      out.push_back(-out.back());
    }
  }
  return out;
}

class QuantizeTest : public CpuLevelTest {};

TEST_P(QuantizeTest, Int8IsTheNearestAtEveryLengthAndLimit) {
  for (std::size_t n = 0; n <= 70; ++n) {
    for (const int limit : {127, 63}) {
      const std::vector<float> x = random_floats(n, n);
      std::vector<std::int8_t> values(n);
      const float scale = quantize_int8(x, limit, values);
      float largest = 0.0F;
      for (const float value : x) largest = std::max(largest, std::abs(value));
      ASSERT_EQ(scale, largest / static_cast<float>(limit));
      for (std::size_t j = 0; j < n; ++j) ASSERT_EQ(values[j], std::nearbyint(x[j] / scale));
    }
  }
}

TEST_P(QuantizeTest, Int8RowsComeBackWithinHalfAStep) {
  const std::vector<float> x = random_floats(std::size_t{3} * 45, 1);
  const View<const float> rows{x.data(), Shape{3, 45}};
  std::vector<std::int8_t> values(x.size());
  std::vector<float> scales(3), back(x.size());
  quantize_int8_rows(rows, {values.data(), rows.shape()}, scales);
  dequantize_int8_rows({values.data(), rows.shape()}, scales, {back.data(), rows.shape()});
  for (std::size_t j = 0; j < x.size(); ++j) {
    EXPECT_LE(std::abs(back[j] - x[j]), 0.5001F * scales[j / 45]);
  }
}

TEST_P(QuantizeTest, Int8OfZerosDenormalsAndWhatIsNotFinite) {
  std::vector<std::int8_t> values(40, std::int8_t{5});
  EXPECT_EQ(quantize_int8(std::vector<float>(40, 0.0F), 127, values), 0.0F);
  EXPECT_EQ(values[39], 0);
  quantize_int8(std::vector<float>(40, -1e-43F), 127, values);
  EXPECT_GE(values[0], -127);
  for (const float bad : {kNaN, -kNaN, kInf, -kInf}) {
    for (const std::size_t place : {0, 17, 39}) {
      std::vector<float> x = random_floats(40, 1);
      x[place] = bad;
      EXPECT_TRUE(std::isnan(quantize_int8(x, 127, values)));
      EXPECT_EQ(values, std::vector<std::int8_t>(40, 0));
    }
  }
}

TEST_P(QuantizeTest, HalfFloatsHaveTheBitsOfTheScalarConversion) {
  const std::vector<float> x = hard_floats();
  std::vector<Float16> half(x.size());
  std::vector<BFloat16> brain(x.size());
  to_float16(x, half);
  to_bfloat16(x, brain);
  for (std::size_t j = 0; j < x.size(); ++j) {
    if (std::isnan(x[j])) {
      EXPECT_TRUE(std::isnan(to_float(half[j])) && std::isnan(to_float(brain[j])));
      continue;
    }
    ASSERT_EQ(half[j].bits, to_float16(x[j]).bits) << x[j];
    ASSERT_EQ(brain[j].bits, to_bfloat16(x[j]).bits) << x[j];
  }
}

TEST_P(QuantizeTest, EveryHalfFloatWidensExactly) {
  std::vector<Float16> half(65536);
  std::vector<BFloat16> brain(65536);
  std::vector<float> from_half(65536), from_brain(65536);
  for (std::uint32_t i = 0; i < 65536; ++i) half[i].bits = brain[i].bits = std::uint16_t(i);
  to_float(half, from_half);
  to_float(brain, from_brain);
  for (std::size_t i = 0; i < 65536; ++i) {
    if (std::isnan(to_float(half[i]))) {
      EXPECT_TRUE(std::isnan(from_half[i]));
    } else {
      ASSERT_EQ(from_half[i], to_float(half[i]));
    }
    ASSERT_EQ(std::bit_cast<std::uint32_t>(from_brain[i]), std::uint32_t(i) << 16);
  }
}

TEST_P(QuantizeTest, ConversionsTouchTheirLengthOnly) {
  for (std::size_t n = 0; n <= 40; ++n) {
    const std::vector<float> x = random_floats(n, n);
    std::vector<Float16> half(n + 1);
    std::vector<BFloat16> brain(n + 1);
    std::vector<float> back(n + 1, 9.0F);
    to_float16(x, std::span(half).first(n));
    to_bfloat16(x, std::span(brain).first(n));
    EXPECT_EQ(half[n].bits, 0);
    EXPECT_EQ(brain[n].bits, 0);
    to_float(std::span<const Float16>(half).first(n), std::span(back).first(n));
    for (std::size_t j = 0; j < n; ++j) EXPECT_NEAR(back[j], x[j], std::abs(x[j]) * 5e-4F);
    EXPECT_EQ(back[n], 9.0F);
  }
}

TEST_P(QuantizeTest, BitsStandAsNumpyPackbitsPutsThem) {
  const std::vector<float> x = {1, -1, 0, 2, kNaN, kInf, -kInf, 1e-42F, 3, -2};
  std::vector<std::uint8_t> bits(2);
  quantize_binary_rows({x.data(), Shape{1, 10}}, {bits.data(), Shape{1, 2}});
  EXPECT_EQ(bits, (std::vector<std::uint8_t>{0b10010101, 0b10000000}));
}

TEST_P(QuantizeTest, BitsAreSignsAtEveryLength) {
  for (std::size_t n = 1; n <= 100; ++n) {
    const std::vector<float> x = random_floats(2 * n, n);
    std::vector<std::uint8_t> bits(2 * binary_bytes(n), 0xFF);
    std::vector<float> back(2 * n);
    quantize_binary_rows({x.data(), Shape{2, n}}, {bits.data(), Shape{2, binary_bytes(n)}});
    dequantize_binary_rows({bits.data(), Shape{2, binary_bytes(n)}}, {back.data(), Shape{2, n}});
    for (std::size_t j = 0; j < 2 * n; ++j) ASSERT_EQ(back[j] > 0, x[j] > 0);
    if (n % 8 != 0) {
      ASSERT_EQ(bits.back() & (0xFF >> n % 8), 0);
    }
  }
}

FIRTH_INSTANTIATE_CPU_LEVELS(QuantizeTest);

}  // namespace
}  // namespace firth
