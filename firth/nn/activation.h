// The element-wise function that ends a linear layer, as models name it. Those of almost every
// model are fused into the product (kernels/activation.h); the others run over its result, a number
// at a time: slower, but as right.
#pragma once

#include "firth/kernels/activation.h"
#include "firth/nn/var.h"

namespace firth {

struct ActivationFunction {
  using Scalar = float (*)(float);

  constexpr ActivationFunction() = default;

  // NOLINTNEXTLINE(google-explicit-constructor): stands wherever an Activation does
  constexpr ActivationFunction(Activation activation) : fused(activation) {}

  // NOLINTNEXTLINE(google-explicit-constructor)
  constexpr ActivationFunction(Scalar function) : after(function) {}

  Activation fused = Activation::kNone;
  Scalar after = nullptr;  // instead of `fused`
};

// In place, over a whole value: for what has no product before it.
Var activated(const ActivationFunction& activation, Var x);

// y = activation(gate) * other, the two side by side in x: (rows, 2 * n) -> (rows, n)
Var gated(Pass& pass, const ActivationFunction& activation, Var x, GateHalf gate);

// Named as torch.nn and transformers name them; constants are those libraries' defaults.
float clipped_gelu(float x);  // "gelu_10": gelu within [-10, 10]
float quick_gelu(float x);    // x sigmoid(1.702 x)
float laplace(float x);       // (1 + erf((x - 0.707107) / (0.282095 sqrt 2))) / 2
float sqrt_softplus(float x);
float relu6(float x);
float relu_squared(float x);
float leaky_relu(float x);
float elu(float x);
float selu(float x);
float softplus(float x);
float softsign(float x);
float mish(float x);  // x tanh(softplus(x))
float hardtanh(float x);
float hardswish(float x);
float hardsigmoid(float x);
float log_sigmoid(float x);
float tanhshrink(float x);

}  // namespace firth
