// What a model's folder says about the model beside its weights: prompts and similarity in
// config_sentence_transformers.json, the licence in the README's front matter.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "firth/core/embedder.h"

namespace firth {

// Fills name, prompts, default_prompt_name, similarity and licence. Returns truncate_dim, the
// dimension that vectors are cut to, if it is stated.
std::optional<std::size_t> read_model_card(const std::string& folder,
                                           EmbedderDescription& description);

// The value of `license:` between the "---" lines at the head of README.md; "" if there is none.
std::string read_licence(const std::string& folder);

// The last part of a path, as a name for people.
std::string short_name(const std::string& path);

}  // namespace firth
