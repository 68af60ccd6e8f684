// The model that a person means: a path, a name (hub/find_model.h says where it is looked for), or
// nothing where there is only one.
#pragma once

#include <string>
#include <string_view>

#include "firth/hub/find_model.h"

namespace firth::cli {

// The path of a model. `given` is a path or a name; "" = the only model there is (which is said on
// stderr). Errors: not_found, saying where was looked and how to get a model; UsageError if several
// models could be meant.
std::string resolve_model(std::string_view given);

}  // namespace firth::cli
