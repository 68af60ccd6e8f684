#include "firth/nn/activation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace firth {

// In double, so that no constant or intermediate step costs a bit of the result.
namespace {

constexpr double kSqrt2 = std::numbers::sqrt2;

double softplus_of(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

double gate6(double x) {
  return std::clamp(x + 3, 0.0, 6.0) / 6;
}

}  // namespace

float clipped_gelu(float x) {
  return static_cast<float>(std::clamp(0.5 * x * (1 + std::erf(x / kSqrt2)), -10.0, 10.0));
}

float quick_gelu(float x) {
  return static_cast<float>(x / (1 + std::exp(-1.702 * x)));
}

float laplace(float x) {
  return static_cast<float>(0.5 * (1 + std::erf((x - 0.707107) / (0.282095 * kSqrt2))));
}

float sqrt_softplus(float x) {
  return static_cast<float>(std::sqrt(softplus_of(x)));
}

float relu6(float x) {
  return std::clamp(x, 0.0F, 6.0F);
}

float relu_squared(float x) {
  const float positive = std::max(x, 0.0F);
  return positive * positive;
}

float leaky_relu(float x) {
  return x >= 0 ? x : static_cast<float>(0.01 * x);
}

float elu(float x) {
  return x > 0 ? x : static_cast<float>(std::expm1(static_cast<double>(x)));
}

float selu(float x) {
  constexpr double kScale = 1.0507009873554804934193349852946;
  constexpr double kAlpha = 1.6732632423543772848170429916717;
  return static_cast<float>(kScale * (x > 0 ? x : kAlpha * std::expm1(static_cast<double>(x))));
}

float softplus(float x) {
  return static_cast<float>(softplus_of(x));
}

float softsign(float x) {
  return x / (1 + std::abs(x));
}

float mish(float x) {
  return static_cast<float>(x * std::tanh(softplus_of(x)));
}

float hardtanh(float x) {
  return std::clamp(x, -1.0F, 1.0F);
}

float hardswish(float x) {
  return static_cast<float>(x * gate6(x));
}

float hardsigmoid(float x) {
  return static_cast<float>(gate6(x));
}

float log_sigmoid(float x) {
  return static_cast<float>(-softplus_of(-static_cast<double>(x)));
}

float tanhshrink(float x) {
  return static_cast<float>(x - std::tanh(static_cast<double>(x)));
}

Var activated(const ActivationFunction& activation, Var x) {
  if (activation.after == nullptr) {
    activate(activation.fused, x.value.span(), x.value.span());
  } else {
    for (float& value : x.value.span()) value = activation.after(value);
  }
  return x;
}

Var gated(Pass& pass, const ActivationFunction& activation, Var x, GateHalf gate) {
  const Var y = pass.result({x.rows(), x.cols() / 2});
  if (activation.after == nullptr) {
    activate_gated(activation.fused, x.value, gate, y.value);
    return y;
  }
  const std::size_t begin = gate == GateHalf::kFirst ? 0 : y.cols(), other = y.cols() - begin;
  for (std::size_t row = 0; row < y.rows(); ++row) {
    for (std::size_t i = 0; i < y.cols(); ++i)
      y.value(row, i) = activation.after(x.value(row, begin + i)) * x.value(row, other + i);
  }
  return y;
}

}  // namespace firth
