// What every kernel written with Highway includes first. Such a file is compiled once for each
// target (hwy/foreach_target.h): here AVX-512 and AVX2 on x86-64, besides the compiler's baseline,
// which is NEON on 64-bit ARM and plain C++ on x86-64 (HWY_EMU128, or HWY_SCALAR where the compiler
// miscompiles that). FIRTH_DISPATCH picks the copy for cpu_level(); Highway's own dispatch is not
// used, since it knows nothing of FIRTH_CPU and would need its library at run time.
//
//   #undef HWY_TARGET_INCLUDE
//   #define HWY_TARGET_INCLUDE "firth/kernels/norm.cc"
//   #include "firth/kernels/simd.h"             // before foreach_target.h and highway.h
//   #include "hwy/foreach_target.h"
//   #include "hwy/highway.h"
//   HWY_BEFORE_NAMESPACE();
//   namespace firth::HWY_NAMESPACE { void layer_norm(...) {...} }
//   HWY_AFTER_NAMESPACE();
//   #if HWY_ONCE
//   namespace firth { void layer_norm(...) { FIRTH_DISPATCH(layer_norm)(...); } }
//   #endif
#pragma once

// VNNI and AMX are written with intrinsics in x86_*.cc: Highway's AVX3_DL would only be the AVX-512
// code once more.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)

#include "firth/kernels/cpu.h"

namespace firth::internal {

template <class Function>
Function* choose_by_level(Function* avx512, Function* avx2, Function* baseline) {
  const CpuLevel level = cpu_level();
  if (level >= CpuLevel::kAvx512 && avx512 != nullptr) return avx512;
  if (level >= CpuLevel::kAvx2 && avx2 != nullptr) return avx2;
  return baseline;
}

}  // namespace firth::internal

// The arguments are null where the compiler or the processor has no such target.
#define FIRTH_DISPATCH(function)                                         \
  ::firth::internal::choose_by_level<                                    \
      std::remove_reference_t<decltype(HWY_STATIC_DISPATCH(function))>>( \
      HWY_CHOOSE_AVX3(function), HWY_CHOOSE_AVX2(function), &HWY_STATIC_DISPATCH(function))
