// The int8 product. A row of x is narrowed to eight bits by itself, between its own least and
// largest value, and so
//
//   x[i, p] ~ low[i] + scale[i] qx[i, p],   scale = (largest - least) / 255,  qx in 0…255
//   y[i, j] = (sum over p of qx[i, p] qw[j, p]) scale[i] sw[j] + low[i] (sw[j] sum of qw[j])
//
// The range is not made symmetric around 0: what comes out of a GELU, or has one column far out on
// one side, would lose up to a bit. W with a scale for each block of 32 columns has x narrowed in
// the same blocks, and the formula holds for each block, summed in f32 in the order of k.
//
// The integer sums are exact (kMaxInt8Columns), so every level and every tiling gives the same
// ones; and as a row's range comes from the row alone, its bits do not depend on the batch. Engines
// that take one scale for a whole batch are as fast, and give a text other vectors in other
// company.
//
// A row of x that holds NaN or infinity, or whose range is beyond f32, gives NaN in all its
// outputs.
//
// The bf16 products by AMX and by vdpbf16ps go the same way, with roundings for scales.
#include "firth/kernels/product_narrow.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
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
  const std::size_t multiple = w.num_blocks > 1 ? kInt8Block : w.narrow_kernels->k_multiple;
  return (w.k + multiple - 1) / multiple * multiple;
}

std::size_t panel_bytes(const PackedWeight::Layout& w) {
  return padded_k(w) * w.panel_width * dtype_size(w.panels.dtype());
}

std::size_t element_bytes(const NarrowKernels& kernels) {
  const bool wide = kernels.input == NarrowInput::kInt16 || kernels.input == NarrowInput::kBF16;
  return wide ? 2 : 1;
}

