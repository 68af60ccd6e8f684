// The element-wise functions that end a linear layer, over a run of numbers. Products apply them to
// each tile while it is in the cache; this call is for whatever has no product before it.
#pragma once

#include <cstdint>
#include <span>

#include "firth/core/tensor.h"

namespace firth {

enum class Activation : std::uint8_t {
  kNone,
  kGelu,      // x * Phi(x), by erf as PyTorch's default
  kGeluTanh,  // its tanh approximation, "gelu_new" and "gelu_pytorch_tanh"
  kRelu,
  kTanh,
  kSigmoid,
  kSilu,
};

// y[i] = activation(x[i]); y may be x. The result for a number does not depend on its place.
void activate(Activation activation, std::span<const float> x, std::span<float> y);

enum class GateHalf : std::uint8_t { kFirst, kSecond };

// A gated linear unit (Shazeer 2020, arXiv:2002.05202): y = activation(gate) * other, the two side
// by side in x: (rows, 2 * n), y: (rows, n).
void activate_gated(Activation activation, View<const float> x, GateHalf gate, View<float> y);

}  // namespace firth
