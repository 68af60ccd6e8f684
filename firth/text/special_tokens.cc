// Reading the three files in transformers' order.
#include "firth/text/special_tokens.h"

#include <map>
#include <set>

#include "firth/core/error.h"
#include "firth/io/model_folder.h"

namespace firth {
namespace {

using TokensById = std::map<std::uint64_t, AddedToken>;

// A token as settings name it: its text, or an object with its flags.
AddedToken read_token(const Json& value, bool special) {
  if (value.is_string()) {
    return {.content = std::string(value.as_string()), .normalized = !special, .special = special};
  }
  const auto flag = [&](std::string_view name, bool otherwise) {
    const std::optional<Json> field = value.find(name);
    return field ? field->as_bool() : otherwise;
  };
  special = flag("special", special);
  return {.content = std::string(value.at("content").as_string()),
          .single_word = flag("single_word", false),
          .lstrip = flag("lstrip", false),
          .rstrip = flag("rstrip", false),
          .normalized = flag("normalized", !special),
          .special = special};
}

void read_named(const Json& root, SpecialTokens& tokens, std::vector<AddedToken>& extra) {
  for (auto& [name, token] : tokens.named) {
    if (const auto value = root.find(name); value && !value->is_null()) {
      token = read_token(*value, true);
      token.special = true;
    }
  }
  for (const char* list : {"additional_special_tokens", "extra_special_tokens"}) {
    if (const auto value = root.find(list); value && value->is_array()) {
      for (const Json& token : value->elements()) {
        extra.push_back(read_token(token, true));
      }
    }
  }
}

// added_tokens_decoder: {"id": {"content": …}, …}
void read_decoder(const Json& object, TokensById& tokens) {
  for (const auto& [key, value] : object.fields()) {
    std::uint64_t id = 0;
    for (const char digit : key) {
      if (digit < '0' || digit > '9' || id > kMaxTokenId) {
        fail(ErrorKind::kCorrupt, object.where(), ": expected token ids as keys, found ",
             quoted(key));
      }
      id = 10 * id + static_cast<std::uint64_t>(digit - '0');
    }
    tokens[id] = read_token(value, false);
  }
}

// added_tokens.json: {"token": id, …}
void read_added(const Json& object, const SpecialTokens& specials, TokensById& tokens) {
  std::set<std::string_view> names;
  for (const auto& [name, token] : specials.named) {
    names.insert(token.content);
  }
  for (const auto& [text, value] : object.fields()) {
    const bool special = names.contains(text);
    tokens[value.as_uint(kMaxTokenId)] = {
        .content = std::string(text), .normalized = !special, .special = special};
  }
}

}  // namespace

const AddedToken& SpecialTokens::at(std::string_view name) const {
  for (const auto& [its_name, token] : named) {
    if (its_name == name) {
      return token;
    }
  }
  fail(ErrorKind::kInternal, "special tokens: ", quoted(name), " is not among the named ones");
}

AddedToken default_special_token(std::string content) {
  return {.content = std::move(content), .normalized = false, .special = true};
}

std::optional<JsonDocument> read_json_if_there(const std::string& folder, std::string_view name) {
  const std::optional<std::string> path = find_model_file(folder, name);
  return path ? std::optional(JsonDocument::read(*path)) : std::nullopt;
}

SpecialTokens read_special_tokens(const std::string& folder,
                                  std::vector<std::pair<std::string, AddedToken>> named) {
  SpecialTokens result{std::move(named), {}};
  TokensById by_id;
  std::vector<AddedToken> extra;
  bool has_decoder = false;
  if (const auto document = read_json_if_there(folder, "tokenizer_config.json")) {
    read_named(document->root(), result, extra);
    if (const auto decoder = document->root().find("added_tokens_decoder")) {
      has_decoder = true;
      read_decoder(*decoder, by_id);
    }
  }
  // The two older files count only where the newer field is absent.
  if (!has_decoder) {
    if (const auto document = read_json_if_there(folder, "special_tokens_map.json")) {
      read_named(document->root(), result, extra);
    }
    if (const auto document = read_json_if_there(folder, "added_tokens.json")) {
      read_added(document->root(), result, by_id);
    }
  }
  for (auto& [id, token] : by_id) {
    result.added.push_back(std::move(token));
  }
  for (const auto& [name, token] : result.named) {
    result.added.push_back(token);
  }
  result.added.insert(result.added.end(), extra.begin(), extra.end());
  return result;
}

}  // namespace firth
