// The packed form of a weight, shared by the kernels that multiply with it; private to kernels/.
#pragma once

#include <cstddef>
#include <cstdint>

#include "firth/core/precision.h"
#include "firth/core/tensor.h"
#include "firth/kernels/product.h"

namespace firth {

struct NarrowKernels;

// What a row of x, or a block of it, became in eight bits: x ~ low + scale * integer.
struct NarrowScale {
  float scale;
  float low;
};

// Everything one kernel is told.
struct ProductCall {
  const float* x = nullptr;  // (rows, k)
  std::size_t rows = 0;
  const PackedWeight::Layout* weight = nullptr;
  const Epilogue* epilogue = nullptr;
  float* y = nullptr;  // (rows, n)
  PanelRange panels;
};

// Panel p holds rows [p * panel_width, (p + 1) * panel_width) of W, that is as many columns of y;
// rows beyond n are zero. Within a panel the values that meet the same x lie side by side.
struct PackedWeight::Layout {
  Precision precision = Precision::kF32;
  std::size_t n = 0;
  std::size_t k = 0;
  std::size_t panel_width = 0;
  std::size_t num_panels = 0;
  Tensor panels;
  // The rest is for narrow weights only. Blocks of k with scales of their own; int8 only: (blocks,
  // num_panels * panel_width), f32, the scales of W and the sums of its blocks times their scales.
  std::size_t num_blocks = 1;
  Tensor scales;
  Tensor block_sums;
  Tensor input_scales;  // (k) or empty
  const NarrowKernels* narrow_kernels = nullptr;
  // The kernel of the CPU level that the weight was packed for.
  void (*multiply)(const ProductCall& call) = nullptr;
};

// At least `bytes` of 64-byte aligned memory that this thread keeps for its next call: a block of
// x, copied or narrowed. Contents are lost at the next call.
std::byte* thread_scratch(std::size_t bytes);

// Each fills a layout whose n and k are set, for cpu_level().
void pack_f32(View<const float> weight, PackedWeight::Layout& layout);
void pack_bf16(View<const float> weight, PackedWeight::Layout& layout);
void pack_int8(const Int8Weight& weight, PackedWeight::Layout& layout);
void pack_narrow_int8(const Int8Weight& weight, const NarrowKernels& kernels,
                      PackedWeight::Layout& layout);
void pack_narrow_bf16(View<const float> weight, const NarrowKernels& kernels,
                      PackedWeight::Layout& layout);

}  // namespace firth
