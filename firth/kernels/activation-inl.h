// One activation, known at compile time, on one vector: what the epilogue of a product and
// activate() are written with. Compiled for each target, as vector_math-inl.h.
#if defined(FIRTH_KERNELS_ACTIVATION_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FIRTH_KERNELS_ACTIVATION_INL_H_
#undef FIRTH_KERNELS_ACTIVATION_INL_H_
#else
#define FIRTH_KERNELS_ACTIVATION_INL_H_
#endif

#include "firth/kernels/activation.h"
#include "firth/kernels/vector_math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <Activation kActivation, class D, class V = hn::Vec<D>>
HWY_INLINE V activated(D d, V x) {
  if constexpr (kActivation == Activation::kGelu) return gelu(d, x);
  if constexpr (kActivation == Activation::kGeluTanh) return gelu_tanh(d, x);
  if constexpr (kActivation == Activation::kRelu) return relu(d, x);
  if constexpr (kActivation == Activation::kTanh) return tanh(d, x);
  if constexpr (kActivation == Activation::kSigmoid) return sigmoid(d, x);
  if constexpr (kActivation == Activation::kSilu) return silu(d, x);
  return x;
}

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#endif  // FIRTH_KERNELS_ACTIVATION_INL_H_
