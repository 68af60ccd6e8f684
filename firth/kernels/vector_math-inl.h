// exp, tanh, sigmoid and the GELU family on Highway vectors of f32, for every kernel that needs
// them. Include it after hwy/highway.h; it is compiled anew for each target, so there is no
// #pragma once but Highway's toggle.
//
//   exp(x)  = 2^n 2^f,  n = round(x log2 e)           relative error < 2e-7
//   gelu(x) = x Phi(x) = max(x, 0) - t 2^P(t),  t = |x|   absolute error < 2e-7 (|x| < 4), then 1
//   ulp
//
// P(t) = log2(Phi(-t)) is nearly a parabola, so a polynomial of degree 7 follows it, and the error
// of 2^P shrinks with the tail itself; the usual x (1 + erf(x / sqrt 2)) / 2 loses its last bits
// where erf is near 1, and costs a division. All polynomials were fitted by Lawson's weighted least
// squares, the weight being the error that counts (relative for 2^f, absolute for gelu).
//
// NaN gives NaN. Every lane is computed alone: no function looks at its neighbours.
#if defined(FIRTH_KERNELS_VECTOR_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FIRTH_KERNELS_VECTOR_MATH_INL_H_
#undef FIRTH_KERNELS_VECTOR_MATH_INL_H_
#else
#define FIRTH_KERNELS_VECTOR_MATH_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// 2^y for y in [-126, 128): the integer part goes into the exponent by integer addition. Adding
// 1.5 * 2^23 leaves round(y) in the low bits of the sum.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp2_in_range(D d, V y) {
  const hn::RebindToSigned<D> di;
  const V magic = hn::Set(d, 12582912.0f);
  const V shifted = hn::Add(y, magic);
  const V f = hn::Sub(y, hn::Sub(shifted, magic));
  V p = hn::Set(d, 1.53533619e-4f);
  p = hn::MulAdd(p, f, hn::Set(d, 1.33988739e-3f));
  p = hn::MulAdd(p, f, hn::Set(d, 9.61843692e-3f));
  p = hn::MulAdd(p, f, hn::Set(d, 5.55033237e-2f));
  p = hn::MulAdd(p, f, hn::Set(d, 2.40226477e-1f));
  p = hn::MulAdd(p, f, hn::Set(d, 6.93147182e-1f));
  p = hn::MulAdd(p, f, hn::Set(d, 1.0f));
  const auto exponent = hn::ShiftLeft<23>(hn::BitCast(di, shifted));
  return hn::BitCast(d, hn::Add(hn::BitCast(di, p), exponent));
}

// Results below 2^-126 are 0; above the largest float, infinity.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp(D d, V x) {
  const hn::RebindToSigned<D> di;
  const V magic = hn::Set(d, 12582912.0f);
  const V shifted = hn::MulAdd(x, hn::Set(d, 1.44269504f), magic);
  const V n = hn::Sub(shifted, magic);
  // f = x - n ln 2 in two steps (Cody and Waite): n times the first constant is exact.
  V f = hn::NegMulAdd(n, hn::Set(d, 0.693359375f), x);
  f = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4f), f);
  V p = hn::Set(d, 1.38436536e-3f);  // the coefficients of 2^f, each divided by ln 2 to its power
  p = hn::MulAdd(p, f, hn::Set(d, 8.37415496e-3f));
  p = hn::MulAdd(p, f, hn::Set(d, 4.16680001e-2f));
  p = hn::MulAdd(p, f, hn::Set(d, 1.66664310e-1f));
  p = hn::MulAdd(p, f, hn::Set(d, 4.99999938e-1f));
  p = hn::MulAdd(p, f, hn::Set(d, 1.0f));
  p = hn::MulAdd(p, f, hn::Set(d, 1.0f));
  const auto exponent = hn::ShiftLeft<23>(hn::BitCast(di, shifted));
  const V y = hn::BitCast(d, hn::Add(hn::BitCast(di, p), exponent));
  const V with_overflow = hn::IfThenElse(hn::Gt(x, hn::Set(d, 88.722839f)), hn::Inf(d), y);
  const V in_range = hn::IfThenZeroElse(hn::Lt(x, hn::Set(d, -87.336544f)), with_overflow);
  return hn::IfThenElse(hn::IsNaN(x), x, in_range);
}

