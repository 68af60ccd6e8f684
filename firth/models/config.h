// Reading the fields of a model's config.json with their limits. Messages name file and field:
// "model/config.json: field 'hidden_size': expected a multiple of num_attention_heads (12), found
// 100".
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firth/io/json.h"
#include "firth/nn/activation.h"

namespace firth {

struct CountLimits {
  std::size_t min = 1;
  std::size_t max = std::size_t{1} << 24;
};

// An integer field within limits; not_found if it is missing.
std::size_t read_count(const Json& config, std::string_view field, const CountLimits& limits = {});

// The same, `fallback` if it is missing or null.
std::size_t read_count_or(const Json& config, std::string_view field, std::size_t fallback,
                          const CountLimits& limits = {});

bool read_bool_or(const Json& config, std::string_view field, bool fallback);

// nullopt if it is missing or null.
std::optional<std::string> read_string(const Json& config, std::string_view field);

// A positive small number: the epsilon of a norm.
float read_epsilon(const Json& config, std::string_view field, float fallback);

// A number from min to max.
double read_number_or(const Json& config, std::string_view field, double fallback, double min,
                      double max);

// nullopt if it is missing or null.
std::optional<Json> find_object(const Json& config, std::string_view field);

// "gelu", "gelu_new", "relu", …; unsupported for names that firth does not know.
ActivationFunction read_activation_or(const Json& config, std::string_view field,
                                      ActivationFunction fallback);

// "torch.nn.modules.activation.Sigmoid" or "torch.nn.Sigmoid", …; unsupported for others.
ActivationFunction read_torch_activation(const Json& value);

// unsupported, naming field and value, unless it is missing, null or this.
void refuse_unless(const Json& config, std::string_view field, bool expected);
void refuse_unless(const Json& config, std::string_view field, const char* expected);

// unsupported if the field is there and not null.
void refuse_number(const Json& config, std::string_view field);

// `layer_types`: a name for each layer, one of `known`; empty if it is missing or null.
std::vector<std::string> read_layer_types(const Json& config, std::size_t num_layers,
                                          std::initializer_list<std::string_view> known);

// Rotary positions: frequencies of base theta, divided by a factor.
struct RopeForm {
  double theta = 10000;
  double factor = 1;
};

// An object of rope_parameters or rope_scaling: rope_type "default" or "linear"; others (yarn,
// llama3, dynamic, …) are unsupported.
RopeForm read_rope(const Json& parameters, double theta);

// Of a model whose layers are of two types: theta in rope_parameters under the type, else in a
// field of its own in the spelling before; rope_scaling for all of them.
RopeForm read_layer_rope(const Json& config, std::string_view layer_type,
                         std::string_view theta_field, double default_theta);

// rope_theta, rope_scaling and rope_parameters of a model whose layers are all alike in this.
RopeForm read_model_rope(const Json& config, double default_theta);

}  // namespace firth
