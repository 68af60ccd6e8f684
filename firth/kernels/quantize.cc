// Every conversion has a scalar body, which is the reference and does the tails, and a vector body
// that agrees with it bit by bit (NaN: some NaN).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "firth/kernels/quantize.cc"
#include "firth/kernels/simd.h"
// Highway's headers come after.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "firth/kernels/quantize.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {
namespace {

constexpr std::uint32_t kInfinityBits = 0x7F800000;
constexpr std::uint32_t kMagnitudeBits = 0x7FFFFFFF;

#if HWY_TARGET & (HWY_SCALAR | HWY_EMU128)

// The number of elements done; the tail is left to the scalar code.
std::size_t largest_head(std::span<const float> /*x*/, std::uint32_t& /*largest*/) {
  return 0;
}

std::size_t narrow_head(std::span<const float> /*x*/, float /*scale*/, float /*limit*/,
                        std::int8_t* /*values*/) {
  return 0;
}

std::size_t widen_head(std::span<const std::int8_t> /*values*/, float /*scale*/, float* /*x*/) {
  return 0;
}

template <class From, class To>
std::size_t convert_head(std::span<const From> /*x*/, To* /*y*/) {
  return 0;
}

std::size_t bits_head(std::span<const float> /*x*/, std::uint8_t* /*bits*/) {
  return 0;
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using DI = hn::Rebind<std::int32_t, D>;
using DU = hn::Rebind<std::uint32_t, D>;
using D16 = hn::Rebind<std::uint16_t, D>;
using DF16 = hn::Rebind<hwy::float16_t, D>;
using D8 = hn::Rebind<std::int8_t, D>;

constexpr D kD;
constexpr std::size_t kLanes = hn::MaxLanes(D());

// f(j) for every whole vector; where it ended.
template <class F>
HWY_INLINE std::size_t for_vectors(std::size_t n, const F& f) {
  std::size_t j = 0;
  for (; j + kLanes <= n; j += kLanes) f(j);
  return j;
}

// Magnitudes compare as integers; those of infinities and NaN are the largest.
std::size_t largest_head(std::span<const float> x, std::uint32_t& largest) {
  auto max = hn::Zero(DI());
  const std::size_t done = for_vectors(x.size(), [&](std::size_t j) HWY_ATTR {
    max = hn::Max(max, hn::BitCast(DI(), hn::Abs(hn::LoadU(kD, x.data() + j))));
  });
  largest = static_cast<std::uint32_t>(hn::GetLane(hn::MaxOfLanes(DI(), max)));
  return done;
}

std::size_t narrow_head(std::span<const float> x, float scale, float limit, std::int8_t* values) {
  const auto by = hn::Set(kD, scale), high = hn::Set(kD, limit), low = hn::Set(kD, -limit);
  return for_vectors(x.size(), [&](std::size_t j) HWY_ATTR {
    const auto scaled = hn::Div(hn::LoadU(kD, x.data() + j), by);
    const auto rounded = hn::NearestInt(hn::Max(low, hn::Min(high, scaled)));
    hn::StoreU(hn::DemoteTo(D8(), rounded), D8(), values + j);
  });
}

std::size_t widen_head(std::span<const std::int8_t> values, float scale, float* x) {
  const auto by = hn::Set(kD, scale);
  return for_vectors(values.size(), [&](std::size_t j) HWY_ATTR {
    const auto wide = hn::PromoteTo(DI(), hn::LoadU(D8(), values.data() + j));
    hn::StoreU(hn::Mul(hn::ConvertTo(kD, wide), by), kD, x + j);
  });
}

std::size_t convert_head(std::span<const float> x, Float16* y) {
  return for_vectors(x.size(), [&](std::size_t j) HWY_ATTR {
    const auto half = hn::DemoteTo(DF16(), hn::LoadU(kD, x.data() + j));
    hn::StoreU(hn::BitCast(D16(), half), D16(), &y[j].bits);
  });
}

std::size_t convert_head(std::span<const Float16> x, float* y) {
  return for_vectors(x.size(), [&](std::size_t j) HWY_ATTR {
    const auto half = hn::BitCast(DF16(), hn::LoadU(D16(), &x[j].bits));
    hn::StoreU(hn::PromoteTo(kD, half), kD, y + j);
  });
}

// Half of the lost part is added, and one less where that is a tie and the kept part even.
std::size_t convert_head(std::span<const float> x, BFloat16* y) {
  const auto one = hn::Set(DU(), 1), below_half = hn::Set(DU(), 0x7FFF);
  const auto quiet = hn::Set(DU(), 0x40);
  return for_vectors(x.size(), [&](std::size_t j) HWY_ATTR {
    const auto value = hn::LoadU(kD, x.data() + j);
    const auto bits = hn::BitCast(DU(), value);
    const auto kept = hn::ShiftRight<16>(bits);
    const auto even = hn::Add(below_half, hn::And(kept, one));
    const auto rounded = hn::ShiftRight<16>(hn::Add(bits, even));
    const auto is_nan = hn::RebindMask(DU(), hn::IsNaN(value));
    const auto result = hn::IfThenElse(is_nan, hn::Or(kept, quiet), rounded);
    hn::StoreU(hn::DemoteTo(D16(), hn::BitCast(DI(), result)), D16(), &y[j].bits);
  });
}

std::size_t convert_head(std::span<const BFloat16> x, float* y) {
  return for_vectors(x.size(), [&](std::size_t j) HWY_ATTR {
    const auto bits = hn::PromoteTo(DU(), hn::LoadU(D16(), &x[j].bits));
    hn::StoreU(hn::BitCast(kD, hn::ShiftLeft<16>(bits)), kD, y + j);
  });
}

// A mask is stored with its first lane in the lowest bit; here it stands in the highest.
constexpr std::array<std::uint8_t, 256> kReversedBits = [] {
  std::array<std::uint8_t, 256> out{};
  for (unsigned i = 0; i < 256; ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      if ((i >> bit & 1U) != 0) out[i] = static_cast<std::uint8_t>(out[i] | 0x80U >> bit);
    }
  }
  return out;
}();

std::size_t bits_head(std::span<const float> x, std::uint8_t* bits) {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
  return for_vectors(x.size(), [&](std::size_t j) HWY_ATTR {
    std::array<std::uint8_t, 8> mask_bits{};  // Highway writes at least eight bytes
    hn::StoreMaskBits(kD, hn::Gt(hn::LoadU(kD, x.data() + j), hn::Zero(kD)), mask_bits.data());
    for (std::size_t i = 0; i < kLanes / 8; ++i) bits[j / 8 + i] = kReversedBits[mask_bits[i]];
  });
#else
  (void)x, (void)bits;
  return 0;
#endif
}

#endif

std::uint32_t largest_magnitude(std::span<const float> x) {
  std::uint32_t largest = 0;
  for (std::size_t j = largest_head(x, largest); j < x.size(); ++j) {
    largest = std::max(largest, std::bit_cast<std::uint32_t>(x[j]) & kMagnitudeBits);
  }
  return largest;
}

}  // namespace

