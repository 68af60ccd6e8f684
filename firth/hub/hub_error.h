// What a hub's refusal means and what a person can do about it.
#pragma once

#include <string_view>

#include "firth/hub/http.h"
#include "firth/hub/model_name.h"

namespace firth {

// Throws for a reply that is no success. `what`: "model.safetensors", or "" for the model itself.
// Kinds: not_found, invalid_argument never; io for what may pass; unsupported for refusals.
[[noreturn]] void fail_reply(const HttpReply& reply, const HubSettings& settings,
                             const ModelName& name, std::string_view what);

}  // namespace firth
