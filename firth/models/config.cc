#include "firth/models/config.h"

#include <algorithm>
#include <array>
#include <utility>

#include "firth/core/error.h"

namespace firth {
namespace {

std::optional<Json> find_value(const Json& config, std::string_view field) {
  std::optional<Json> value = config.find(field);
  if (value && value->is_null()) value.reset();
  return value;
}

std::size_t checked_count(const Json& value, const CountLimits& limits) {
  const std::int64_t count = value.as_int();
  if (count < static_cast<std::int64_t>(limits.min) ||
      count > static_cast<std::int64_t>(limits.max)) {
    fail(ErrorKind::kCorrupt, value.where(), ": expected an integer from ", limits.min, " to ",
         limits.max, ", found ", count);
  }
  return static_cast<std::size_t>(count);
}

// The names of transformers' ACT2FN that firth computes. "gelu_fast" and "gelu_accurate" write the
// same tanh formula with other constants' spelling.
constexpr auto kActivations = std::to_array<std::pair<std::string_view, ActivationFunction>>({
    {"gelu", Activation::kGelu},
    {"gelu_python", Activation::kGelu},
    {"gelu_new", Activation::kGeluTanh},
    {"gelu_pytorch_tanh", Activation::kGeluTanh},
    {"gelu_python_tanh", Activation::kGeluTanh},
    {"gelu_fast", Activation::kGeluTanh},
    {"gelu_accurate", Activation::kGeluTanh},
    {"relu", Activation::kRelu},
    {"silu", Activation::kSilu},
    {"swish", Activation::kSilu},
    {"tanh", Activation::kTanh},
    {"sigmoid", Activation::kSigmoid},
    {"linear", Activation::kNone},
    {"gelu_10", clipped_gelu},
    {"quick_gelu", quick_gelu},
    {"laplace", laplace},
    {"relu2", relu_squared},
    {"relu6", relu6},
    {"leaky_relu", leaky_relu},
    {"mish", mish},
    {"hardswish", hardswish},
    {"sqrtsoftplus", sqrt_softplus},
});

// torch.nn.modules.activation.X or torch.nn.X, by X.
constexpr auto kTorchActivations = std::to_array<std::pair<std::string_view, ActivationFunction>>({
    {"Tanh", Activation::kTanh},
    {"Identity", Activation::kNone},
    {"GELU", Activation::kGelu},
    {"ReLU", Activation::kRelu},
    {"Sigmoid", Activation::kSigmoid},
    {"SiLU", Activation::kSilu},
    {"ELU", elu},
    {"CELU", elu},
    {"SELU", selu},
    {"LeakyReLU", leaky_relu},
    {"ReLU6", relu6},
    {"Mish", mish},
    {"Softplus", softplus},
    {"Softsign", softsign},
    {"Hardtanh", hardtanh},
    {"Hardswish", hardswish},
    {"Hardsigmoid", hardsigmoid},
    {"LogSigmoid", log_sigmoid},
    {"Tanhshrink", tanhshrink},
});

}  // namespace

std::size_t read_count(const Json& config, std::string_view field, const CountLimits& limits) {
  return checked_count(config.at(field), limits);
}

std::size_t read_count_or(const Json& config, std::string_view field, std::size_t fallback,
                          const CountLimits& limits) {
  const auto value = find_value(config, field);
  return value ? checked_count(*value, limits) : fallback;
}

bool read_bool_or(const Json& config, std::string_view field, bool fallback) {
  const auto value = find_value(config, field);
  return value ? value->as_bool() : fallback;
}

std::optional<std::string> read_string(const Json& config, std::string_view field) {
  const auto value = find_value(config, field);
  if (!value) return std::nullopt;
  return std::string(value->as_string());
}

float read_epsilon(const Json& config, std::string_view field, float fallback) {
  const auto value = find_value(config, field);
  if (!value) return fallback;
  const double epsilon = value->as_double();
  if (!(epsilon > 0 && epsilon < 1)) {
    fail(ErrorKind::kCorrupt, value->where(), ": expected a number between 0 and 1, found ",
         value->describe());
  }
  return static_cast<float>(epsilon);
}

double read_number_or(const Json& config, std::string_view field, double fallback, double min,
                      double max) {
  const auto value = find_value(config, field);
  if (!value) return fallback;
  const double number = value->as_double();
  if (!(number >= min && number <= max)) {
    fail(ErrorKind::kCorrupt, value->where(), ": expected a number from ", min, " to ", max,
         ", found ", value->describe());
  }
  return number;
}

std::optional<Json> find_object(const Json& config, std::string_view field) {
  const auto value = find_value(config, field);
  if (value && !value->is_object())
    fail(ErrorKind::kCorrupt, value->where(), ": expected an object, found ", value->describe());
  return value;
}

ActivationFunction read_activation_or(const Json& config, std::string_view field,
                                      ActivationFunction fallback) {
  const auto value = find_value(config, field);
  if (!value) return fallback;
  const std::string_view name = value->as_string();
  std::string known;
  for (const auto& [known_name, activation] : kActivations) {
    if (known_name == name) return activation;
    known += (known.empty() ? "" : ", ") + std::string(known_name);
  }
  fail(ErrorKind::kUnsupported, value->where(), ": activation ", quoted(name),
       " is not known; known: ", known);
}

ActivationFunction read_torch_activation(const Json& value) {
  const std::string_view path = value.as_string();
  std::string known;
  for (const auto& [name, activation] : kTorchActivations) {
    if (path.starts_with("torch.nn.") && path.substr(path.rfind('.') + 1) == name)
      return activation;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  fail(ErrorKind::kUnsupported, value.where(), ": activation ", quoted(path),
       " is not known; known of torch.nn: ", known);
}

void refuse_unless(const Json& config, std::string_view field, bool expected) {
  if (read_bool_or(config, field, expected) == expected) return;
  fail(ErrorKind::kUnsupported, config.at(field).where(), ": ", expected ? "false" : "true",
       " is not known; known: ", expected ? "true" : "false");
}

void refuse_unless(const Json& config, std::string_view field, const char* expected) {
  if (read_string(config, field).value_or(expected) == expected) return;
  fail(ErrorKind::kUnsupported, config.at(field).where(), ": ", config.at(field).describe(),
       " is not known; known: '", expected, "'");
}

void refuse_number(const Json& config, std::string_view field) {
  const auto value = find_value(config, field);
  if (!value) return;
  fail(ErrorKind::kUnsupported, value->where(), ": ", value->describe(),
       " is not known; known: null");
}

std::vector<std::string> read_layer_types(const Json& config, std::size_t num_layers,
                                          std::initializer_list<std::string_view> known) {
  const auto value = find_value(config, "layer_types");
  if (!value) return {};
  std::vector<std::string> types;
  for (const Json& element : value->elements()) {
    types.emplace_back(element.as_string());
    if (std::ranges::find(known, types.back()) == known.end()) {
      fail(ErrorKind::kUnsupported, element.where(), ": layers of type ", element.describe(),
           " are not known");
    }
  }
  if (types.size() != num_layers) {
    fail(ErrorKind::kCorrupt, value->where(), ": expected a type for each of ", num_layers,
         " layers, found ", types.size());
  }
  return types;
}

namespace {

constexpr double kSmallestTheta = 1e-3;
constexpr double kGreatestTheta = 1e12;

}  // namespace

RopeForm read_rope(const Json& parameters, double theta) {
  RopeForm form;
  form.theta = read_number_or(parameters, "rope_theta", theta, kSmallestTheta, kGreatestTheta);
  const std::string_view field = find_value(parameters, "rope_type") ? "rope_type" : "type";
  const std::string type = read_string(parameters, field).value_or("default");
  if (type == "linear") {
    form.factor = read_number_or(parameters, "factor", 1, 1e-6, 1e6);
  } else if (type != "default") {
    fail(ErrorKind::kUnsupported, parameters.at(field).where(), ": rotary positions of type ",
         quoted(type), " are not known; known: 'default', 'linear'");
  }
  if (read_number_or(parameters, "partial_rotary_factor", 1, 0, 1) != 1) {
    fail(ErrorKind::kUnsupported, parameters.at("partial_rotary_factor").where(),
         ": only 1 is known, found ", parameters.at("partial_rotary_factor").describe());
  }
  return form;
}

RopeForm read_layer_rope(const Json& config, std::string_view layer_type,
                         std::string_view theta_field, double default_theta) {
  const double theta =
      read_number_or(config, theta_field, default_theta, kSmallestTheta, kGreatestTheta);
  RopeForm form{.theta = theta};
  if (const auto scaling = find_object(config, "rope_scaling")) form = read_rope(*scaling, theta);
  const auto parameters = find_object(config, "rope_parameters");
  const auto own = parameters ? find_object(*parameters, layer_type) : std::nullopt;
  return own ? read_rope(*own, theta) : form;
}

RopeForm read_model_rope(const Json& config, double default_theta) {
  const double theta =
      read_number_or(config, "rope_theta", default_theta, kSmallestTheta, kGreatestTheta);
  for (const std::string_view field : {"rope_scaling", "rope_parameters"}) {
    const auto parameters = find_object(config, field);
    if (parameters && parameters->size() != 0) return read_rope(*parameters, theta);
  }
  return {.theta = theta};
}

}  // namespace firth
