// Files of a model's folder. A model comes from strangers: its index and its links must not lead a
// reader to other files of the person's. Every reader of model files goes through here.
//
// A name is relative, with '/' between its parts, none of which is empty, "." or "..". Links are
// followed as long as they stay inside the folder; one that leaves it is followed only from a
// folder in the person's own Hugging Face hub cache to a file there, for that cache keeps its
// snapshots as links into ../../blobs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firth {

// The path of the regular file `name` in `folder`. Errors: not_found, naming the path;
// invalid_argument for a bad name; corrupt for a link that leaves the folder.
std::string model_file(const std::string& folder, std::string_view name);

// nullopt if there is no such file; errors as model_file else.
std::optional<std::string> find_model_file(const std::string& folder, std::string_view name);

// As model_file, for a folder inside the folder; "" and "." are the folder itself.
std::string model_subfolder(const std::string& folder, std::string_view name);

// True if there is a folder at this path.
bool is_folder(const std::string& path);

// Names of what lies in the folder, sorted, hidden ones left out. Errors: not_found, io,
// invalid_argument if it is not a folder.
std::vector<std::string> list_folder(const std::string& folder);

// "'a', 'b', 'c' and 7 more", or "nothing"; for messages that say what was found.
std::string quoted_list(const std::vector<std::string>& names, std::size_t max_names = 8);

// Where huggingface_hub keeps this person's files: $HF_HOME, $XDG_CACHE_HOME/huggingface or
// ~/.cache/huggingface; "" if none can be told.
std::string hub_home_folder();

// Where the hub cache of this person lies: $HF_HUB_CACHE, or hub/ of the folder above.
std::string hub_cache_folder();

}  // namespace firth
