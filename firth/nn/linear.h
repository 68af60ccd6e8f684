// A linear layer with what follows it fused into the product's epilogue:
//
//   y = activation(x W^T + b) + residual      x: (rows, in)  W: (out, in)  b: (out)  y: (rows, out)
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "firth/core/tensor.h"
#include "firth/kernels/product.h"
#include "firth/nn/activation.h"
#include "firth/nn/var.h"

namespace firth {

// A module of a checkpoint, NAME.weight and NAME.bias, and its number of outputs.
struct LinearPart {
  std::string name;
  std::size_t out = 0;
};

// The modules whose weights, one below the other, are the weight of a layer.
struct LinearOrigin {
  std::vector<LinearPart> parts;  // empty: not told
  bool transposed = false;        // stored as (in, out), as GPT-2's are
};

class Linear {
 public:
  Linear() = default;
  Linear(View<const float> weight, Tensor bias, Precision precision);  // an empty bias: none

  Linear(PackedWeight weight, Tensor bias) : weight_(std::move(weight)), bias_(std::move(bias)) {}

  const LinearOrigin& origin() const { return origin_; }

  void set_origin(LinearOrigin origin) { origin_ = std::move(origin); }

  std::size_t in_features() const { return weight_.k(); }

  std::size_t out_features() const { return weight_.n(); }

  const PackedWeight& weight() const { return weight_; }

  const float* bias() const { return bias_.size() == 0 ? nullptr : bias_.view<float>().data(); }

 private:
  PackedWeight weight_;
  Tensor bias_;
  LinearOrigin origin_;
};

// Looks at the inputs of layers while a model runs: how weights are fitted to them.
class LinearObserver {
 public:
  virtual ~LinearObserver() = default;
  virtual void see(const Linear& layer, View<const float> x) = 0;
};

struct LinearOptions {
  ActivationFunction activation{};
  Var residual{};  // (rows, out), added after the activation; empty = none
  Var reuse{};     // see Pass::result; may be the residual, not x
};

Var linear(Pass& pass, const Linear& layer, Var x, const LinearOptions& options = {});

}  // namespace firth
