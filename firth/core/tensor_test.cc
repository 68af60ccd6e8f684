#include "firth/core/tensor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "firth/core/error.h"
#include "firth/core/workspace.h"

namespace firth {
namespace {

TEST(Shape, RefusesWhatOverflows) {
  EXPECT_THROW(Shape({SIZE_MAX / 2, 3}), Error);
  EXPECT_THROW(Shape({SIZE_MAX / 4}), Error);
  EXPECT_THROW(Shape({1, 1, 1, 1, 1, 1, 1}), Error);
  EXPECT_EQ(Shape({3, 4}).to_string(), "(3, 4)");
  EXPECT_EQ(Shape({0, 4}).size(), 0u);
}

TEST(Tensor, IsZeroedAlignedAndTyped) {
  Tensor t = Tensor::zeros<float>({3, 5});
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(t.bytes().data()) % 64, 0u);
  for (const float x : t.view<float>().span()) EXPECT_EQ(x, 0.0f);
  EXPECT_THROW((void)t.view<std::int32_t>(), Error);
  t.view<float>()(2, 4) = 7.0f;
  EXPECT_EQ(t.clone().view<float>().row(2)[4], 7.0f);
}

TEST(Float16, EveryBitPatternSurvivesTheRoundTrip) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const Float16 half{static_cast<std::uint16_t>(bits)};
    const float wide = to_float(half);
    if (std::isnan(wide)) {
      EXPECT_TRUE(std::isnan(to_float(to_float16(wide))));
    } else {
      EXPECT_EQ(to_float16(wide).bits, half.bits);
    }
  }
}

TEST(Float16, RoundsToNearestEven) {
  EXPECT_EQ(to_float(to_float16(2049.0f)), 2048.0f);
  EXPECT_EQ(to_float(to_float16(2051.0f)), 2052.0f);
  EXPECT_EQ(to_float(to_float16(65519.9f)), 65504.0f);
  EXPECT_TRUE(std::isinf(to_float(to_float16(65520.0f))));
  EXPECT_EQ(to_float(to_float16(0x1p-25f)), 0.0f);
  EXPECT_EQ(to_float(to_float16(0x1.8p-24f)), 0x1p-23f);
}

TEST(BFloat16, RoundsToNearestEvenAndKeepsNaN) {
  EXPECT_EQ(to_float(to_bfloat16(1.0f + 0x1p-8f)), 1.0f);
  EXPECT_EQ(to_float(to_bfloat16(1.0f + 0x3p-8f)), 1.0f + 0x1p-6f);
  EXPECT_TRUE(std::isnan(to_float(to_bfloat16(std::numeric_limits<float>::quiet_NaN()))));
}

TEST(AnyView, WidensUnalignedBytes) {
  alignas(2) std::array<std::byte, 9> bytes{};
  const std::array<std::uint16_t, 4> ones{0x3C00, 0xBC00, 0x4000, 0};
  std::memcpy(bytes.data() + 1, ones.data(), 8);
  const AnyView view(DType::kF16, Shape{2, 2}, bytes.data() + 1);
  EXPECT_FALSE(view.holds<Float16>());
  const Tensor wide = Tensor::from(view);
  EXPECT_EQ(wide.view<float>()(0, 1), -1.0f);
  EXPECT_EQ(wide.view<float>()(1, 0), 2.0f);
}

TEST(Arena, ReusesWhatAScopeGivesBack) {
  Arena arena;
  float* first = nullptr;
  for (int round = 0; round < 3; ++round) {
    const Arena::Scope scope(arena);
    const View<float> a = arena.allocate<float>({10, 10});
    const View<float> b = arena.allocate<float>({std::size_t{1} << 20});
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a.data()) % 64, 0u);
    EXPECT_NE(a.data(), b.data());
    if (round == 0) first = a.data();
    EXPECT_EQ(a.data(), first);
  }
  EXPECT_LE(arena.capacity(), std::size_t{6} << 20);
}

}  // namespace
}  // namespace firth
