// Reads CPUID for what the processor has and XGETBV for what the operating system saves at a task
// switch: both must say yes before an instruction may be used. AMX needs a third consent: Linux
// (5.16 and later) grants its 8 KiB of tile state to a process only when asked. A processor that is
// not x86-64 has the scalar level, whose code is compiled for that processor's baseline (NEON on
// 64-bit ARM).
#include "firth/kernels/cpu.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "firth/core/error.h"

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

namespace firth {
namespace {

constexpr std::array<std::string_view, 5> kLevelNames = {"scalar", "avx2", "avx512", "vnni", "amx"};

#if defined(__x86_64__)

struct CpuidRegisters {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

CpuidRegisters cpuid(unsigned leaf, unsigned subleaf = 0) {
  CpuidRegisters r;
  __get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx);  // zeros if there is no leaf
  return r;
}

bool has_bits(std::uint64_t word, std::initializer_list<int> bits) {
  return std::all_of(bits.begin(), bits.end(), [&](int bit) { return (word >> bit & 1) != 0; });
}

// Extended control register 0: which register sets the operating system saves.
std::uint64_t xcr0() {
  unsigned low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return std::uint64_t{high} << 32 | low;
}

bool amx_granted() {
#if defined(__linux__)
  constexpr long kArchReqXcompPerm = 0x1023, kXfeatureXtiledata = 18;
  return syscall(SYS_arch_prctl, kArchReqXcompPerm, kXfeatureXtiledata) == 0;
#else
  return false;
#endif
}

// Bit numbers are those of Intel's manual, volume 2A, table of CPUID.
CpuLevel detect_level() {
  const CpuidRegisters basic = cpuid(1), extended = cpuid(7), amd = cpuid(0x80000001);
  const bool osxsave = has_bits(basic.ecx, {27});
  const std::uint64_t saved = osxsave ? xcr0() : 0;
  // fma, sse4.2, popcnt, avx, f16c; bmi1, avx2, bmi2; lzcnt; saved: xmm, ymm
  if (!has_bits(basic.ecx, {12, 20, 23, 28, 29}) || !has_bits(extended.ebx, {3, 5, 8}) ||
      !has_bits(amd.ecx, {5}) || !has_bits(saved, {1, 2})) {
    return CpuLevel::kScalar;
  }
  // f, dq, cd, bw, vl; saved: masks, upper halves, registers 16 to 31
  if (!has_bits(extended.ebx, {16, 17, 28, 30, 31}) || !has_bits(saved, {5, 6, 7})) {
    return CpuLevel::kAvx2;
  }
  if (!has_bits(extended.ecx, {11})) return CpuLevel::kAvx512;
  // amx-bf16, amx-tile, amx-int8; saved: tile configuration, tile data
  if (!has_bits(extended.edx, {22, 24, 25}) || !has_bits(saved, {17, 18}) || !amx_granted()) {
    return CpuLevel::kVnni;
  }
  return CpuLevel::kAmx;
}

#else

CpuLevel detect_level() {
  return CpuLevel::kScalar;
}

#endif

CpuLevel level_of_environment() {
  const char* asked = std::getenv("FIRTH_CPU");
  if (asked == nullptr || *asked == '\0') return machine_cpu_level();
  const auto* name = std::find(kLevelNames.begin(), kLevelNames.end(), std::string_view(asked));
  if (name == kLevelNames.end()) {
    fail(ErrorKind::kInvalidArgument,
         "FIRTH_CPU: expected scalar, avx2, avx512, vnni or amx, found ", quoted(asked));
  }
  return std::min(static_cast<CpuLevel>(name - kLevelNames.begin()), machine_cpu_level());
}

// The level in use. The one piece of process-wide state of the kernels: it is a property of the
// machine, and every thread must see the same one.
std::atomic<CpuLevel>& level_in_use() {
  static std::atomic<CpuLevel> level = level_of_environment();
  return level;
}

}  // namespace

std::string_view cpu_level_name(CpuLevel level) {
  return kLevelNames[static_cast<std::size_t>(level)];
}

CpuLevel machine_cpu_level() {
  static const CpuLevel kLevel = detect_level();
  return kLevel;
}

bool has_fast_bf16_dot() {
#if defined(__x86_64__)
  static const bool kFast = [] {
    const CpuidRegisters maker = cpuid(0);
    const bool amd = maker.ebx == 0x68747541 && maker.edx == 0x69746e65 && maker.ecx == 0x444d4163;
    return amd && has_bits(cpuid(7, 1).eax, {5}) && machine_cpu_level() >= CpuLevel::kVnni;
  }();
  return kFast;
#else
  return false;
#endif
}

std::string cpu_model_name() {
#if defined(__x86_64__)
  if (cpuid(0x80000000).eax < 0x80000004) return "x86-64";
  std::array<char, 49> brand{};  // three leaves of 16 characters, padded with blanks or zeros
  for (std::size_t i = 0; i < 3; ++i) {
    const CpuidRegisters r = cpuid(0x80000002 + static_cast<unsigned>(i));
    const std::array<unsigned, 4> words = {r.eax, r.ebx, r.ecx, r.edx};
    std::memcpy(brand.data() + i * 16, words.data(), 16);
  }
  const std::string_view text(brand.data());
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return "x86-64";
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
#elif defined(__aarch64__)
  return "64-bit ARM";
#else
  return "unknown";
#endif
}

CpuLevel cpu_level() {
  return level_in_use().load(std::memory_order_relaxed);
}

void set_cpu_level(CpuLevel level) {
  level_in_use() = std::min(level, machine_cpu_level());
}

}  // namespace firth
