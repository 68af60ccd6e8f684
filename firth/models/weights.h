// Reading the weights of layers from a checkpoint by their names there, with their shapes checked.
#pragma once

#include <initializer_list>
#include <span>
#include <string>

#include "firth/core/precision.h"
#include "firth/core/workspace.h"
#include "firth/io/safetensors.h"
#include "firth/nn/layer_norm.h"
#include "firth/nn/linear.h"

namespace firth {

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
  Linear fused_linear(std::initializer_list<std::string> names, std::size_t out_each,
                      std::size_t in, Arena& scratch) const;

  // NAME.weight and NAME.bias (size); gamma and beta in checkpoints of TensorFlow's time.
  LayerNorm layer_norm(const std::string& name, std::size_t size, float eps) const;

 private:
  const Checkpoint* checkpoint_;
  std::string prefix_;
  Precision precision_;
};

}  // namespace firth
