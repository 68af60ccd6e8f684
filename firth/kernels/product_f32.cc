// The f32 product: outer products in registers, after Goto & van de Geijn 2008 ("Anatomy of
// high-performance matrix multiplication"). The promise of product.h forces one rule: y[i, j] is a
// single chain of fused multiply-adds over k = 0, 1, 2, … in one register lane, whichever tile it
// falls in. Lanes, rows and tiles are independent of each other, so the shape of a tile changes the
// speed and never the bits; and where k is cut, the sums rest in memory as they are and the chain
// goes on.
//
//   for each block of about 112 rows (row_block.h)
//     for each panel of W, two vectors wide
//       for each chunk of k, so that the panel's and the block's part stay in the caches
//         for each tile of up to kMaxRows rows: sums in registers
//       the epilogue
//
// A step of a tile of R rows does 2 R multiply-adds for 2 loads of W and R broadcasts of x.
//
// The bf16 product of CPUs without AMX or a fast vdpbf16ps is the same on rounded values: W is kept
// in 16 bits and widened as it is loaded, x is rounded block by block. Quality is that of AMX,
// speed that of f32 or, where reading W is what takes time, better.
#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>
#include <utility>

#include "firth/kernels/product_layout.h"
#include "firth/kernels/row_block.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "firth/kernels/product_f32.cc"
#include "firth/kernels/simd.h"
// simd.h chooses the targets, foreach_target.h compiles for each of them
#include "hwy/foreach_target.h"
// the rest is seen once for each target
#include "firth/kernels/bf16-inl.h"
#include "firth/kernels/tile_epilogue-inl.h"
#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::ScalableTag<float>;

constexpr std::size_t kPanelVectors = 2;

// Sums and one row of W must fit the registers: 32 of them, or 16 (AVX2, plain x86-64).
#if HWY_TARGET == HWY_AVX3
constexpr std::size_t kMaxRows = 14;
#elif HWY_TARGET == HWY_NEON
constexpr std::size_t kMaxRows = 12;
#else
constexpr std::size_t kMaxRows = 6;
#endif

constexpr std::size_t kChunk = 1024;  // of k: a panel's part is 128 KiB with AVX-512, 64 with AVX2
constexpr std::size_t kPrefetchSteps = 32;  // of k, ahead of the multiply-adds
constexpr std::size_t kMaxLanes = HWY_MAX_BYTES / sizeof(float);

template <class Weight>
struct TileInput {
  const float* x;  // of the tile's first row, at the chunk's beginning
  std::size_t x_stride;
  const Weight* panel;  // the first panel, at the chunk's beginning
  std::size_t panel_size;
  std::size_t depth;  // of the chunk
  bool resume;        // go on with the sums that are there
};

HWY_INLINE hn::Vec<F32> load_weights(F32 d, const float* from) {
  return hn::Load(d, from);
}

HWY_INLINE hn::Vec<F32> load_weights(F32 d, const BFloat16* from) {
  const hn::RebindToUnsigned<F32> du;
  const hn::Rebind<std::uint16_t, F32> narrow;
  const auto bits = hn::Load(narrow, reinterpret_cast<const std::uint16_t*>(from));
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(du, bits)));
}

