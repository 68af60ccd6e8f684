#include "firth/nn/layer_norm.h"

namespace firth {

LayerNormWeights LayerNorm::kernel_weights() const {
  const auto data = [](const Tensor& t) {
    return t.size() == 0 ? nullptr : t.view<float>().data();
  };
  return {.weight = data(weight), .bias = data(bias), .eps = eps, .center = center};
}

Var layer_norm(Pass& pass, const LayerNorm& norm, Var x, Var reuse) {
  const Var y = pass.result(x.value.shape(), reuse);
  layer_norm(x.value, norm.kernel_weights(), y.value);
  return y;
}

}  // namespace firth
