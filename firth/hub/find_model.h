// Models by name. A model is a folder; a person may give its path, or its name, which is looked for
// in this order:
//   ./models/NAME and ./models/ORG/NAME
//   the folders of $FIRTH_MODELS (with ':' between them), in the same two forms
//   firth's own cache, $XDG_CACHE_HOME/firth/models
//   the Hugging Face hub cache (hub_cache.h), where NAME@REVISION finds a revision
// NAME alone finds ORG/NAME. Nothing here touches the network.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firth {

struct FoundModel {
  std::string name;   // "all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2", "a/b@v2"
  std::string path;   // of its folder
  std::string place;  // "./models", "hub cache", …
  // Of a revision in the hub cache that the name means only with "@REVISION".
  bool is_other_revision = false;
};

// Every model in those places, in their order, each place's by name.
std::vector<FoundModel> find_models();

// The one that a name means; nullopt if there is none.
std::optional<FoundModel> find_model(std::string_view name);

// The folders that are looked into, for messages.
std::string model_places();

}  // namespace firth
