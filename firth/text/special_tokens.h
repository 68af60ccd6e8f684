// The special and added tokens of a model's folder without tokenizer.json, as transformers keeps
// them: in tokenizer_config.json, or in the older special_tokens_map.json and added_tokens.json.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "firth/io/json.h"
#include "firth/text/added_tokens.h"

namespace firth {

struct SpecialTokens {
  // "unk_token" and its like, in the order in which the tokenizer's class adds them.
  std::vector<std::pair<std::string, AddedToken>> named;
  // All that is added: by id those that files number, then the named ones, then those of lists.
  std::vector<AddedToken> added;

  const AddedToken& at(std::string_view name) const;  // of the named ones; must be there
};

// A named token that no file redefines.
AddedToken default_special_token(std::string content);

// `named` with its defaults; those that the files name are replaced. Errors: corrupt.
SpecialTokens read_special_tokens(const std::string& folder,
                                  std::vector<std::pair<std::string, AddedToken>> named);

// A JSON file of the folder, if it is there.
std::optional<JsonDocument> read_json_if_there(const std::string& folder, std::string_view name);

}  // namespace firth
