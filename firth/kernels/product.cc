// Packing and the call itself; the arithmetic is in product_f32.cc and product_narrow.cc (int8, and
// bf16 by AMX).
#include "firth/kernels/product.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "firth/kernels/cpu.h"
#include "firth/kernels/product_layout.h"
#include "firth/kernels/product_narrow.h"

namespace firth {

void quantize_weight(View<const float> weight, View<std::int8_t> out, std::span<float> scales) {
  for (std::size_t j = 0; j < weight.rows(); ++j) {
    float largest = 0;
    bool finite = true;
    for (const float v : weight.row(j)) {
      largest = std::max(largest, std::abs(v));
      finite = finite && std::isfinite(v);
    }
    const bool usable = finite && largest >= kSmallestInt8Maximum;
    const float inverse = usable ? 127.0f / largest : 0.0f;
    scales[j] = finite ? (usable ? largest / 127.0f : 0.0f) : std::nanf("");
    const std::span<std::int8_t> row = out.row(j);
    for (std::size_t p = 0; p < row.size(); ++p) {
      row[p] = finite ? static_cast<std::int8_t>(std::nearbyint(weight(j, p) * inverse)) : 0;
    }
  }
}

PackedWeight::PackedWeight(View<const float> weight, Precision precision)
    : n_(weight.rows()), k_(weight.cols()) {
  if (precision == Precision::kInt8) {
    Tensor quantized(DType::kI8, weight.shape()), scales(DType::kF32, Shape{n_});
    quantize_weight(weight, quantized.view<std::int8_t>(), scales.view<float>().span());
    *this = PackedWeight(std::as_const(quantized).view<std::int8_t>(), scales.view<float>().span());
    return;
  }
  auto layout = std::make_shared<Layout>();
  layout->precision = precision;
  layout->n = n_;
  layout->k = k_;
  if (precision == Precision::kF32) {
    pack_f32(weight, *layout);
#if defined(__x86_64__)
  } else if (cpu_level() == CpuLevel::kAmx) {
    pack_narrow_bf16(weight, amx_bf16_kernels(), *layout);
#endif
  } else {
    pack_bf16(weight, *layout);
  }
  layout_ = std::move(layout);
}

PackedWeight::PackedWeight(View<const std::int8_t> weight, std::span<const float> scales)
    : n_(weight.rows()), k_(weight.cols()) {
  auto layout = std::make_shared<Layout>();
  layout->precision = Precision::kInt8;
  layout->n = n_;
  layout->k = k_;
  pack_int8(weight, scales, *layout);
  layout_ = std::move(layout);
}

std::byte* thread_scratch(std::size_t bytes) {
  thread_local Tensor scratch;
  if (scratch.size() < bytes) scratch = Tensor(DType::kU8, Shape{bytes});
  return scratch.bytes().data();
}

std::size_t PackedWeight::bytes() const {
  return layout_ ? layout_->panels.bytes().size() : 0;
}

std::size_t PackedWeight::num_panels() const {
  return layout_ ? layout_->num_panels : 0;
}

void packed_product(View<const float> x, const PackedWeight& weight, const Epilogue& epilogue,
                    View<float> y) {
  packed_product(x, weight, epilogue, y, {0, weight.num_panels()});
}

void packed_product(View<const float> x, const PackedWeight& weight, const Epilogue& epilogue,
                    View<float> y, PanelRange panels) {
  assert(x.cols() == weight.k() && y.cols() == weight.n() && x.rows() == y.rows());
  assert(panels.first <= panels.last && panels.last <= weight.num_panels());
  assert(epilogue.residual.data() == nullptr || epilogue.residual.size() == y.size());
  if (x.rows() == 0 || weight.n() == 0) return;
  const PackedWeight::Layout& layout = weight.layout();
  layout.multiply({.x = x.data(),
                   .rows = x.rows(),
                   .weight = &layout,
                   .epilogue = &epilogue,
                   .y = y.data(),
                   .panels = panels});
}

}  // namespace firth
