// Shared by product_narrow.cc and the files that hold its inner loops for x86; private to kernels/.
#pragma once

#include <cstddef>
#include <cstdint>

namespace firth {

// A row whose values lie closer together than this is taken for constant, so that 255 / range is
// finite.
inline constexpr float kSmallestInt8Range = 1e-36f;

// What a row of x becomes before it is multiplied.
enum class NarrowInput : std::uint8_t {
  kUint8,  // round((x - low) / scale), 0 to 255
  kInt16,  // the same, widened
  kBF16,   // x rounded, no scale
};

// The products of some rows of x with some panels.
struct NarrowTileInput {
  const std::byte* x;    // of the tile's first row
  std::size_t x_stride;  // bytes
  const std::byte* panel;
  std::size_t panel_size;  // bytes from one panel to the next
  std::size_t groups;      // of k
};

// sums: (rows, panels * panel width), 32-bit integers or, for bf16, floats.
using NarrowTileKernel = void (*)(const NarrowTileInput& in, std::int32_t* sums);

// How a CPU level wants its operands. Within a panel the weights, int8 or bf16, lie as [group of
// k][column][k in the group]: one 32-bit lane meets the group's values of one column.
struct NarrowKernels {
  NarrowInput input;
  std::size_t panel_width;
  std::size_t group;       // values of k that one lane takes
  std::size_t k_multiple;  // k is padded with zeros to a multiple of this
  std::size_t max_rows;    // of a tile
  std::size_t max_panels;  // of a tile of one row; two rows take half as many
  // A tile of fewer rows than this reads and writes as if it had so many.
  std::size_t row_multiple;
  NarrowTileKernel (*kernel)(std::size_t rows, std::size_t panels);
  // Called by the thread before its first tile and after its last; may be null.
  void (*enter)();
  void (*leave)();
};

const NarrowKernels& scalar_int8_kernels();
#if defined(__x86_64__)
const NarrowKernels& avx2_int8_kernels();
const NarrowKernels& avx512_int8_kernels();
const NarrowKernels& vnni_int8_kernels();
const NarrowKernels& amx_int8_kernels();
const NarrowKernels& amx_bf16_kernels();
const NarrowKernels& dot_bf16_kernels();
#endif

}  // namespace firth
