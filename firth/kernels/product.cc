// Packing and the call itself; the arithmetic is in product_f32.cc and product_narrow.cc (int8, and
// bf16 by AMX).
#include "firth/kernels/product.h"

#include <cassert>
#include <utility>

#include "firth/core/error.h"
#include "firth/kernels/cpu.h"
#include "firth/kernels/product_layout.h"
#include "firth/kernels/product_narrow.h"

namespace firth {

PackedWeight::PackedWeight(View<const float> weight, Precision precision)
    : n_(weight.rows()), k_(weight.cols()) {
  if (precision == Precision::kInt8) {
    *this = PackedWeight(quantize_weight(weight).view());
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
  } else if (cpu_level() == CpuLevel::kVnni && has_fast_bf16_dot()) {
    pack_narrow_bf16(weight, dot_bf16_kernels(), *layout);
#endif
  } else {
    pack_bf16(weight, *layout);
  }
  layout_ = std::move(layout);
}

PackedWeight::PackedWeight(const Int8Weight& weight)
    : n_(weight.values.rows()), k_(weight.values.cols()) {
  if (weight.scales.cols() == 1 && k_ > kMaxInt8Columns) {
    fail(ErrorKind::kUnsupported, "int8 weight: expected at most ", kMaxInt8Columns,
         " columns where a row has one scale, found ", k_);
  }
  auto layout = std::make_shared<Layout>();
  layout->precision = Precision::kInt8;
  layout->n = n_;
  layout->k = k_;
  pack_int8(weight, *layout);
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