// sums: (kRows, kPanels * panel width)
template <class Weight, std::size_t kRows, std::size_t kPanels>
void add_to_tile(const TileInput<Weight>& in, float* HWY_RESTRICT sums) {
  const F32 d;
  constexpr std::size_t kVectors = kPanels * kPanelVectors;
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<F32> acc[kRows][kVectors];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 16
    for (std::size_t j = 0; j < kVectors; ++j) {
      acc[i][j] = in.resume ? hn::Load(d, sums + (i * kVectors + j) * lanes) : hn::Zero(d);
    }
  }
  const float* HWY_RESTRICT x = in.x;
  const Weight* HWY_RESTRICT panel = in.panel;
  const std::size_t x_stride = in.x_stride, panel_size = in.panel_size;
  for (const float* end = x + in.depth; x != end; ++x) {
    hn::Vec<F32> w[kVectors];
#pragma GCC unroll 16
    for (std::size_t j = 0; j < kVectors; ++j) {
      w[j] = load_weights(d, panel + j / kPanelVectors * panel_size + j % kPanelVectors * lanes);
    }
    // The first tile of a block fetches the panel for all of them, from the third-level cache or
    // memory, which the processor's own prefetching follows too late: 10 % at 1024 x 4096. Tiles
    // of one or two rows read several panels and lose by it.
    if constexpr (kPanels == 1) {
#pragma GCC unroll 16
      for (std::size_t j = 0; j < kVectors; ++j) {
        if (j * lanes * sizeof(Weight) % 64 != 0) continue;  // once for each cache line
        hwy::Prefetch(panel + (kPrefetchSteps * kPanelVectors + j) * lanes);
      }
    }
    panel += kPanelVectors * lanes;
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kRows; ++i) {
      const hn::Vec<F32> xi = hn::Set(d, x[i * x_stride]);
#pragma GCC unroll 16
      for (std::size_t j = 0; j < kVectors; ++j) acc[i][j] = hn::MulAdd(w[j], xi, acc[i][j]);
    }
  }
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 16
    for (std::size_t j = 0; j < kVectors; ++j) {
      hn::Store(acc[i][j], d, sums + (i * kVectors + j) * lanes);
    }
  }
}

template <class Weight>
using TileKernel = void (*)(const TileInput<Weight>& in, float* sums);

template <class Weight, std::size_t... kIndex>
constexpr std::array<TileKernel<Weight>, sizeof...(kIndex)> one_panel_kernels(
    std::index_sequence<kIndex...>) {
  return {&add_to_tile<Weight, kIndex + 1, 1>...};
}

template <class Weight>
TileKernel<Weight> kernel_for(std::size_t rows, std::size_t panels) {
  static constexpr auto kOnePanel = one_panel_kernels<Weight>(std::make_index_sequence<kMaxRows>());
  if (panels == 4) return &add_to_tile<Weight, 1, 4>;
  if (panels == 2) return &add_to_tile<Weight, 2, 2>;
  return kOnePanel[rows - 1];
}

// x of a block of rows, at a stride that suits the cache.
struct BlockInput {
  const float* x;
  std::size_t stride;
};

void copy_rounded_to_bf16(const float* x, std::size_t k, float* out) {
  const F32 d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t p = 0;
  for (; p + lanes <= k; p += lanes) {
    hn::StoreU(rounded_to_bf16(d, hn::LoadU(d, x + p)), d, out + p);
  }
  for (; p < k; ++p) out[p] = to_float(to_bfloat16(x[p]));
}

// Where k is a multiple of 512, rows lie a multiple of 2 KiB apart and a column of x falls into so
// few sets of the first-level cache that it evicts itself (at k = 1024: half the speed). Such a
// block is copied to rows a cache line further apart. So is a block that must be rounded.
BlockInput block_input(const ProductCall& call, const RowBlock& block) {
  constexpr std::size_t kLine = 64 / sizeof(float), kFewRows = 4;
  const std::size_t k = call.weight->k;
  const float* x = call.x + block.first * k;
  const bool round = call.weight->precision == Precision::kBF16;
  if (!round && (k % 512 != 0 || block.rows <= kFewRows)) return {x, k};
  const std::size_t stride = (k / kLine + 1) * kLine | kLine;
  float* copy = reinterpret_cast<float*>(thread_scratch(block.rows * stride * sizeof(float)));
  for (std::size_t i = 0; i < block.rows; ++i) {
    if (round) {
      copy_rounded_to_bf16(x + i * k, k, copy + i * stride);
    } else {
      std::memcpy(copy + i * stride, x + i * k, k * sizeof(float));
    }
  }
  return {copy, stride};
}

