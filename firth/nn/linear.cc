#include "firth/nn/linear.h"

#include <utility>

namespace firth {

Linear::Linear(View<const float> weight, Tensor bias, Precision precision)
    : weight_(weight, precision), bias_(std::move(bias)) {}

Var linear(Pass& pass, const Linear& layer, Var x, const LinearOptions& options) {
  const Var y = pass.result({x.rows(), layer.out_features()}, options.reuse);
  packed_product(
      x.value, layer.weight(),
      {.bias = layer.bias(), .activation = options.activation, .residual = options.residual.value},
      y.value);
  return y;
}

}  // namespace firth
