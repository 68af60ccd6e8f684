// Reading the weights of layers from a checkpoint by their names there, with their shapes checked.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "firth/core/precision.h"
#include "firth/core/workspace.h"
#include "firth/io/safetensors.h"
#include "firth/nn/layer_norm.h"
#include "firth/nn/linear.h"

namespace firth {

// A module of the checkpoint: NAME.weight and NAME.bias.
struct LinearPart {
  std::string name;
  std::size_t out = 0;
};

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

class WeightReader {
 public:
  // `prefix` stands before every name that is asked for.
  WeightReader(const Checkpoint& checkpoint, std::string prefix, Precision precision)
      : checkpoint_(&checkpoint), prefix_(std::move(prefix)), precision_(precision) {}

  AnyView view(const std::string& name, const Shape& shape) const;   // where it lies in the file
  Tensor tensor(const std::string& name, const Shape& shape) const;  // an f32 copy

  // NAME.weight (out, in) and NAME.bias (out).
  Linear linear(const std::string& name, std::size_t out, std::size_t in, bool bias = true) const;

  // Several linear layers of one input as one product: their weights one below the other, put
  // together in memory of `scratch`.
  Linear linear(std::span<const LinearPart> parts, std::size_t in, const LinearForm& form,
                Arena& scratch) const;

  // NAME.weight and NAME.bias (size); gamma and beta in checkpoints of TensorFlow's time. Without a
  // name, an empty norm.
  LayerNorm norm(std::string_view name, std::size_t size, const NormForm& form) const;

 private:
  const Checkpoint* checkpoint_;
  std::string prefix_;
  Precision precision_;
};

}  // namespace firth
