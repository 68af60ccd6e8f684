// Weights of a product in int8. W: (n, k)
//
//   W[j, p] ~ values[j, p] * scales[j, b] * input_scales[p],   b = p / 32, or 0 with one scale a
//   row
//
// An input scale belongs to a column of x: x[:, p] is multiplied by it before x is narrowed, so a
// column that is far larger than the others need not cost them their digits (after Xiao et al.
// 2022, "SmoothQuant", arXiv:2211.10438, who fold it into the layer before; here it is one
// multiplication while x is narrowed, so any layer may come before).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "firth/core/tensor.h"

namespace firth {

// Values of k that share a scale where scales go by blocks; the last block may be shorter.
inline constexpr std::size_t kInt8Block = 32;

// Columns that a weight with one scale a row may have: sums of so many products fit 32 bits.
inline constexpr std::size_t kMaxInt8Columns = 65536;

constexpr std::size_t num_int8_blocks(std::size_t columns) {
  return (columns + kInt8Block - 1) / kInt8Block;
}

struct Int8Weight {
  View<const std::int8_t> values;       // (n, k)
  View<const float> scales;             // (n, 1), or (n, num_int8_blocks(k))
  std::span<const float> input_scales;  // (k), or empty: ones
};

struct OwnedInt8Weight {
  Tensor values;
  Tensor scales;
  Tensor input_scales;  // may be empty

  Int8Weight view() const;
};

struct QuantizeOptions {
  bool blocks = false;                  // a scale for each block of 32 columns, not for each row
  std::span<const float> input_scales;  // (k), positive; empty: ones
};

// scale = max |W / input scale| / 127 of a row or block, values rounded to nearest. What holds NaN
// or infinity gets the scale NaN.
OwnedInt8Weight quantize_weight(View<const float> weight, const QuantizeOptions& options = {});

// What the int8 values stand for. weight: (n, k)
void dequantize_weight(const Int8Weight& quantized, View<float> weight);

}  // namespace firth