// 1 / (1 + e^-x)
template <class D, class V = hn::Vec<D>>
HWY_INLINE V sigmoid(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  return hn::Div(one, hn::Add(one, exp(d, hn::Neg(x))));
}

// Below 0.625 the odd polynomial of Cephes' tanhf, which keeps the relative error small where
// 1 - 2 / (e^2x + 1) would cancel.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V tanh(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  const V t = hn::Abs(x);
  const V s = hn::Mul(x, x);
  V p = hn::Set(d, -5.70498872745e-3f);
  p = hn::MulAdd(p, s, hn::Set(d, 2.06390887954e-2f));
  p = hn::MulAdd(p, s, hn::Set(d, -5.37397155531e-2f));
  p = hn::MulAdd(p, s, hn::Set(d, 1.33314422036e-1f));
  p = hn::MulAdd(p, s, hn::Set(d, -3.33332819422e-1f));
  const V small = hn::MulAdd(hn::Mul(p, s), x, x);
  const V e = exp(d, hn::Add(t, t));
  const V large = hn::Sub(one, hn::Div(hn::Set(d, 2.0f), hn::Add(e, one)));
  return hn::IfThenElse(hn::Lt(t, hn::Set(d, 0.625f)), small, hn::CopySign(large, x));
}

// x / (1 + e^-x)
template <class D, class V = hn::Vec<D>>
HWY_INLINE V silu(D d, V x) {
  return hn::Div(x, hn::Add(hn::Set(d, 1.0f), exp(d, hn::Neg(x))));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V relu(D d, V x) {
  return hn::IfThenZeroElse(hn::Lt(x, hn::Zero(d)), x);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V gelu(D d, V x) {
  const V t = hn::Min(hn::Abs(x), hn::Set(d, 8.0f));  // t 2^P(t) is 2e-14 there
  V p = hn::Set(d, 4.27877803e-6f);
  p = hn::MulAdd(p, t, hn::Set(d, -1.27984540e-5f));
  p = hn::MulAdd(p, t, hn::Set(d, -5.75785176e-4f));
  p = hn::MulAdd(p, t, hn::Set(d, 7.67078158e-3f));
  p = hn::MulAdd(p, t, hn::Set(d, -5.29485656e-2f));
  p = hn::MulAdd(p, t, hn::Set(d, -4.59043920e-1f));
  p = hn::MulAdd(p, t, hn::Set(d, -1.15112698f));
  p = hn::MulAdd(p, t, hn::Set(d, -1.0f));
  return hn::NegMulAdd(t, exp2_in_range(d, p), relu(d, x));
}

// x (1 + tanh(u)) / 2 = x / (1 + e^-2u),  u = sqrt(2 / pi) (x + 0.044715 x^3)
template <class D, class V = hn::Vec<D>>
HWY_INLINE V gelu_tanh(D d, V x) {
  const V s = hn::Mul(x, x);
  const V cubic =
      hn::MulAdd(s, hn::Set(d, -2.0f * 0.797884561f * 0.044715f), hn::Set(d, -2.0f * 0.797884561f));
  // For x = -infinity e^-2u is infinite and the quotient NaN, but the limit is 0.
  const V y = hn::Div(x, hn::Add(hn::Set(d, 1.0f), exp(d, hn::Mul(x, cubic))));
  return hn::IfThenZeroElse(hn::Lt(x, hn::Set(d, -1e4f)), y);
}

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#endif  // FIRTH_KERNELS_VECTOR_MATH_INL_H_
