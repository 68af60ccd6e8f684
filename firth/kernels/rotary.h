// Rotary positions (Su et al. 2021, arXiv:2104.09864) in the arrangement of GPT-NeoX and Llama: of
// a head, component i and component i + n of the first 2n are a pair, which turns by the angle a(t,
// i) of the token at t.
//
//   x[i]     = x[i] cos a - x[i + n] sin a
//   x[i + n] = x[i + n] cos a + x[i] sin a
#pragma once

#include <cstddef>

#include "firth/core/tensor.h"

namespace firth {

struct RotaryHeads {
  float* data = nullptr;   // head h of token t is at data + t * stride + h * head_dim
  std::size_t stride = 0;  // floats from a token to the next
  std::size_t num_heads = 0;
  std::size_t head_dim = 0;
};

// Turns the heads of the tokens of one sequence, of which there are cosines.rows(), in place.
// cosines, sines: (tokens, n), 2 n <= head_dim.
void rotate(const RotaryHeads& heads, View<const float> cosines, View<const float> sines);

}  // namespace firth
