// Rotary positions of queries and keys (kernels/rotary.h). The angle of pair i at position t is
//
//   a(t, i) = t * base^(-i / n),   n pairs
//
// in f32 step by step, as the reference computes it: at position 8000 another rounding of the
// frequencies moves an angle by 1e-4.
#pragma once

#include <cstdint>
#include <span>

#include "firth/core/tensor.h"
#include "firth/nn/var.h"

namespace firth {

struct RotaryTable {
  View<const float> cosines;  // (positions, n)
  View<const float> sines;
};

// base^(-i / n), i = 0 … n - 1.
Tensor rotary_frequencies(double base, std::size_t n);

// For the positions of the longest of the sequences; lives in the arena of the pass.
RotaryTable rotary_table(Pass& pass, const Tensor& frequencies,
                         std::span<const std::int64_t> offsets);

// Turns the first num_heads heads of every row of x, in place: those of queries and keys.
void rotary(const RotaryTable& table, Var x, std::span<const std::int64_t> offsets,
            std::size_t num_heads, std::size_t head_dim);

}  // namespace firth
