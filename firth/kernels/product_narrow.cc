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
//
// The bf16 product by AMX goes the same way, with roundings for scales.
#include "firth/kernels/product_narrow.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

#include "firth/kernels/product_layout.h"
#include "firth/kernels/row_block.h"

// Guarded, since foreach_target.h reads this file several times.
#ifndef FIRTH_KERNELS_PRODUCT_NARROW_SIZES
#define FIRTH_KERNELS_PRODUCT_NARROW_SIZES

namespace firth {
namespace {

std::size_t padded_k(const PackedWeight::Layout& w) {
  const std::size_t multiple = w.narrow_kernels->k_multiple;
  return (w.k + multiple - 1) / multiple * multiple;
}

std::size_t panel_bytes(const PackedWeight::Layout& w) {
  return padded_k(w) * w.panel_width * dtype_size(w.panels.dtype());
}

std::size_t element_bytes(const NarrowKernels& kernels) {
  const bool wide = kernels.input == NarrowInput::kInt16 || kernels.input == NarrowInput::kBF16;
  return wide ? 2 : 1;
}

}  // namespace
}  // namespace firth
#endif

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "firth/kernels/product_narrow.cc"
#include "firth/kernels/simd.h"
// simd.h chooses the targets, foreach_target.h compiles for each of them
#include "hwy/foreach_target.h"
// the rest is seen once for each target
#include "firth/kernels/bf16-inl.h"
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

// Calls body(d, vector of x, place) for whole vectors, the last padded with zeros.
template <class Body>
HWY_INLINE void for_each_vector(const float* HWY_RESTRICT x, std::size_t k, const Body& body) {
  const F32 d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t p = 0;
  for (; p + lanes <= k; p += lanes) body(hn::LoadU(d, x + p), p);
  if (p == k) return;
  HWY_ALIGN float rest[HWY_MAX_BYTES / sizeof(float)] = {};
  std::memcpy(rest, x + p, (k - p) * sizeof(float));
  body(hn::Load(d, rest), p);
}

template <class Element>
void quantize_values(const float* x, std::size_t k, float inverse, int offset, std::byte* to) {
  const F32 d;
  const hn::RebindToSigned<F32> di;
  const hn::Rebind<Element, F32> narrow;
  const auto factor = hn::Set(d, inverse);
  const auto shift = hn::Set(di, offset);
  Element* out = reinterpret_cast<Element*>(to);
  for_each_vector(x, k, [=](auto v, std::size_t p) HWY_ATTR {
    const auto q = hn::Add(hn::NearestInt(hn::Mul(v, factor)), shift);
    hn::StoreU(hn::DemoteTo(narrow, q), narrow, out + p);
  });
}

void narrow_to_bf16(const float* x, std::size_t k, std::byte* to) {
  const F32 d;
  const hn::RebindToUnsigned<F32> du;
  const hn::RebindToSigned<F32> di;
  const hn::Rebind<std::uint16_t, F32> narrow;
  std::uint16_t* out = reinterpret_cast<std::uint16_t*>(to);
  for_each_vector(x, k, [=](auto v, std::size_t p) HWY_ATTR {
    const auto upper = hn::ShiftRight<16>(hn::BitCast(du, rounded_to_bf16(d, v)));
    hn::StoreU(hn::DemoteTo(narrow, hn::BitCast(di, upper)), narrow, out + p);
  });
}

// Returns the row's scale. Values beyond k, up to a whole vector, are written too; zeros of W meet
// them, and they are finite.
float narrow_row(const float* x, std::size_t k, NarrowInput input, std::byte* out) {
  if (input == NarrowInput::kBF16) {
    narrow_to_bf16(x, k, out);
    return 1.0f;
  }
  const float largest = largest_magnitude(x, k);
  const bool usable = std::isfinite(largest) && largest >= kSmallestInt8Maximum;
  const float inverse = usable ? 127.0f / largest : 0.0f;
  if (!std::isfinite(largest)) return std::nanf("");  // whatever the values are
  if (input == NarrowInput::kInt16) quantize_values<std::int16_t>(x, k, inverse, 0, out);
  if (input == NarrowInput::kUint8) quantize_values<std::uint8_t>(x, k, inverse, 128, out);
  if (input == NarrowInput::kInt8) quantize_values<std::int8_t>(x, k, inverse, 0, out);
  return usable ? largest / 127.0f : 0.0f;
}

