// The name of a model on a hub: ORG/NAME, or NAME alone for the few old ones that have no
// organisation, and a revision after an '@': a branch, a tag, a pull request (refs/pr/1) or a
// commit. What passes here is harmless as part of a path and of an address.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firth {

struct ModelName {
  std::string repository;     // "sentence-transformers/all-MiniLM-L6-v2"
  std::string revision = "";  // "" = none was named, which means "main"

  std::string text() const { return revision.empty() ? repository : repository + "@" + revision; }

  std::string revision_or_main() const { return revision.empty() ? "main" : revision; }
};

// Errors: invalid_argument, saying what a name looks like.
ModelName parse_model_name(std::string_view text);

// nullopt if it is none.
std::optional<ModelName> try_parse_model_name(std::string_view text);

// True for up to 128 letters, digits, '-' and '_' : what a commit or an ETag must be to name a
// file.
bool is_plain_word(std::string_view text);

// True for a path inside a repository that is harmless inside a folder: relative, '/' between
// parts that are neither empty nor "." nor "..", no backslash, no control character.
bool is_harmless_path(std::string_view path);

}  // namespace firth
