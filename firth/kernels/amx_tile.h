// A block of a product by AMX: two by two tiles of 16 x 16 sums, each fed by tiles of 16 rows of 64
// bytes (64 int8 or 32 bf16 values of k). Every operand tile loaded is used twice; all eight tile
// registers are in use:
//
//   tmm0 tmm1      tmm4 = rows 0…15 of x       tmm6, tmm7 = columns 0…15, 16…31 of the panel
//   tmm2 tmm3      tmm5 = rows 16…31 of x
//
// Tiles is the hardware (x86_amx.cc) or, in tests on machines without it, a model in plain C++.
#pragma once

#include <cstddef>
#include <cstdint>

#include "firth/kernels/product_narrow.h"

namespace firth {

inline constexpr std::size_t kAmxTileRows = 16;
inline constexpr std::size_t kAmxRowBytes = 64;
inline constexpr std::size_t kAmxPanelWidth = 32;

enum class AmxProduct : std::uint8_t { kInt8, kBF16 };

// sums: (kRowTiles * 16, 32). One panel.
template <class Tiles, AmxProduct kProduct, int kRowTiles>
void amx_tile_sums(const NarrowTileInput& in, std::int32_t* sums) {
  constexpr std::size_t kGroupsPerStep = kAmxRowBytes / 4;
  constexpr std::size_t kPanelStride = kAmxPanelWidth * 4;  // bytes from a group of k to the next
  constexpr std::size_t kSumStride = kAmxPanelWidth * sizeof(std::int32_t);
  Tiles::template zero<0>();
  Tiles::template zero<1>();
  Tiles::template zero<2>();
  Tiles::template zero<3>();
  const std::byte* panel = in.panel;
  for (std::size_t step = 0; step < in.groups / kGroupsPerStep; ++step) {
    const std::byte* x = in.x + step * kAmxRowBytes;
    Tiles::template load<6>(panel, kPanelStride);
    Tiles::template load<7>(panel + kAmxRowBytes, kPanelStride);
    Tiles::template load<4>(x, in.x_stride);
    Tiles::template multiply<kProduct, 0, 4, 6>();
    Tiles::template multiply<kProduct, 1, 4, 7>();
    if constexpr (kRowTiles == 2) {
      Tiles::template load<5>(x + kAmxTileRows * in.x_stride, in.x_stride);
      Tiles::template multiply<kProduct, 2, 5, 6>();
      Tiles::template multiply<kProduct, 3, 5, 7>();
    }
    panel += kGroupsPerStep * kPanelStride;
  }
  std::int32_t* right = sums + kAmxTileRows;
  Tiles::template store<0>(sums, kSumStride);
  Tiles::template store<1>(right, kSumStride);
  if constexpr (kRowTiles == 2) {
    Tiles::template store<2>(sums + kAmxTileRows * kAmxPanelWidth, kSumStride);
    Tiles::template store<3>(right + kAmxTileRows * kAmxPanelWidth, kSumStride);
  }
}

template <class Tiles, AmxProduct kProduct>
NarrowTileKernel amx_kernel_for(std::size_t rows, std::size_t) {
  return rows <= kAmxTileRows ? &amx_tile_sums<Tiles, kProduct, 1>
                              : &amx_tile_sums<Tiles, kProduct, 2>;
}

template <class Tiles, AmxProduct kProduct>
constexpr NarrowKernels amx_kernels_of() {
  constexpr bool kIsInt8 = kProduct == AmxProduct::kInt8;
  return {.input = kIsInt8 ? NarrowInput::kUint8 : NarrowInput::kBF16,
          .panel_width = kAmxPanelWidth,
          .group = kIsInt8 ? 4 : 2,
          .k_multiple = kIsInt8 ? kAmxRowBytes : kAmxRowBytes / 2,
          .max_rows = 2 * kAmxTileRows,
          .max_panels = 1,
          .row_multiple = 2 * kAmxTileRows,
          .kernel = &amx_kernel_for<Tiles, kProduct>,
          .enter = &Tiles::enter,
          .leave = &Tiles::leave};
}

}  // namespace firth
