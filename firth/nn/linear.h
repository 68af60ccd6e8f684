// A linear layer with what follows it fused into the product's epilogue:
//
//   y = activation(x W^T + b) + residual      x: (rows, in)  W: (out, in)  b: (out)  y: (rows, out)
#pragma once

#include "firth/core/tensor.h"
#include "firth/kernels/product.h"
#include "firth/nn/activation.h"
#include "firth/nn/var.h"

namespace firth {

class Linear {
 public:
  Linear() = default;
  Linear(View<const float> weight, Tensor bias, Precision precision);  // an empty bias: none

  std::size_t in_features() const { return weight_.k(); }

  std::size_t out_features() const { return weight_.n(); }

  const PackedWeight& weight() const { return weight_; }

  const float* bias() const { return bias_.size() == 0 ? nullptr : bias_.view<float>().data(); }

 private:
  PackedWeight weight_;
  Tensor bias_;
};

struct LinearOptions {
  ActivationFunction activation{};
  Var residual{};  // (rows, out), added after the activation; empty = none
  Var reuse{};     // see Pass::result; may be the residual, not x
};

Var linear(Pass& pass, const Linear& layer, Var x, const LinearOptions& options = {});

}  // namespace firth
