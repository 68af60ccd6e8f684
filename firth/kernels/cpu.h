// What the processor can do, and which of it firth uses. Kernels choose their inner loop by
// cpu_level() when they are called; nothing above kernels/ asks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace firth {

// Each level holds all before it. kScalar is any x86-64 (or any other CPU).
enum class CpuLevel : std::uint8_t {
  kScalar,
  kAvx2,    // AVX2, FMA, F16C, BMI2
  kAvx512,  // AVX-512 F, BW, DQ, VL
  kVnni,    // AVX-512 VNNI
  kAmx,     // AMX tiles with bf16 and int8, granted by the kernel to this process
};

std::string_view cpu_level_name(CpuLevel level);  // "scalar", "avx2", "avx512", "vnni", "amx"

CpuLevel
machine_cpu_level();  // the highest level that the machine has and the operating system saves
std::string cpu_model_name();

// True where AVX512_BF16's vdpbf16ps multiplies faster than f32 does: on AMD's processors (Zen 5:
// 448 GFLOP/s against 222), not on Intel's (Sapphire Rapids: 87 against 172). Told by the maker and
// not by a clock, so that a machine has the same bits every day.
bool has_fast_bf16_dot();

// The level in use: the machine's, lowered by FIRTH_CPU=scalar|avx2|avx512|vnni|amx in the
// environment (read once; a name that is not a level is invalid_argument).
CpuLevel cpu_level();

// For tests, `firth doctor` and the self-test: uses `level` from now on, cut to the machine's. Not
// while other threads compute; weights packed before must not be used after.
void set_cpu_level(CpuLevel level);

}  // namespace firth
