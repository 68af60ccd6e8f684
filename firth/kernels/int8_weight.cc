#include "firth/kernels/int8_weight.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "firth/kernels/quantize.h"

namespace firth {

Int8Weight OwnedInt8Weight::view() const {
  return {.values = values.view<std::int8_t>(),
          .scales = scales.view<float>(),
          .input_scales = input_scales.size() == 0 ? std::span<const float>()
                                                   : input_scales.view<float>().span()};
}

OwnedInt8Weight quantize_weight(View<const float> weight, const QuantizeOptions& options) {
  constexpr int kLimit = 127;
  const std::size_t k = weight.cols();
  const std::size_t block = options.blocks ? kInt8Block : std::max<std::size_t>(1, k);
  OwnedInt8Weight out;
  out.values = Tensor(DType::kI8, weight.shape());
  out.scales = Tensor(
      DType::kF32,
      Shape{weight.rows(), options.blocks ? std::max<std::size_t>(1, num_int8_blocks(k)) : 1});
  if (!options.input_scales.empty()) {
    out.input_scales = Tensor(DType::kF32, Shape{k});
    std::ranges::copy(options.input_scales, out.input_scales.view<float>().data());
  }
  std::vector<float> divided(k);
  for (std::size_t j = 0; j < weight.rows(); ++j) {
    std::span<const float> row = weight.row(j);
    if (!options.input_scales.empty()) {
      std::ranges::transform(row, options.input_scales, divided.begin(), std::divides<>());
      row = divided;
    }
    const std::span<std::int8_t> values = out.values.view<std::int8_t>().row(j);
    for (std::size_t p = 0, b = 0; p < k; p += block, ++b) {
      const std::size_t count = std::min(block, k - p);
      out.scales.view<float>()(j, b) =
          quantize_int8(row.subspan(p, count), kLimit, values.subspan(p, count));
    }
  }
  return out;
}

void dequantize_weight(const Int8Weight& quantized, View<float> weight) {
  const std::size_t k = weight.cols();
  const bool blocks = quantized.scales.cols() > 1;
  for (std::size_t j = 0; j < weight.rows(); ++j) {
    for (std::size_t p = 0; p < k; ++p) {
      const float scale = quantized.scales(j, blocks ? p / kInt8Block : 0);
      const float input_scale = quantized.input_scales.empty() ? 1.0F : quantized.input_scales[p];
      weight(j, p) = static_cast<float>(quantized.values(j, p)) * scale * input_scale;
    }
  }
}

}  // namespace firth
