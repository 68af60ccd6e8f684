// What sentence-transformers lets follow the pooling: Dense, LayerNorm and Normalize modules, each
// a step from one matrix of sentence vectors to the next. A row is computed by itself.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "firth/core/precision.h"
#include "firth/nn/layer_norm.h"
#include "firth/nn/linear.h"

namespace firth {

// y = activation(x W^T + b) [+ x, or + x R^T where the widths differ]
struct DenseModule {
  Linear linear;
  ActivationFunction activation = Activation::kTanh;
  bool use_residual = false;
  std::optional<Linear> residual;
};

struct NormalizeModule {};

// Keeps the first components: "truncate_dim" of config_sentence_transformers.json.
struct CutModule {
  std::size_t dimension;
};

using VectorModule = std::variant<DenseModule, LayerNorm, NormalizeModule, CutModule>;

// From the folder of such a module. `in` is the width of what comes in; errors name what does not
// fit. Files that vectors depend on are appended to `files`.
VectorModule read_dense(const std::string& folder, std::size_t in, Precision precision,
                        std::vector<std::string>& files);
VectorModule read_layer_norm(const std::string& folder, std::size_t in,
                             std::vector<std::string>& files);
// `model_folder` and the module's path in it: published folders often lack the empty folder itself.
VectorModule read_normalize(const std::string& model_folder, const std::string& path);

std::size_t output_width(const VectorModule& module, std::size_t in);

Var apply(Pass& pass, const VectorModule& module, Var x);

}  // namespace firth
