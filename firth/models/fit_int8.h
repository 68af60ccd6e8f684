// Fitting int8 weights to a model: which scale each column of a layer's input gets, from texts that
// run through the model in f32, and how far each layer's product then is from f32.
//
//   input_scales[p] = w[p]^0.55 / x[p]^0.45,   geometric mean 1
//
// x[p] is the root mean square of column p of the input, w[p] that of column p of the weight: a
// column whose values are far larger than the others' is made smaller, and its weights larger.
// Nothing else of what is known for fewer bits is used, because with eight it gains nothing that
// can be measured: docs/decisions.md.
#pragma once

#include <string>
#include <vector>

#include "firth/core/ragged.h"
#include "firth/core/workspace.h"
#include "firth/io/safetensors.h"
#include "firth/kernels/int8_weight.h"
#include "firth/models/encoder.h"
#include "firth/nn/linear.h"

namespace firth {

struct FittedLayer {
  LinearOrigin origin;
  OwnedInt8Weight weight;
  double drift = 0;  // |int8 - f32| / |f32| of its outputs, over all texts

  std::string name() const;  // "encoder.layer.0.attention.self.query+key+value"
};

struct FitOptions {
  bool blocks = false;  // scales for blocks of 32 columns
};

// `encoder` is f32 and was read from `checkpoint`. One thread, so the same weights every time.
// Layers come in the order in which they run.
std::vector<FittedLayer> fit_int8(const Encoder& encoder, const Checkpoint& checkpoint,
                                  const Ragged& texts, const FitOptions& options);

}  // namespace firth
