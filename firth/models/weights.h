// Reading the weights of layers from a checkpoint by their names there, with their shapes checked.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "firth/core/precision.h"
#include "firth/core/workspace.h"
#include "firth/io/safetensors.h"
#include "firth/models/int8_certificate.h"
#include "firth/nn/layer_norm.h"
#include "firth/nn/linear.h"

namespace firth {

struct LinearForm {
  bool bias = true;
  bool transposed = false;  // weights are stored (in, out), as GPT-2's are
};

struct NormForm {
  float eps = 1e-12F;
  bool center = true;  // false = RMS norm
  bool bias = true;
  bool plus_one = false;  // the weight is stored less 1, as Gemma's is
};

// Error: unsupported if int8 weights are to be used as floats.
Precision chosen_precision(PrecisionChoice choice, const Checkpoint& checkpoint);

// The weight of a linear layer as one f32 matrix, (out, in), from wherever its rows lie.
Tensor read_weight(const Checkpoint& checkpoint, const LinearOrigin& origin, std::size_t in);

class WeightReader {
 public:
  // `prefix` stands before every name that is asked for.
  WeightReader(const Checkpoint& checkpoint, std::string prefix, Precision precision);

  AnyView view(const std::string& name, const Shape& shape) const;   // where it lies in the file
  Tensor tensor(const std::string& name, const Shape& shape) const;  // an f32 copy

  // NAME.weight (out, in) and NAME.bias (out). What lies there in int8 is taken as it is; what lies
  // there as floats is rounded to the reader's precision, but is f32 beside int8 weights, for that
  // is what was certified.
  Linear linear(const std::string& name, std::size_t out, std::size_t in, bool bias = true) const;

  // Several linear layers of one input as one product: their weights one below the other, put
  // together in memory of `scratch`.
  Linear linear(std::span<const LinearPart> parts, std::size_t in, const LinearForm& form,
                Arena& scratch) const;

  // NAME.weight and NAME.bias (size); gamma and beta in checkpoints of TensorFlow's time. Without a
  // name, an empty norm.
  LayerNorm norm(std::string_view name, std::size_t size, const NormForm& form) const;

 private:
  Linear int8_linear(LinearOrigin origin, std::size_t in, bool bias) const;

  const Checkpoint* checkpoint_;
  std::string prefix_;
  Precision precision_;
};

}  // namespace firth