float run_quantize_int8(std::span<const float> x, int limit, std::span<std::int8_t> values) {
  const std::uint32_t largest = largest_magnitude(x);
  const auto bound = static_cast<float>(limit);
  const float scale = largest < kInfinityBits ? std::bit_cast<float>(largest) / bound
                                              : std::numeric_limits<float>::quiet_NaN();
  if (!(scale > 0.0F)) {
    std::ranges::fill(values, std::int8_t{0});
    return scale;
  }
  for (std::size_t j = narrow_head(x, scale, bound, values.data()); j < x.size(); ++j) {
    // A scale among the denormals is coarse: hence the clamp.
    values[j] = static_cast<std::int8_t>(std::nearbyint(std::clamp(x[j] / scale, -bound, bound)));
  }
  return scale;
}

void run_dequantize_int8(std::span<const std::int8_t> values, float scale, float* x) {
  for (std::size_t j = widen_head(values, scale, x); j < values.size(); ++j) {
    x[j] = static_cast<float>(values[j]) * scale;
  }
}

void run_to_float16(std::span<const float> x, Float16* y) {
  for (std::size_t j = convert_head(x, y); j < x.size(); ++j) y[j] = firth::to_float16(x[j]);
}

void run_from_float16(std::span<const Float16> x, float* y) {
  for (std::size_t j = convert_head(x, y); j < x.size(); ++j) y[j] = firth::to_float(x[j]);
}

void run_to_bfloat16(std::span<const float> x, BFloat16* y) {
  for (std::size_t j = convert_head(x, y); j < x.size(); ++j) y[j] = firth::to_bfloat16(x[j]);
}

void run_from_bfloat16(std::span<const BFloat16> x, float* y) {
  for (std::size_t j = convert_head(x, y); j < x.size(); ++j) y[j] = firth::to_float(x[j]);
}

void run_quantize_binary(std::span<const float> x, std::span<std::uint8_t> bits) {
  std::size_t j = bits_head(x, bits.data());
  std::fill(bits.begin() + static_cast<std::ptrdiff_t>(j / 8), bits.end(), std::uint8_t{0});
  for (; j < x.size(); ++j) {
    if (x[j] > 0.0F) bits[j / 8] = static_cast<std::uint8_t>(bits[j / 8] | (0x80U >> (j % 8)));
  }
}

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace firth {

float quantize_int8(std::span<const float> x, int limit, std::span<std::int8_t> values) {
  return FIRTH_DISPATCH(run_quantize_int8)(x, limit, values);
}

void quantize_int8_rows(View<const float> x, View<std::int8_t> values, std::span<float> scales) {
  for (std::size_t i = 0; i < x.rows(); ++i) {
    scales[i] = quantize_int8(x.row(i), 127, values.row(i));
  }
}

void dequantize_int8_rows(View<const std::int8_t> values, std::span<const float> scales,
                          View<float> x) {
  for (std::size_t i = 0; i < x.rows(); ++i) {
    FIRTH_DISPATCH(run_dequantize_int8)(values.row(i), scales[i], x.row(i).data());
  }
}

void to_float16(std::span<const float> x, std::span<Float16> y) {
  FIRTH_DISPATCH(run_to_float16)(x, y.data());
}

void to_float(std::span<const Float16> x, std::span<float> y) {
  FIRTH_DISPATCH(run_from_float16)(x, y.data());
}

void to_bfloat16(std::span<const float> x, std::span<BFloat16> y) {
  FIRTH_DISPATCH(run_to_bfloat16)(x, y.data());
}

void to_float(std::span<const BFloat16> x, std::span<float> y) {
  FIRTH_DISPATCH(run_from_bfloat16)(x, y.data());
}

void quantize_binary_rows(View<const float> x, View<std::uint8_t> bits) {
  for (std::size_t i = 0; i < x.rows(); ++i) {
    FIRTH_DISPATCH(run_quantize_binary)(x.row(i), bits.row(i));
  }
}

void dequantize_binary_rows(View<const std::uint8_t> bits, View<float> x) {
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (std::size_t j = 0; j < x.cols(); ++j) {
      x(i, j) = (bits(i, j / 8) & (0x80U >> (j % 8))) != 0 ? 1.0F : -1.0F;
    }
  }
}

}  // namespace firth
#endif
