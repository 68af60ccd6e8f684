// Rows of f32 to narrower types and back. A row is converted by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "firth/core/tensor.h"

namespace firth {

// Symmetric: x ~ scale * integer, scale = max |x| / limit, integers in [-limit, limit] (limit at
// most 127), nearest, ties to even. Returns the scale. Zeros have scale 0; with NaN or an infinity
// in x all integers are 0 and the scale is NaN.
float quantize_int8(std::span<const float> x, int limit, std::span<std::int8_t> values);

// A scale a row, limit 127. values: as x; scales: (rows).
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
