// The tile registers of AMX, by inline assembly: the compilers' own functions take the number of a
// register as a literal only, and would not let amx_tile.h be written once.
//
// A thread's tiles must be configured before the first use (else SIGILL), and a configured thread
// carries 8 KiB more through every task switch: so each product configures on entry and releases
// when it leaves, about a hundred cycles together.
#include "firth/kernels/amx_tile.h"

#if defined(__x86_64__)

namespace firth {
namespace {

// Palette 1: eight tiles of up to 16 rows of 64 bytes. Intel's manual, volume 2, LDTILECFG.
struct alignas(64) TileConfiguration {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

static_assert(sizeof(TileConfiguration) == 64);

struct HardwareTiles {
  static void enter() {
    static constexpr TileConfiguration kConfiguration;
    __asm__ volatile("ldtilecfg %0" : : "m"(kConfiguration));
  }

  static void leave() { __asm__ volatile("tilerelease"); }

  template <int kTile>
  static void zero() {
    __asm__ volatile("tilezero %%tmm%c0" : : "i"(kTile));
  }

  template <int kTile>
  static void load(const std::byte* from, std::size_t stride) {
    __asm__ volatile("tileloadd (%0,%1,1), %%tmm%c2"
                     :
                     : "r"(from), "r"(stride), "i"(kTile)
                     : "memory");
  }

  template <int kTile>
  static void store(std::int32_t* to, std::size_t stride) {
    __asm__ volatile("tilestored %%tmm%c2, (%0,%1,1)"
                     :
                     : "r"(to), "r"(stride), "i"(kTile)
                     : "memory");
  }

  // sums += x * w, x of bytes without a sign; the assembler wants the operands from right to left.
  template <AmxProduct kProduct, int kSums, int kX, int kW>
  static void multiply() {
    if constexpr (kProduct == AmxProduct::kInt8) {
      __asm__ volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kSums), "i"(kX), "i"(kW));
    } else {
      __asm__ volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kSums), "i"(kX), "i"(kW));
    }
  }
};

}  // namespace

const NarrowKernels& amx_int8_kernels() {
  static constexpr NarrowKernels kKernels = amx_kernels_of<HardwareTiles, AmxProduct::kInt8>();
  return kKernels;
}

const NarrowKernels& amx_bf16_kernels() {
  static constexpr NarrowKernels kKernels = amx_kernels_of<HardwareTiles, AmxProduct::kBF16>();
  return kKernels;
}

}  // namespace firth

#endif
