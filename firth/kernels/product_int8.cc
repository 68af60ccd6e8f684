// The int8 product with scales for each output (row of W) and for each row of x:
//
//   y[i, j] = (sum over k of qx[i, k] qw[j, k]) * sx[i] * sw[j],   sx[i] = max_k |x[i, k]| / 127
//
// The integer sums are exact (k < 2^17 is far from overflow), so every level and every tiling gives
// the same ones; and as a row's scale comes from the row alone, its bits do not depend on the
// batch. Engines that take one scale for a whole batch are as fast, and give a text other vectors
// in other company.
//
// A row of x that holds NaN or infinity gives NaN in all its outputs.
#include "firth/kernels/product_int8.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "firth/kernels/product_layout.h"
#include "firth/kernels/row_block.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "firth/kernels/product_int8.cc"
#include "firth/kernels/simd.h"
// simd.h chooses the targets, foreach_target.h compiles for each of them
#include "hwy/foreach_target.h"
// the rest is seen once for each target
#include "firth/kernels/tile_epilogue-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::ScalableTag<float>;

// The largest magnitude. Magnitudes compare as their bits do, and NaN is above infinity: so an
// integer maximum finds what is not finite as well.
HWY_INLINE float largest_magnitude(const float* HWY_RESTRICT x, std::size_t k) {
  const F32 d;
  const hn::RebindToSigned<F32> di;
  const std::size_t lanes = hn::Lanes(d);
  auto largest = hn::Zero(di);
  std::size_t p = 0;
  for (; p + lanes <= k; p += lanes) {
    largest = hn::Max(largest, hn::BitCast(di, hn::Abs(hn::LoadU(d, x + p))));
  }
  float maximum = hn::GetLane(hn::BitCast(d, hn::MaxOfLanes(di, largest)));
  for (; p < k; ++p) {
    const float magnitude = std::abs(x[p]);
    if (!(magnitude <= maximum)) maximum = magnitude;
    if (std::isnan(maximum)) break;
  }
  return maximum;
}

// Values beyond k, up to a whole vector, are written too; zeros of W meet them.
template <class Element>
HWY_INLINE void quantize_values(const float* HWY_RESTRICT x, std::size_t k, float inverse,
                                int offset, Element* HWY_RESTRICT out) {
  const F32 d;
  const hn::RebindToSigned<F32> di;
  const hn::Rebind<Element, F32> narrow;
  const std::size_t lanes = hn::Lanes(d);
  const auto factor = hn::Set(d, inverse);
  const auto shift = hn::Set(di, offset);
  for (std::size_t p = 0; p < k; p += lanes) {
    HWY_ALIGN float rest[HWY_MAX_BYTES / sizeof(float)] = {};
    const float* from = x + p;
    if (p + lanes > k) from = static_cast<float*>(std::memcpy(rest, from, (k - p) * sizeof(float)));
    const auto q = hn::Add(hn::NearestInt(hn::Mul(hn::LoadU(d, from), factor)), shift);
    hn::StoreU(hn::DemoteTo(narrow, q), narrow, out + p);
  }
}

// Returns the row's scale.
float quantize_row(const float* x, std::size_t k, const Int8Kernels& kernels, std::byte* out) {
  const float largest = largest_magnitude(x, k);
  if (!std::isfinite(largest)) {
    std::memset(out, 0, k * kernels.element_size);  // the scale decides
    return std::nanf("");
  }
  const bool usable = largest >= kSmallestInt8Maximum;
  const float inverse = usable ? 127.0f / largest : 0.0f;
  if (kernels.element_size == 2) {
    quantize_values(x, k, inverse, kernels.offset, reinterpret_cast<std::int16_t*>(out));
  } else if (kernels.offset != 0) {
    quantize_values(x, k, inverse, kernels.offset, reinterpret_cast<std::uint8_t*>(out));
  } else {
    quantize_values(x, k, inverse, kernels.offset, reinterpret_cast<std::int8_t*>(out));
  }
  return usable ? largest / 127.0f : 0.0f;
}

