// Rounding to bf16, the upper half of a float. Compiled for each target, as vector_math-inl.h.
#if defined(FIRTH_KERNELS_BF16_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FIRTH_KERNELS_BF16_INL_H_
#undef FIRTH_KERNELS_BF16_INL_H_
#else
#define FIRTH_KERNELS_BF16_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Nearest, ties to even, still as floats: the lower half is zero. NaN stays NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V rounded_to_bf16(D d, V v) {
  const hn::RebindToUnsigned<D> du;
  const auto bits = hn::BitCast(du, v);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(du, 1u));
  const auto rounded = hn::Add(bits, hn::Add(odd, hn::Set(du, 0x7fffu)));
  const auto quiet_nan = hn::Or(bits, hn::Set(du, 0x400000u));
  const V either = hn::IfThenElse(hn::IsNaN(v), hn::BitCast(d, quiet_nan), hn::BitCast(d, rounded));
  return hn::BitCast(d, hn::And(hn::BitCast(du, either), hn::Set(du, 0xffff0000u)));
}

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#endif  // FIRTH_KERNELS_BF16_INL_H_
