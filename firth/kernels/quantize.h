// Rows of f32 to narrower types and back. A row is converted by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "firth/core/tensor.h"

namespace firth {

// Symmetric, a scale a row: x ~ scale * integer, scale = max |x| / 127, integers in [-127, 127],
// nearest, ties to even. A zero row has scale 0; a row with NaN or an infinity becomes zeros with
// scale NaN. values: as x; scales: (rows).
void quantize_int8_rows(View<const float> x, View<std::int8_t> values, std::span<float> scales);
void dequantize_int8_rows(View<const std::int8_t> values, std::span<const float> scales,
                          View<float> x);

// Nearest, ties to even; of one length.
void to_float16(std::span<const float> x, std::span<Float16> y);
void to_float(std::span<const Float16> x, std::span<float> y);
void to_bfloat16(std::span<const float> x, std::span<BFloat16> y);
void to_float(std::span<const BFloat16> x, std::span<float> y);

// One bit a component, 1 where x > 0, the first component in the highest bit of the first byte, as
// numpy.packbits; unused bits of the last byte are 0. bits: (rows, binary_bytes(cols)).
constexpr std::size_t binary_bytes(std::size_t dimension) {
  return (dimension + 7) / 8;
}

void quantize_binary_rows(View<const float> x, View<std::uint8_t> bits);
void dequantize_binary_rows(View<const std::uint8_t> bits, View<float> x);  // -1 or 1

}  // namespace firth
