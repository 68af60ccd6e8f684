#include "firth/models/config.h"

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

ActivationFunction read_activation(const Json& config, std::string_view field) {
  const Json value = config.at(field);
  const std::string_view name = value.as_string();
  std::string known;
  for (const auto& [known_name, activation] : kActivations) {
    if (known_name == name) return activation;
    known += (known.empty() ? "" : ", ") + std::string(known_name);
  }
  fail(ErrorKind::kUnsupported, value.where(), ": activation ", quoted(name),
       " is not known; known: ", known);
}

}  // namespace firth
