#include "firth/kernels/quantize.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace firth {
namespace {

// The largest |x|, or NaN where a component is NaN or infinite.
float largest_magnitude(std::span<const float> x) {
  float largest = 0.0F;
  bool finite = true;
  for (const float value : x) {
    finite = finite && std::isfinite(value);
    largest = std::max(largest, std::abs(value));
  }
  return finite ? largest : std::numeric_limits<float>::quiet_NaN();
}

float quantize_int8_row(std::span<const float> x, std::span<std::int8_t> values) {
  const float largest = largest_magnitude(x);
  const float scale = largest / 127.0F;
  if (!(scale > 0.0F)) {
    std::ranges::fill(values, std::int8_t{0});
    return scale;
  }
  for (std::size_t j = 0; j < x.size(); ++j) {
    // A scale among the denormals is coarse: hence the clamp.
    values[j] = static_cast<std::int8_t>(std::clamp(std::nearbyint(x[j] / scale), -127.0F, 127.0F));
  }
  return scale;
}

}  // namespace

void quantize_int8_rows(View<const float> x, View<std::int8_t> values, std::span<float> scales) {
  for (std::size_t i = 0; i < x.rows(); ++i) {
    scales[i] = quantize_int8_row(x.row(i), values.row(i));
  }
}

void dequantize_int8_rows(View<const std::int8_t> values, std::span<const float> scales,
                          View<float> x) {
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (std::size_t j = 0; j < x.cols(); ++j) {
      x(i, j) = static_cast<float>(values(i, j)) * scales[i];
    }
  }
}

void to_float16(std::span<const float> x, std::span<Float16> y) {
  for (std::size_t j = 0; j < x.size(); ++j) y[j] = to_float16(x[j]);
}

void to_float(std::span<const Float16> x, std::span<float> y) {
  for (std::size_t j = 0; j < x.size(); ++j) y[j] = to_float(x[j]);
}

void to_bfloat16(std::span<const float> x, std::span<BFloat16> y) {
  for (std::size_t j = 0; j < x.size(); ++j) y[j] = to_bfloat16(x[j]);
}

void to_float(std::span<const BFloat16> x, std::span<float> y) {
  for (std::size_t j = 0; j < x.size(); ++j) y[j] = to_float(x[j]);
}

void quantize_binary_rows(View<const float> x, View<std::uint8_t> bits) {
  for (std::size_t i = 0; i < x.rows(); ++i) {
    const std::span<std::uint8_t> row = bits.row(i);
    std::ranges::fill(row, std::uint8_t{0});
    for (std::size_t j = 0; j < x.cols(); ++j) {
      if (x(i, j) > 0.0F) row[j / 8] = static_cast<std::uint8_t>(row[j / 8] | (0x80U >> (j % 8)));
    }
  }
}

void dequantize_binary_rows(View<const std::uint8_t> bits, View<float> x) {
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (std::size_t j = 0; j < x.cols(); ++j) {
      x(i, j) = (bits(i, j / 8) & (0x80U >> (j % 8))) != 0 ? 1.0F : -1.0F;
    }
  }
}

}  // namespace firth