// x of a block of rows, quantised.
struct QuantizedRows {
  const std::byte* values;
  std::size_t stride;   // bytes; not a multiple of 4 KiB, see product_f32.cc
  const float* scales;  // of each row
};

QuantizedRows quantize_block(const ProductCall& call, const RowBlock& block) {
  constexpr std::size_t kLine = 64;
  const std::size_t k = call.weight->k;
  const Int8Kernels& kernels = *call.weight->int8_kernels;
  const std::size_t stride = (k * kernels.element_size / kLine + 2) * kLine | kLine;
  const std::size_t scale_bytes = (block.rows * sizeof(float) / kLine + 1) * kLine;
  std::byte* memory = thread_scratch(scale_bytes + block.rows * stride);
  float* scales = reinterpret_cast<float*>(memory);
  std::byte* values = memory + scale_bytes;
  for (std::size_t i = 0; i < block.rows; ++i) {
    scales[i] = quantize_row(call.x + (block.first + i) * k, k, kernels, values + i * stride);
  }
  return {values, stride, scales};
}

// Turns integer sums into f32, in place.
void scale_sums(std::int32_t* sums, std::size_t rows, std::size_t columns, const float* row_scales,
                const float* column_scales) {
  const F32 d;
  const hn::RebindToSigned<F32> di;
  const std::size_t lanes = hn::Lanes(d);
  float* out = reinterpret_cast<float*>(sums);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto row_scale = hn::Set(d, row_scales[i]);
    for (std::size_t j = 0; j < columns; j += lanes) {
      const auto sum = hn::ConvertTo(d, hn::Load(di, sums + i * columns + j));
      const auto scaled = hn::Mul(hn::Mul(sum, row_scale), hn::Load(d, column_scales + j));
      hn::Store(scaled, d, out + i * columns + j);
    }
  }
}

constexpr std::size_t kMaxPanelWidth = 32, kMaxTileRows = 16;

void multiply_panels_int8(const ProductCall& call, const RowBlock& block,
                          const QuantizedRows& input, std::size_t first_panel, std::size_t panels) {
  const PackedWeight::Layout& w = *call.weight;
  const Int8Kernels& kernels = *w.int8_kernels;
  const std::size_t stride = panels * w.panel_width;
  const std::size_t column = first_panel * w.panel_width;
  const std::size_t padded_k =
      (w.k + kernels.k_multiple - 1) / kernels.k_multiple * kernels.k_multiple;
  HWY_ALIGN std::int32_t sums[(RowBlock::kRows + kMaxTileRows) * kMaxPanelWidth];
  for (std::size_t t = 0; t < block.num_tiles(); ++t) {
    const std::size_t row = block.tile_begin(t);
    kernels.kernel(block.tile_rows(t), panels)(
        {.x = input.values + row * input.stride,
         .x_stride = input.stride,
         .panel = w.panels.view<std::int8_t>().data() + column * padded_k,
         .panel_size = w.panel_width * padded_k,
         .groups = padded_k / kernels.group,
         .start = w.start_sums.view<std::int32_t>().data() + column},
        sums + row * stride);
  }
  scale_sums(sums, block.rows, stride, input.scales, w.scales.view<float>().data() + column);
  finish_tile({.sums = reinterpret_cast<float*>(sums),
               .stride = stride,
               .row = block.first,
               .rows = block.rows,
               .column = column,
               .columns = std::min(stride, w.n - column)},
              call);
}