// Columns of k that share a scale.
std::size_t scale_block(const PackedWeight::Layout& w) {
  return w.num_blocks > 1 ? kInt8Block : std::max<std::size_t>(1, w.k);
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

// Some columns of a row of x, each multiplied by its factor if there are any.
struct RowPart {
  const float* x;
  const float* factors;  // null = ones
  std::size_t count;
};

// Calls body(d, vector of values, place) for whole vectors, the last filled up with its first
// value.
template <class Body>
HWY_INLINE void for_each_vector(const RowPart& part, const Body& body) {
  const F32 d;
  const std::size_t lanes = hn::Lanes(d), whole = part.count / lanes * lanes;
  if (part.factors == nullptr) {
    for (std::size_t p = 0; p < whole; p += lanes) body(hn::LoadU(d, part.x + p), p);
  } else {
    for (std::size_t p = 0; p < whole; p += lanes)
      body(hn::Mul(hn::LoadU(d, part.x + p), hn::LoadU(d, part.factors + p)), p);
  }
  if (whole == part.count) return;
  HWY_ALIGN float rest[HWY_MAX_BYTES / sizeof(float)];
  for (std::size_t i = 0; i < lanes; ++i) {
    const std::size_t p = whole + i < part.count ? whole + i : whole;
    rest[i] = part.factors == nullptr ? part.x[p] : part.x[p] * part.factors[p];
  }
  body(hn::Load(d, rest), whole);
}

struct Range {
  float least;
  float largest;
};

// NaN and NaN unless all values are finite. Magnitudes compare as their bits do, and NaN is above
// infinity: so an integer maximum finds what is not finite.
HWY_INLINE Range range_of(const RowPart& part) {
  const F32 d;
  const hn::RebindToSigned<F32> di;
  auto least = hn::Inf(d), largest = hn::Neg(hn::Inf(d));
  auto magnitude = hn::Zero(di);
  for_each_vector(part, [&](auto v, std::size_t) HWY_ATTR {
    least = hn::Min(least, v);
    largest = hn::Max(largest, v);
    magnitude = hn::Max(magnitude, hn::BitCast(di, hn::Abs(v)));
  });
  const float most = hn::GetLane(hn::BitCast(d, hn::MaxOfLanes(di, magnitude)));
  if (!std::isfinite(most)) return {std::nanf(""), std::nanf("")};
  return {hn::GetLane(hn::MinOfLanes(d, least)), hn::GetLane(hn::MaxOfLanes(d, largest))};
}

template <class Element>
void quantize_values(const RowPart& part, float low, float inverse, std::byte* to) {
  const F32 d;
  const hn::Rebind<Element, F32> narrow;
  const auto base = hn::Set(d, low), factor = hn::Set(d, inverse);
  Element* out = reinterpret_cast<Element*>(to);
  for_each_vector(part, [=](auto v, std::size_t p) HWY_ATTR {
    const auto q = hn::NearestInt(hn::Mul(hn::Sub(v, base), factor));
    hn::StoreU(hn::DemoteTo(narrow, q), narrow, out + p);
  });
}

// Values beyond the part, up to a whole vector, are written too; zeros of W meet them.
NarrowScale quantize_part(const RowPart& part, NarrowInput input, std::byte* out) {
  const Range range = range_of(part);
  const float width = range.largest - range.least;
  if (!std::isfinite(width)) return {std::nanf(""), std::nanf("")};  // whatever the values are
  const bool usable = width >= kSmallestInt8Range;
  const float inverse = usable ? 255.0f / width : 0.0f;
  if (input == NarrowInput::kInt16) quantize_values<std::int16_t>(part, range.least, inverse, out);
  if (input == NarrowInput::kUint8) quantize_values<std::uint8_t>(part, range.least, inverse, out);
  return {usable ? width / 255.0f : 0.0f, range.least};
}

void narrow_to_bf16(const float* x, std::size_t k, std::byte* to) {
  const F32 d;
  const hn::RebindToUnsigned<F32> du;
  const hn::RebindToSigned<F32> di;
  const hn::Rebind<std::uint16_t, F32> narrow;
  std::uint16_t* out = reinterpret_cast<std::uint16_t*>(to);
  for_each_vector({x, nullptr, k}, [=](auto v, std::size_t p) HWY_ATTR {
    const auto upper = hn::ShiftRight<16>(hn::BitCast(du, rounded_to_bf16(d, v)));
    hn::StoreU(hn::DemoteTo(narrow, hn::BitCast(di, upper)), narrow, out + p);
  });
}

// x of a block of rows, narrowed.
struct NarrowRows {
  const std::byte* values;
  std::size_t stride;         // bytes; not a multiple of 4 KiB, see product_f32.cc
  const NarrowScale* scales;  // (rows, num_blocks)
};

void narrow_row(const PackedWeight::Layout& w, const float* x, NarrowScale* scales,
                std::byte* out) {
  const NarrowKernels& kernels = *w.narrow_kernels;
  if (kernels.input == NarrowInput::kBF16) return narrow_to_bf16(x, w.k, out);
  const std::size_t block = scale_block(w);
  if (w.k == 0) scales[0] = {};
  const float* factors = w.input_scales.size() == 0 ? nullptr : w.input_scales.view<float>().data();
  for (std::size_t b = 0, p = 0; p < w.k; p += block, ++b) {
    const RowPart part{x + p, factors == nullptr ? nullptr : factors + p, std::min(block, w.k - p)};
    scales[b] = quantize_part(part, kernels.input, out + p * element_bytes(kernels));
  }
}

NarrowRows narrow_block(const ProductCall& call, const RowBlock& block) {
  constexpr std::size_t kLine = 64;
  const PackedWeight::Layout& w = *call.weight;
  const NarrowKernels& kernels = *w.narrow_kernels;
  const std::size_t row_bytes = padded_k(w) * element_bytes(kernels);
  const std::size_t stride = (row_bytes / kLine + 1) * kLine | kLine;
  const std::size_t scale_bytes =
      (block.rows * w.num_blocks * sizeof(NarrowScale) / kLine + 1) * kLine;
  std::byte* memory = thread_scratch(scale_bytes + (block.rows + kernels.row_multiple) * stride);
  NarrowScale* scales = reinterpret_cast<NarrowScale*>(memory);
  std::byte* values = memory + scale_bytes;
  const std::size_t used = w.k * element_bytes(kernels);
  for (std::size_t i = 0; i < block.rows; ++i) {
    std::byte* row = values + i * stride;
    std::memset(row + used, 0, stride - used);
    narrow_row(w, call.x + (block.first + i) * w.k, scales + i * w.num_blocks, row);
  }
  return {values, stride, scales};
}

constexpr std::size_t kMaxPanelWidth = 32, kMaxTileRows = 32;

// One tile of sums: rows of the block, panels of W, a range of k.
struct NarrowTile {
  std::size_t row, rows;
  std::size_t first_panel, panels;
  std::size_t first_group, groups;
};

void tile_sums(const PackedWeight::Layout& w, const NarrowRows& input, const NarrowTile& tile,
               std::int32_t* sums) {
  const NarrowKernels& kernels = *w.narrow_kernels;
  const std::size_t panel_size = panel_bytes(w);
  const std::size_t group_bytes = kernels.group * element_bytes(kernels);
  const std::size_t panel_group_bytes =
      kernels.group * w.panel_width * dtype_size(w.panels.dtype());
  kernels.kernel(tile.rows, tile.panels)(
      {.x = input.values + tile.row * input.stride + tile.first_group * group_bytes,
       .x_stride = input.stride,
       .panel = w.panels.any().bytes().data() + tile.first_panel * panel_size +
                tile.first_group * panel_group_bytes,
       .panel_size = panel_size,
       .groups = tile.groups},
      sums);
}

// totals += the sums of a tile's block b, scaled.
void add_block(const PackedWeight::Layout& w, const NarrowRows& input, const NarrowTile& tile,
               std::size_t b, const std::int32_t* sums, float* totals) {
  const F32 d;
  const std::size_t columns = tile.panels * w.panel_width;
  const std::size_t at = b * w.num_panels * w.panel_width + tile.first_panel * w.panel_width;
  for (std::size_t i = 0; i < tile.rows; ++i) {
    const IntegerSums row{sums + i * columns, input.scales[(tile.row + i) * w.num_blocks + b],
                          w.scales.view<float>().data() + at,
                          w.block_sums.view<float>().data() + at};
    float* out = totals + i * columns;
    for (std::size_t j = 0; j < columns; j += hn::Lanes(d)) {
      const auto v = row.load(d, j);
      hn::Store(b == 0 ? v : hn::Add(hn::Load(d, out + j), v), d, out + j);
    }
  }
}

void multiply_panels_narrow(const ProductCall& call, const RowBlock& block, const NarrowRows& input,
                            std::size_t first_panel, std::size_t panels) {
  const PackedWeight::Layout& w = *call.weight;
  const NarrowKernels& kernels = *w.narrow_kernels;
  const std::size_t stride = panels * w.panel_width;
  const std::size_t column = first_panel * w.panel_width;
  HWY_ALIGN std::int32_t sums[(RowBlock::kRows + kMaxTileRows) * kMaxPanelWidth];
  for (std::size_t t = 0; t < block.num_tiles(); ++t) {
    NarrowTile tile{block.tile_begin(t), block.tile_rows(t), first_panel, panels, 0, 0};
    std::int32_t* out = sums + tile.row * stride;
    if (w.num_blocks == 1) {
      tile.groups = padded_k(w) / kernels.group;
      tile_sums(w, input, tile, out);
      continue;
    }
    HWY_ALIGN std::int32_t block_sums[kMaxTileRows * kMaxPanelWidth];
    tile.groups = kInt8Block / kernels.group;
    for (std::size_t b = 0; b < w.num_blocks; ++b, tile.first_group += tile.groups) {
      tile_sums(w, input, tile, block_sums);
      add_block(w, input, tile, b, block_sums, reinterpret_cast<float*>(out));
    }
  }
  Tile tile{.sums = sums,
            .stride = stride,
            .row = block.first,
            .rows = block.rows,
            .column = column,
            .columns = std::min(stride, w.n - column)};
  if (kernels.input != NarrowInput::kBF16 && w.num_blocks == 1) {
    tile.row_scales = input.scales;
    tile.column_scales = w.scales.view<float>().data() + column;
    tile.column_sums = w.block_sums.view<float>().data() + column;
  }
  finish_tile(tile, call);
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
    const auto* x = reinterpret_cast<const std::uint8_t*>(in.x + i * in.x_stride);
    for (std::size_t panel = 0; panel < kPanels; ++panel, sums += kWidth) {
      std::fill_n(sums, kWidth, 0);
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
  Element* panels = layout.panels.view<Element>().data();
  for (std::size_t j = 0; j < layout.n; ++j) {
    Element* lane = panels + j / width * panel_size + j % width * group;
    const Element* row = weight.data() + j * layout.k;
    for (std::size_t p = 0; p < layout.k; p += group, lane += group * width)
      std::copy_n(row + p, std::min(group, layout.k - p), lane);
  }
  layout.multiply = FIRTH_DISPATCH(multiply_narrow);
}

}  // namespace

const NarrowKernels& scalar_int8_kernels() {
  static constexpr NarrowKernels kKernels = {.input = NarrowInput::kUint8,
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

void pack_int8(const Int8Weight& weight, PackedWeight::Layout& layout) {
  const NarrowKernels* kernels = &int8_kernels_in_use();
#if defined(__x86_64__)
  // A tile register holds two blocks of k: AMX cannot give each its scale.
  if (weight.scales.cols() > 1 && cpu_level() == CpuLevel::kAmx) kernels = &vnni_int8_kernels();
#endif
  pack_narrow_int8(weight, *kernels, layout);
}

void pack_narrow_int8(const Int8Weight& weight, const NarrowKernels& kernels,
                      PackedWeight::Layout& layout) {
  layout.narrow_kernels = &kernels;
  layout.num_blocks = weight.scales.cols();
  pack_narrow(weight.values, layout);
  const Shape shape{layout.num_blocks, layout.num_panels * layout.panel_width};
  layout.scales = Tensor(DType::kF32, shape);
  layout.block_sums = Tensor(DType::kF32, shape);
  if (!weight.input_scales.empty()) {
    layout.input_scales = Tensor(DType::kF32, Shape{layout.k});
    std::ranges::copy(weight.input_scales, layout.input_scales.view<float>().data());
  }
  const std::size_t block = scale_block(layout);
  for (std::size_t j = 0; j < layout.n; ++j) {
    for (std::size_t b = 0, p = 0; p < layout.k; p += block, ++b) {
      const auto values = weight.values.row(j).subspan(p, std::min(block, layout.k - p));
      const float scale = weight.scales(j, b);
      layout.scales.view<float>()(b, j) = scale;
      layout.block_sums.view<float>()(b, j) =
          scale * static_cast<float>(std::accumulate(values.begin(), values.end(), 0));
    }
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