template <class Weight>
void multiply_panels(const ProductCall& call, const RowBlock& block, const BlockInput& input,
                     std::size_t first_panel, std::size_t panels) {
  const PackedWeight::Layout& w = *call.weight;
  const std::size_t stride = panels * w.panel_width;
  HWY_ALIGN float sums[(RowBlock::kRows + kMaxRows) * kPanelVectors * kMaxLanes];
  const std::size_t chunks = std::max<std::size_t>(1, (w.k + kChunk - 1) / kChunk);
  const Weight* packed = w.panels.view<Weight>().data() + first_panel * w.panel_width * w.k;
  for (std::size_t c = 0; c < chunks; ++c) {
    const std::size_t begin = w.k * c / chunks, end = w.k * (c + 1) / chunks;
    for (std::size_t t = 0; t < block.num_tiles(); ++t) {
      const std::size_t row = block.tile_begin(t);
      kernel_for<Weight>(block.tile_rows(t), panels)({.x = input.x + row * input.stride + begin,
                                                      .x_stride = input.stride,
                                                      .panel = packed + begin * w.panel_width,
                                                      .panel_size = w.panel_width * w.k,
                                                      .depth = end - begin,
                                                      .resume = c > 0},
                                                     sums + row * stride);
    }
  }
  const std::size_t column = first_panel * w.panel_width;
  finish_tile({.sums = sums,
               .stride = stride,
               .row = block.first,
               .rows = block.rows,
               .column = column,
               .columns = std::min(stride, w.n - column)},
              call);
}

template <class Weight>
void multiply(const ProductCall& call) {
  for (std::size_t first = 0; first < call.rows;) {
    const RowBlock block = RowBlock::at(first, call.rows, kMaxRows);
    const BlockInput input = block_input(call, block);
    std::size_t p = call.panels.first;
    for (const std::size_t step = block.panels_at_once(); p + step <= call.panels.last; p += step) {
      multiply_panels<Weight>(call, block, input, p, step);
    }
    for (; p < call.panels.last; ++p) multiply_panels<Weight>(call, block, input, p, 1);
    first += block.rows;
  }
}

template <class Weight>
Weight packed_weight(float v) {
  if constexpr (std::is_same_v<Weight, BFloat16>) {
    return to_bfloat16(v);
  } else {
    return v;
  }
}

// 16 columns of W at a time, so that what is written stays in the first-level cache.
template <class Weight>
void pack_panels(View<const float> weight, PackedWeight::Layout& layout) {
  const std::size_t width = kPanelVectors * hn::Lanes(F32());
  layout.panel_width = width;
  layout.num_panels = (layout.n + width - 1) / width;
  layout.panels = Tensor(kDTypeOf<Weight>, Shape{layout.num_panels, layout.k, width});
  Weight* out = layout.panels.view<Weight>().data();
  constexpr std::size_t kColumns = 16;
  for (std::size_t j0 = 0; j0 < layout.n; j0 += width) {
    Weight* panel = out + j0 * layout.k;
    for (std::size_t p0 = 0; p0 < layout.k; p0 += kColumns) {
      const std::size_t p1 = std::min(p0 + kColumns, layout.k);
      for (std::size_t j = j0; j < std::min(j0 + width, layout.n); ++j) {
        const float* row = weight.data() + j * layout.k;
        for (std::size_t p = p0; p < p1; ++p)
          panel[p * width + j - j0] = packed_weight<Weight>(row[p]);
      }
    }
  }
  layout.multiply = &multiply<Weight>;
}

void pack_panels_f32(View<const float> weight, PackedWeight::Layout& layout) {
  pack_panels<float>(weight, layout);
}

void pack_panels_bf16(View<const float> weight, PackedWeight::Layout& layout) {
  pack_panels<BFloat16>(weight, layout);
}

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace firth {

void pack_f32(View<const float> weight, PackedWeight::Layout& layout) {
  FIRTH_DISPATCH(pack_panels_f32)(weight, layout);
}

void pack_bf16(View<const float> weight, PackedWeight::Layout& layout) {
  FIRTH_DISPATCH(pack_panels_bf16)(weight, layout);
}

}  // namespace firth
#endif