void multiply_int8(const ProductCall& call) {
  for (std::size_t first = 0; first < call.rows;) {
    const RowBlock block = RowBlock::at(first, call.rows, call.weight->int8_kernels->max_rows);
    const QuantizedRows input = quantize_block(call, block);
    std::size_t p = call.panels.first;
    for (const std::size_t step = block.panels_at_once(); p + step <= call.panels.last; p += step) {
      multiply_panels_int8(call, block, input, p, step);
    }
    for (; p < call.panels.last; ++p) multiply_panels_int8(call, block, input, p, 1);
    first += block.rows;
  }
}

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace firth {
namespace {

// One row at a time, in plain C++: the reference of the other levels.
template <std::size_t kRows, std::size_t kPanels>
void scalar_tile(const Int8TileInput& in, std::int32_t* sums) {
  constexpr std::size_t kWidth = 8;
  for (std::size_t i = 0; i < kRows; ++i) {
    const auto* x = reinterpret_cast<const std::int8_t*>(in.x + i * in.x_stride);
    for (std::size_t panel = 0; panel < kPanels; ++panel, sums += kWidth) {
      std::copy_n(in.start + panel * kWidth, kWidth, sums);
      const std::int8_t* w = in.panel + panel * in.panel_size;
      for (std::size_t p = 0; p < in.groups; ++p) {
        for (std::size_t j = 0; j < kWidth; ++j) sums[j] += x[p] * w[p * kWidth + j];
      }
    }
  }
}

Int8TileKernel scalar_kernel(std::size_t rows, std::size_t panels) {
  if (panels == 4) return &scalar_tile<1, 4>;
  if (panels == 2) return &scalar_tile<2, 2>;
  return rows == 1 ? &scalar_tile<1, 1> : &scalar_tile<2, 1>;
}

const Int8Kernels& int8_kernels_in_use() {
#if defined(__x86_64__)
  switch (cpu_level()) {
    case CpuLevel::kScalar:
      break;
    case CpuLevel::kAvx2:
      return avx2_int8_kernels();
    case CpuLevel::kAvx512:
      return avx512_int8_kernels();
    case CpuLevel::kVnni:
    case CpuLevel::kAmx:
      return vnni_int8_kernels();
  }
#endif
  return scalar_int8_kernels();
}

}  // namespace

const Int8Kernels& scalar_int8_kernels() {
  static constexpr Int8Kernels kKernels = {.panel_width = 8,
                                           .group = 1,
                                           .element_size = 1,
                                           .offset = 0,
                                           .max_rows = 2,
                                           .k_multiple = 1,
                                           .kernel = &scalar_kernel};
  return kKernels;
}

void pack_int8(View<const std::int8_t> weight, std::span<const float> scales,
               PackedWeight::Layout& layout) {
  const Int8Kernels& kernels = int8_kernels_in_use();
  const std::size_t width = kernels.panel_width, group = kernels.group;
  const std::size_t padded_k =
      (layout.k + kernels.k_multiple - 1) / kernels.k_multiple * kernels.k_multiple;
  layout.int8_kernels = &kernels;
  layout.panel_width = width;
  layout.num_panels = (layout.n + width - 1) / width;
  layout.panels = Tensor(DType::kI8, Shape{layout.num_panels, padded_k, width});
  layout.scales = Tensor(DType::kF32, Shape{layout.num_panels * width});
  layout.start_sums = Tensor(DType::kI32, Shape{layout.num_panels * width});
  std::copy(scales.begin(), scales.end(), layout.scales.view<float>().data());
  std::int8_t* panels = layout.panels.view<std::int8_t>().data();
  for (std::size_t j = 0; j < layout.n; ++j) {
    std::int8_t* panel = panels + j / width * width * padded_k + j % width * group;
    std::int32_t sum = 0;
    for (std::size_t p = 0; p < layout.k; ++p) {
      panel[p / group * group * width + p % group] = weight(j, p);
      sum += weight(j, p);
    }
    layout.start_sums.view<std::int32_t>().data()[j] = -kernels.offset * sum;
  }
  layout.multiply = FIRTH_DISPATCH(multiply_int8);
}

}  // namespace firth
#endif
