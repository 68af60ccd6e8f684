// Sums run in four vectors along the elements, folded at the end.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "firth/kernels/vector.cc"
#include "firth/kernels/simd.h"
// Highway's headers come after.
#include <algorithm>
#include <cmath>

#include "firth/kernels/vector.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {

#if HWY_TARGET & (HWY_SCALAR | HWY_EMU128)

float run_dot(const float* a, const float* b, std::size_t n) {
  float sum = 0.0F;
  for (std::size_t j = 0; j < n; ++j) sum += a[j] * b[j];
  return sum;
}

void run_axpy(float alpha, const float* x, float* y, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) y[j] += alpha * x[j];
}

void run_maximum(const float* x, float* y, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) y[j] = x[j] > y[j] || std::isnan(x[j]) ? x[j] : y[j];
}

void run_multiply(const float* x, float* y, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) y[j] *= x[j];
}

void run_subtract(const float* x, float* y, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) y[j] -= x[j];
}

void run_divide(float by, float* y, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) y[j] /= by;
}

#else

namespace {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

constexpr D kD;
constexpr std::size_t kLanes = hn::MaxLanes(D());

// y = f(x, y), element by element.
template <class F>
HWY_INLINE void transform(const float* x, float* y, std::size_t n, const F& f) {
  std::size_t j = 0;
  for (; j + kLanes <= n; j += kLanes) {
    hn::StoreU(f(hn::LoadU(kD, x + j), hn::LoadU(kD, y + j)), kD, y + j);
  }
  if (j < n) {
    const auto mask = hn::FirstN(kD, n - j);
    const V last = f(hn::MaskedLoad(mask, kD, x + j), hn::MaskedLoad(mask, kD, y + j));
    hn::BlendedStore(last, mask, kD, y + j);
  }
}

}  // namespace

float run_dot(const float* a, const float* b, std::size_t n) {
  V sum0 = hn::Zero(kD), sum1 = sum0, sum2 = sum0, sum3 = sum0;
  std::size_t j = 0;
  const auto load = [&](const float* from, std::size_t i)
                        HWY_ATTR { return hn::LoadU(kD, from + j + i * kLanes); };
  for (; j + 4 * kLanes <= n; j += 4 * kLanes) {
    sum0 = hn::MulAdd(load(a, 0), load(b, 0), sum0);
    sum1 = hn::MulAdd(load(a, 1), load(b, 1), sum1);
    sum2 = hn::MulAdd(load(a, 2), load(b, 2), sum2);
    sum3 = hn::MulAdd(load(a, 3), load(b, 3), sum3);
  }
  for (; j + kLanes <= n; j += kLanes) sum0 = hn::MulAdd(load(a, 0), load(b, 0), sum0);
  if (j < n) {
    const auto mask = hn::FirstN(kD, n - j);
    sum1 = hn::MulAdd(hn::MaskedLoad(mask, kD, a + j), hn::MaskedLoad(mask, kD, b + j), sum1);
  }
  return hn::GetLane(hn::SumOfLanes(kD, hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3))));
}

void run_axpy(float alpha, const float* x, float* y, std::size_t n) {
  const V factor = hn::Set(kD, alpha);
  transform(x, y, n, [&](V from, V to) HWY_ATTR { return hn::MulAdd(factor, from, to); });
}

void run_maximum(const float* x, float* y, std::size_t n) {
  transform(x, y, n, [](V from, V to) HWY_ATTR {
    return hn::IfThenElse(hn::Or(hn::Gt(from, to), hn::IsNaN(from)), from, to);
  });
}

void run_multiply(const float* x, float* y, std::size_t n) {
  transform(x, y, n, [](V from, V to) HWY_ATTR { return hn::Mul(to, from); });
}

void run_subtract(const float* x, float* y, std::size_t n) {
  transform(x, y, n, [](V from, V to) HWY_ATTR { return hn::Sub(to, from); });
}

void run_divide(float by, float* y, std::size_t n) {
  const V divisor = hn::Set(kD, by);
  transform(y, y, n, [&](V, V to) HWY_ATTR { return hn::Div(to, divisor); });
}

#endif

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace firth {
namespace {

// The norm of a vector whose squares leave the range of f32: in double precision they do not.
float wide_norm(std::span<const float> a) {
  double sum = 0.0;
  for (const float x : a) sum += double{x} * double{x};
  return static_cast<float>(std::sqrt(sum));
}

}  // namespace

float dot(std::span<const float> a, std::span<const float> b) {
  return FIRTH_DISPATCH(run_dot)(a.data(), b.data(), a.size());
}

float squared_norm(std::span<const float> a) {
  return dot(a, a);
}

float norm(std::span<const float> a) {
  const float squared = squared_norm(a);
  return squared > 1e-30F && squared < 1e38F ? std::sqrt(squared) : wide_norm(a);
}

float cosine(std::span<const float> a, std::span<const float> b) {
  const float norm_a = norm(a), norm_b = norm(b);
  if (norm_a == 0.0F || norm_b == 0.0F) return 0.0F;
  const float norms = norm_a * norm_b;
  if (norms > 1e-30F && norms < 1e38F) return dot(a, b) / norms;
  double sum = 0.0;
  for (std::size_t j = 0; j < a.size(); ++j) sum += double{a[j]} * double{b[j]};
  return static_cast<float>(sum / (double{norm_a} * double{norm_b}));
}

void axpy(float alpha, std::span<const float> x, std::span<float> y) {
  FIRTH_DISPATCH(run_axpy)(alpha, x.data(), y.data(), x.size());
}

void maximum(std::span<const float> x, std::span<float> y) {
  FIRTH_DISPATCH(run_maximum)(x.data(), y.data(), x.size());
}

void multiply(std::span<const float> x, std::span<float> y) {
  FIRTH_DISPATCH(run_multiply)(x.data(), y.data(), x.size());
}

void subtract(std::span<const float> x, std::span<float> y) {
  FIRTH_DISPATCH(run_subtract)(x.data(), y.data(), x.size());
}

void divide(float divisor, std::span<float> y) {
  FIRTH_DISPATCH(run_divide)(divisor, y.data(), y.size());
}

void normalize_rows(View<float> rows, float eps) {
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    divide(std::max(norm(rows.row(i)), eps), rows.row(i));
  }
}

}  // namespace firth
#endif
