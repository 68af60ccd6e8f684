// Layer normalization over the last dimension (Ba et al. 2016, arXiv:1607.06450, section 3); the
// formula stands in kernels/norm.h.
#pragma once

#include "firth/core/tensor.h"
#include "firth/kernels/norm.h"
#include "firth/nn/var.h"

namespace firth {

struct LayerNorm {
  Tensor weight;  // (hidden_size)
  Tensor bias;    // (hidden_size); empty = zeros
  float eps = 1e-12F;
  bool center = true;  // false = RMS norm

  bool empty() const { return weight.size() == 0; }

  LayerNormWeights kernel_weights() const;
};

// `reuse` may be x.
Var layer_norm(Pass& pass, const LayerNorm& norm, Var x, Var reuse = {});

}  // namespace firth
