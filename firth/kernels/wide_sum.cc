// The sixteen partial sums lie in 2 (AVX-512), 4 (AVX2) or 8 (NEON) vectors of doubles, or in an
// array.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "firth/kernels/wide_sum.cc"
#include "firth/kernels/simd.h"
// Highway's headers come after.
#include <array>
#include <cmath>

#include "firth/kernels/wide_sum.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#ifndef FIRTH_KERNELS_WIDE_SUM_ONCE
#define FIRTH_KERNELS_WIDE_SUM_ONCE

namespace firth::internal {

inline constexpr std::size_t kPartialSums = 16;

inline double fold(std::array<double, kPartialSums> sums) {
  for (std::size_t half = kPartialSums / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) sums[i] += sums[i + half];
  }
  return sums[0];
}

}  // namespace firth::internal
#endif

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {
namespace {

using internal::kPartialSums;

#if HWY_TARGET & (HWY_SCALAR | HWY_EMU128)

// Arithmetic on single doubles under the names of the vector ones.
struct Lanes {
  using V = double;

  static double multiply_add(double x, double y, double sum) { return x * y + sum; }

  static double subtract(double x, double y) { return x - y; }

  static double multiply(double x, double y) { return x * y; }

  static double add(double x, double y) { return x + y; }

  static double absolute(double x) { return std::abs(x); }
};

// f(x, y, sum) for every pair of elements, each into its partial sum.
template <class F>
double sum_over(const float* a, const float* b, std::size_t n, const F& f) {
  std::array<double, kPartialSums> sums{};
  for (std::size_t i = 0; i < n; ++i) {
    double& sum = sums[i % kPartialSums];
    sum = f(double{a[i]}, double{b[i]}, sum);
  }
  return internal::fold(sums);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using D64 = hn::ScalableTag<double>;
using D32 = hn::Rebind<float, D64>;

constexpr D64 kD64;
constexpr D32 kD32;
constexpr std::size_t kLanes = hn::MaxLanes(D64());
constexpr std::size_t kVectors = kPartialSums / kLanes;

struct Lanes {
  using V = hn::Vec<D64>;

  static HWY_INLINE V multiply_add(V x, V y, V sum) { return hn::MulAdd(x, y, sum); }

  static HWY_INLINE V subtract(V x, V y) { return hn::Sub(x, y); }

  static HWY_INLINE V multiply(V x, V y) { return hn::Mul(x, y); }

  static HWY_INLINE V add(V x, V y) { return hn::Add(x, y); }

  static HWY_INLINE V absolute(V x) { return hn::Abs(x); }
};

template <class F>
HWY_INLINE double sum_over(const float* a, const float* b, std::size_t n, const F& f) {
  Lanes::V sums[kVectors];
#pragma GCC unroll 8
  for (std::size_t k = 0; k < kVectors; ++k) sums[k] = hn::Zero(kD64);
  std::size_t i = 0;
  const auto wide = [](const float* from)
                        HWY_ATTR { return hn::PromoteTo(kD64, hn::LoadU(kD32, from)); };
  for (; i + kPartialSums <= n; i += kPartialSums) {
#pragma GCC unroll 8
    for (std::size_t k = 0; k < kVectors; ++k) {
      sums[k] = f(wide(a + i + k * kLanes), wide(b + i + k * kLanes), sums[k]);
    }
  }
  // Zeros after the end change no sum.
  std::array<float, kPartialSums> last_a{}, last_b{};
  if (i < n) {
    for (std::size_t j = 0; i + j < n; ++j) {
      last_a[j] = a[i + j];
      last_b[j] = b[i + j];
    }
#pragma GCC unroll 8
    for (std::size_t k = 0; k < kVectors; ++k) {
      sums[k] = f(wide(last_a.data() + k * kLanes), wide(last_b.data() + k * kLanes), sums[k]);
    }
  }
  std::array<double, kPartialSums> partial;
#pragma GCC unroll 8
  for (std::size_t k = 0; k < kVectors; ++k) {
    hn::StoreU(sums[k], kD64, partial.data() + k * kLanes);
  }
  return internal::fold(partial);
}

#endif

}  // namespace

DotAndSquare run_dot_and_square(const float* a, const float* b, std::size_t n) {
  using V = Lanes::V;
  return {
      sum_over(a, b, n, [](V x, V y, V sum) HWY_ATTR { return Lanes::multiply_add(x, y, sum); }),
      sum_over(a, b, n, [](V, V y, V sum) HWY_ATTR { return Lanes::multiply_add(y, y, sum); })};
}

// The square of a difference is not exact, so it is rounded before it is added: at every level.
double run_squared_distance(const float* a, const float* b, std::size_t n) {
  using V = Lanes::V;
  return sum_over(a, b, n, [](V x, V y, V sum) HWY_ATTR {
    const V difference = Lanes::subtract(x, y);
    return Lanes::add(sum, Lanes::multiply(difference, difference));
  });
}

double run_manhattan_distance(const float* a, const float* b, std::size_t n) {
  using V = Lanes::V;
  return sum_over(a, b, n, [](V x, V y, V sum) HWY_ATTR {
    return Lanes::add(sum, Lanes::absolute(Lanes::subtract(x, y)));
  });
}

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace firth {

DotAndSquare wide_dot_and_square(std::span<const float> a, std::span<const float> b) {
  return FIRTH_DISPATCH(run_dot_and_square)(a.data(), b.data(), a.size());
}

double wide_squared_distance(std::span<const float> a, std::span<const float> b) {
  return FIRTH_DISPATCH(run_squared_distance)(a.data(), b.data(), a.size());
}

double wide_manhattan_distance(std::span<const float> a, std::span<const float> b) {
  return FIRTH_DISPATCH(run_manhattan_distance)(a.data(), b.data(), a.size());
}

}  // namespace firth
#endif
