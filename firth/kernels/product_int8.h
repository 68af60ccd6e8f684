// Shared by product_int8.cc and the files that hold its inner loops for x86; private to kernels/.
#pragma once

#include <cstddef>
#include <cstdint>

namespace firth {

// A row whose largest magnitude is below this is taken for zeros, so that 127 / maximum is finite.
inline constexpr float kSmallestInt8Maximum = 1e-36f;

// Adds the products of some rows of x with some panels to `sums`, exactly.
struct Int8TileInput {
  const std::byte* x;    // of the tile's first row
  std::size_t x_stride;  // bytes
  const std::int8_t* panel;
  std::size_t panel_size;     // bytes from one panel to the next
  std::size_t groups;         // of k
  const std::int32_t* start;  // what the sums of each column begin with
};

// sums: (rows, panels * panel width)
using Int8TileKernel = void (*)(const Int8TileInput& in, std::int32_t* sums);

// How a CPU level wants its operands. Within a panel the weights lie as [group of k][column][k in
// the group]: one 32-bit lane meets the group's values of one column.
struct Int8Kernels {
  std::size_t panel_width;
  std::size_t group;         // values of k that one lane takes
  std::size_t element_size;  // of a quantised x: 1, or 2 where it is widened to 16 bits
  int offset;                // added to a quantised x, so that it has no sign; 0 or 128
  std::size_t max_rows;      // of a tile
  std::size_t k_multiple;    // k is padded with zeros to a multiple of this
  // For tiles of one panel; those with one or two rows also take 4 or 2 panels.
  Int8TileKernel (*kernel)(std::size_t rows, std::size_t panels);
};

const Int8Kernels& scalar_int8_kernels();
#if defined(__x86_64__)
const Int8Kernels& avx2_int8_kernels();
const Int8Kernels& avx512_int8_kernels();
const Int8Kernels& vnni_int8_kernels();
#endif

}  // namespace firth