// x of a block of rows, narrowed.
struct NarrowRows {
  const std::byte* values;
  std::size_t stride;   // bytes; not a multiple of 4 KiB, see product_f32.cc
  const float* scales;  // of each row
};

NarrowRows narrow_block(const ProductCall& call, const RowBlock& block) {
  constexpr std::size_t kLine = 64;
  const std::size_t k = call.weight->k;
  const NarrowKernels& kernels = *call.weight->narrow_kernels;
  const std::size_t row_bytes = padded_k(*call.weight) * element_bytes(kernels);
  const std::size_t stride = (row_bytes / kLine + 1) * kLine | kLine;
  const std::size_t scale_bytes = (block.rows * sizeof(float) / kLine + 1) * kLine;
  std::byte* memory = thread_scratch(scale_bytes + (block.rows + kernels.row_multiple) * stride);
  float* scales = reinterpret_cast<float*>(memory);
  std::byte* values = memory + scale_bytes;
  for (std::size_t i = 0; i < block.rows; ++i) {
    std::byte* row = values + i * stride;
    std::memset(row + k * element_bytes(kernels), 0, stride - k * element_bytes(kernels));
    scales[i] = narrow_row(call.x + (block.first + i) * k, k, kernels.input, row);
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

constexpr std::size_t kMaxPanelWidth = 32, kMaxTileRows = 32;

void multiply_panels_narrow(const ProductCall& call, const RowBlock& block, const NarrowRows& input,
                            std::size_t first_panel, std::size_t panels) {
  const PackedWeight::Layout& w = *call.weight;
  const NarrowKernels& kernels = *w.narrow_kernels;
  const std::size_t stride = panels * w.panel_width;
  const std::size_t column = first_panel * w.panel_width;
  const std::size_t panel_size = panel_bytes(w);
  HWY_ALIGN std::int32_t sums[(RowBlock::kRows + kMaxTileRows) * kMaxPanelWidth];
  for (std::size_t t = 0; t < block.num_tiles(); ++t) {
    const std::size_t row = block.tile_begin(t);
    kernels.kernel(block.tile_rows(t), panels)(
        {.x = input.values + row * input.stride,
         .x_stride = input.stride,
         .panel = w.panels.any().bytes().data() + first_panel * panel_size,
         .panel_size = panel_size,
         .groups = padded_k(w) / kernels.group,
         .start = w.start_sums.view<std::int32_t>().data() + column},
        sums + row * stride);
  }
  if (kernels.input != NarrowInput::kBF16) {
    scale_sums(sums, block.rows, stride, input.scales, w.scales.view<float>().data() + column);
  }
  finish_tile({.sums = reinterpret_cast<float*>(sums),
               .stride = stride,
               .row = block.first,
               .rows = block.rows,
               .column = column,
               .columns = std::min(stride, w.n - column)},
              call);
}

void multiply_narrow(const ProductCall& call) {
  const NarrowKernels& kernels = *call.weight->narrow_kernels;
  for (std::size_t first = 0; first < call.rows;) {
    const RowBlock block = RowBlock::at(first, call.rows, kernels.max_rows);
    const NarrowRows input = narrow_block(call, block);
    if (kernels.enter != nullptr) kernels.enter();  // nothing throws until leave()
    std::size_t p = call.panels.first;
    for (const std::size_t step = std::min(block.panels_at_once(), kernels.max_panels);
         p + step <= call.panels.last; p += step) {
      multiply_panels_narrow(call, block, input, p, step);
    }
    for (; p < call.panels.last; ++p) multiply_panels_narrow(call, block, input, p, 1);
    if (kernels.leave != nullptr) kernels.leave();
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
void scalar_tile(const NarrowTileInput& in, std::int32_t* sums) {
  constexpr std::size_t kWidth = 8;
  for (std::size_t i = 0; i < kRows; ++i) {
    const auto* x = reinterpret_cast<const std::int8_t*>(in.x + i * in.x_stride);
    for (std::size_t panel = 0; panel < kPanels; ++panel, sums += kWidth) {
      std::copy_n(in.start + panel * kWidth, kWidth, sums);
      const auto* w = reinterpret_cast<const std::int8_t*>(in.panel + panel * in.panel_size);
      for (std::size_t p = 0; p < in.groups; ++p) {
        for (std::size_t j = 0; j < kWidth; ++j) sums[j] += x[p] * w[p * kWidth + j];
      }
    }
  }
}

NarrowTileKernel scalar_kernel(std::size_t rows, std::size_t panels) {
  if (panels == 4) return &scalar_tile<1, 4>;
  if (panels == 2) return &scalar_tile<2, 2>;
  return rows == 1 ? &scalar_tile<1, 1> : &scalar_tile<2, 1>;
}

const NarrowKernels& int8_kernels_in_use() {
#if defined(__x86_64__)
  switch (cpu_level()) {
    case CpuLevel::kScalar:
      break;
    case CpuLevel::kAvx2:
      return avx2_int8_kernels();
    case CpuLevel::kAvx512:
      return avx512_int8_kernels();
    case CpuLevel::kVnni:
      return vnni_int8_kernels();
    case CpuLevel::kAmx:
      return amx_int8_kernels();
  }
#endif
  return scalar_int8_kernels();
}

// Element: int8 or bf16.
template <class Element>
void pack_narrow(View<const Element> weight, PackedWeight::Layout& layout) {
  const NarrowKernels& kernels = *layout.narrow_kernels;
  const std::size_t width = kernels.panel_width, group = kernels.group;
  layout.panel_width = width;
  layout.num_panels = (layout.n + width - 1) / width;
  const std::size_t panel_size = padded_k(layout) * width;
  layout.panels = Tensor(kDTypeOf<Element>, Shape{layout.num_panels, panel_size});
  layout.start_sums = Tensor(DType::kI32, Shape{layout.num_panels * width});
  Element* panels = layout.panels.view<Element>().data();
  for (std::size_t j = 0; j < layout.n; ++j) {
    Element* panel = panels + j / width * panel_size + j % width * group;
    for (std::size_t p = 0; p < layout.k; ++p) {
      panel[p / group * group * width + p % group] = weight(j, p);
    }
  }
  layout.multiply = FIRTH_DISPATCH(multiply_narrow);
}

}  // namespace

const NarrowKernels& scalar_int8_kernels() {
  static constexpr NarrowKernels kKernels = {.input = NarrowInput::kInt8,
                                             .panel_width = 8,
                                             .group = 1,
                                             .k_multiple = 1,
                                             .max_rows = 2,
                                             .max_panels = 4,
                                             .row_multiple = 1,
                                             .kernel = &scalar_kernel,
                                             .enter = nullptr,
                                             .leave = nullptr};
  return kKernels;
}

void pack_int8(View<const std::int8_t> weight, std::span<const float> scales,
               PackedWeight::Layout& layout) {
  pack_narrow_int8(weight, scales, int8_kernels_in_use(), layout);
}

void pack_narrow_int8(View<const std::int8_t> weight, std::span<const float> scales,
                      const NarrowKernels& kernels, PackedWeight::Layout& layout) {
  layout.narrow_kernels = &kernels;
  pack_narrow(weight, layout);
  layout.scales = Tensor(DType::kF32, Shape{layout.num_panels * layout.panel_width});
  std::copy(scales.begin(), scales.end(), layout.scales.view<float>().data());
  const int offset = layout.narrow_kernels->input == NarrowInput::kUint8 ? 128 : 0;
  std::int32_t* start_sums = layout.start_sums.view<std::int32_t>().data();
  for (std::size_t j = 0; j < layout.n; ++j) {
    const std::span<const std::int8_t> row = weight.row(j);
    start_sums[j] = -offset * std::accumulate(row.begin(), row.end(), 0);
  }
}

void pack_narrow_bf16(View<const float> weight, const NarrowKernels& kernels,
                      PackedWeight::Layout& layout) {
  Tensor rounded(DType::kBF16, weight.shape());
  const std::span<BFloat16> out = rounded.view<BFloat16>().span();
  std::transform(weight.span().begin(), weight.span().end(), out.begin(),
                 [](float v) { return to_bfloat16(v); });
  layout.narrow_kernels = &kernels;
  pack_narrow(std::as_const(rounded).view<BFloat16>(), layout);
}

}  // namespace firth
#endif
