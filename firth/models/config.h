// Reading the fields of a model's config.json with their limits. Messages name file and field:
// "model/config.json: field 'hidden_size': expected a multiple of num_attention_heads (12), found
// 100".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

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

// "gelu", "gelu_new", "relu", …; unsupported for names that firth does not know.
ActivationFunction read_activation(const Json& config, std::string_view field);

}  // namespace firth
