#include "firth/models/vector_modules.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/json.h"
#include "firth/io/model_folder.h"
#include "firth/kernels/vector.h"
#include "firth/models/config.h"
#include "firth/models/weights.h"

namespace firth {
namespace {

ActivationFunction torch_activation(const Json& config) {
  const auto value = config.find("activation_function");
  if (!value) return Activation::kTanh;  // Dense's own default
  return value->is_null() ? Activation::kNone : read_torch_activation(*value);
}

// Modules that work on other values than the sentence vector belong to other kinds of models.
void check_names(const Json& config) {
  for (const std::string_view field : {"module_input_name", "module_output_name"}) {
    if (read_string(config, field).value_or("sentence_embedding") != "sentence_embedding") {
      fail(ErrorKind::kUnsupported, config.at(field).where(),
           ": expected 'sentence_embedding', found ", config.at(field).describe());
    }
  }
}

std::size_t checked_width(const Json& config, std::string_view field, std::size_t in) {
  const std::size_t stated = read_count(config, field);
  if (stated != in) {
    fail(ErrorKind::kCorrupt, config.at(field).where(), ": expected ", in,
         ", the width of the module before it, found ", stated);
  }
  return stated;
}

Var cut(Pass& pass, std::size_t dimension, Var x) {
  const Var y = pass.result({x.rows(), dimension});
  for (std::size_t i = 0; i < x.rows(); ++i)
    std::ranges::copy(x.value.row(i).first(dimension), y.value.row(i).begin());
  return y;
}

Var dense(Pass& pass, const DenseModule& module, Var x) {
  Var residual;
  if (module.use_residual) residual = module.residual ? linear(pass, *module.residual, x) : x;
  return linear(pass, module.linear, x, {.activation = module.activation, .residual = residual});
}

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
// clang before 17 does not deduce it for an aggregate.
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

}  // namespace

VectorModule read_dense(const std::string& folder, std::size_t in, Precision precision,
                        std::vector<std::string>& files) {
  files.push_back(model_file(folder, "config.json"));
  const JsonDocument document = JsonDocument::read(files.back());
  const Json config = document.root();
  checked_width(config, "in_features", in);
  check_names(config);
  const std::size_t out = read_count(config, "out_features", {.max = 1 << 20});
  const Checkpoint weights = Checkpoint::open(folder);
  files.insert(files.end(), weights.files().begin(), weights.files().end());
  // A product a text: in int8 it would cost quality and save no time that can be measured.
  const WeightReader reader(weights, "",
                            precision == Precision::kInt8 ? Precision::kF32 : precision);
  DenseModule module{.linear = reader.linear("linear", out, in, read_bool_or(config, "bias", true)),
                     .activation = torch_activation(config),
                     .use_residual = read_bool_or(config, "use_residual", false),
                     .residual = {}};
  if (module.use_residual && in != out)
    module.residual = reader.linear("residual", out, in, /*bias=*/false);
  return module;
}

VectorModule read_layer_norm(const std::string& folder, std::size_t in,
                             std::vector<std::string>& files) {
  files.push_back(model_file(folder, "config.json"));
  const JsonDocument document = JsonDocument::read(files.back());
  checked_width(document.root(), "dimension", in);
  const Checkpoint weights = Checkpoint::open(folder);
  files.insert(files.end(), weights.files().begin(), weights.files().end());
  constexpr float kTorchEps = 1e-5F;  // torch.nn.LayerNorm's default, which the module keeps
  return WeightReader(weights, "", Precision::kF32).norm("norm", in, {.eps = kTorchEps});
}

VectorModule read_normalize(const std::string& model_folder, const std::string& path) {
  if (path.empty() || path == ".") return NormalizeModule{};
  if (const auto file = find_model_file(model_folder, path + "/config.json"))
    check_names(JsonDocument::read(*file).root());
  return NormalizeModule{};
}

std::size_t output_width(const VectorModule& module, std::size_t in) {
  return std::visit(Overloaded{[](const DenseModule& m) { return m.linear.out_features(); },
                               [&](const CutModule& m) { return std::min(in, m.dimension); },
                               [&](const auto&) { return in; }},
                    module);
}

Var apply(Pass& pass, const VectorModule& module, Var x) {
  return std::visit(Overloaded{[&](const DenseModule& m) { return dense(pass, m, x); },
                               [&](const LayerNorm& m) { return layer_norm(pass, m, x, x); },
                               [&](const NormalizeModule&) {
                                 normalize_rows(x.value);
                                 return x;
                               },
                               [&](const CutModule& m) {
                                 return m.dimension < x.cols() ? cut(pass, m.dimension, x) : x;
                               }},
                    module);
}

}  // namespace firth
