// Models by name. A model is a folder; a person may give its path, or its name, which is looked for
// in this order:
//   ./models/NAME and ./models/ORG/NAME
//   the folders of $FIRTH_MODELS (with ':' between them), in the same two forms
//   firth's own cache, $XDG_CACHE_HOME/firth/models
//   the Hugging Face hub cache: models--ORG--NAME/snapshots/REF, the revision of refs/main
// NAME alone finds ORG/NAME.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace firth::cli {

struct FoundModel {
  std::string name;   // "all-MiniLM-L6-v2" or "sentence-transformers/all-MiniLM-L6-v2"
  std::string path;   // of its folder
  std::string place;  // "./models", "hub cache", …
};

// Every model in those places, in their order, each place's by name.
std::vector<FoundModel> find_models();

// The folders that are looked into, for messages.
std::string model_places();

// The path of a model. `given` is a path or a name; "" = the only model there is (which is said on
// stderr). Errors: not_found, saying where was looked and how to get a model; UsageError if several
// models could be meant.
std::string resolve_model(std::string_view given);

}  // namespace firth::cli
