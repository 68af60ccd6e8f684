// The f32 multiply-add roof of one core: what a loop of nothing but independent multiply-adds in
// registers reaches. Benchmarks print their share of it, taken in the same run.
#pragma once

#include <time.h>

#include <cstdint>

#include "firth/kernels/cpu.h"

namespace firth::bench {

// CPU time of the calling thread: other programs on the machine disturb it least.
inline double seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// GFLOP/s, the best of several rounds; 0 where the level has no vector multiply-add of ours.
inline double f32_roof(CpuLevel level) {
#if defined(__x86_64__)
  if (level == CpuLevel::kScalar) return 0.0;
  const bool wide = level >= CpuLevel::kAvx512;
  constexpr std::uint64_t kSteps = 2'000'000;
  double best = 0.0;
  for (int round = 0; round < 5; ++round) {
    std::uint64_t left = kSteps;
    const double start = seconds_now();
// Ten sums hide the latency of two multiply-add units.
#define FIRTH_ROOF_LOOP(r)                         \
  __asm__ volatile(                                \
      "1:\n"                                       \
      "vfmadd231ps %%" r "mm10, %%" r "mm10, %%" r \
      "mm0\n"                                      \
      "vfmadd231ps %%" r "mm10, %%" r "mm10, %%" r \
      "mm1\n"                                      \
      "vfmadd231ps %%" r "mm10, %%" r "mm10, %%" r \
      "mm2\n"                                      \
      "vfmadd231ps %%" r "mm10, %%" r "mm10, %%" r \
      "mm3\n"                                      \
      "vfmadd231ps %%" r "mm10, %%" r "mm10, %%" r \
      "mm4\n"                                      \
      "vfmadd231ps %%" r "mm10, %%" r "mm10, %%" r \
      "mm5\n"                                      \
      "vfmadd231ps %%" r "mm10, %%" r "mm10, %%" r \
      "mm6\n"                                      \
      "vfmadd231ps %%" r "mm10, %%" r "mm10, %%" r \
      "mm7\n"                                      \
      "vfmadd231ps %%" r "mm10, %%" r "mm10, %%" r \
      "mm8\n"                                      \
      "vfmadd231ps %%" r "mm10, %%" r "mm10, %%" r \
      "mm9\n"                                      \
      "dec %0\n"                                   \
      "jnz 1b\n"                                   \
      : "+r"(left)                                 \
      :                                            \
      : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9")
    if (wide) {
      __asm__ volatile("vpxord %%zmm10, %%zmm10, %%zmm10" ::: "xmm10");
      FIRTH_ROOF_LOOP("z");
    } else {
      __asm__ volatile("vpxor %%xmm10, %%xmm10, %%xmm10" ::: "xmm10");
      FIRTH_ROOF_LOOP("y");
    }
#undef FIRTH_ROOF_LOOP
    const double seconds = seconds_now() - start;
    const double flops = 10.0 * 2.0 * (wide ? 16 : 8) * static_cast<double>(kSteps);
    best = best > flops / seconds * 1e-9 ? best : flops / seconds * 1e-9;
  }
  __asm__ volatile("vzeroupper" ::
                       : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
                         "xmm9", "xmm10");
  return best;
#else
  return level == CpuLevel::kScalar ? 0.0 : 0.0;
#endif
}

}  // namespace firth::bench
