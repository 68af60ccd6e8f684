#include "firth/nn/linear.h"

#include <utility>

namespace firth {

Linear::Linear(View<const float> weight, Tensor bias, Precision precision)
    : weight_(weight, precision), bias_(std::move(bias)) {}

namespace {

// y = activation(x) + residual; y may be either of them, the residual may be empty.
void finish(ActivationFunction::Scalar activation, std::span<const float> x,
            std::span<const float> residual, std::span<float> y) {
  for (std::size_t i = 0; i < y.size(); ++i)
    y[i] = activation(x[i]) + (residual.empty() ? 0.0F : residual[i]);
}

}  // namespace

Var linear(Pass& pass, const Linear& layer, Var x, const LinearOptions& options) {
  if (pass.observer() != nullptr) pass.observer()->see(layer, x.value);
  const Shape shape{x.rows(), layer.out_features()};
  if (const auto activation = options.activation.after) {
    // The product does not go where the residual may lie: that is needed after it.
    const Var y = pass.result(shape, options.reuse);
    const Var product = options.reuse.value.empty() ? y : pass.result(shape);
    packed_product(x.value, layer.weight(), {.bias = layer.bias()}, product.value);
    finish(activation, product.value.span(), options.residual.value.span(), y.value.span());
    return y;
  }
  const Var y = pass.result(shape, options.reuse);
  packed_product(x.value, layer.weight(),
                 {.bias = layer.bias(),
                  .activation = options.activation.fused,
                  .residual = options.residual.value},
                 y.value);
  return y;
}

}  // namespace firth
