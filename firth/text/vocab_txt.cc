// BERT before tokenizer.json: vocab.txt and the settings of transformers' BertTokenizer, whose
// defaults and order of adding tokens are followed.
#include <array>
#include <map>
#include <set>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/model_folder.h"
#include "firth/text/tokenizer_files.h"

namespace firth {
namespace {

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

std::array<std::pair<const char*, AddedToken*>, 5> named_tokens(BertTokenizerConfig& config) {
  return {{{"unk_token", &config.unk},
           {"sep_token", &config.sep},
           {"pad_token", &config.pad},
           {"cls_token", &config.cls},
           {"mask_token", &config.mask}}};
}

using TokensById = std::map<std::uint64_t, AddedToken>;

void read_settings(const Json& root, BertTokenizerConfig& config) {
  if (const auto value = root.find("do_lower_case"); value && !value->is_null()) {
    config.do_lower_case = value->as_bool();
    const auto name = root.find("tokenizer_class");
    config.states_case = !name || name->is_null() || name->as_string() == "BertTokenizer" ||
                         name->as_string() == "BertTokenizerFast";
  }
  if (const auto value = root.find("tokenize_chinese_chars"); value && !value->is_null()) {
    config.tokenize_chinese_chars = value->as_bool();
  }
  if (const auto value = root.find("strip_accents"); value && !value->is_null()) {
    config.strip_accents = value->as_bool();
  }
}

void read_named_tokens(const Json& root, BertTokenizerConfig& config,
                       std::vector<AddedToken>& extra) {
  for (const auto& [name, token] : named_tokens(config)) {
    if (const auto value = root.find(name); value && !value->is_null()) {
      *token = read_token(*value, true);
      token->special = true;
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
void read_added_tokens_decoder(const Json& object, TokensById& tokens) {
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
void read_added_tokens_json(const Json& object, const BertTokenizerConfig& config,
                            TokensById& tokens) {
  std::set<std::string_view> specials;
  auto copy = config;
  for (const auto& [name, token] : named_tokens(copy)) {
    specials.insert(token->content);
  }
  for (const auto& [text, value] : object.fields()) {
    const bool special = specials.contains(text);
    tokens[value.as_uint(kMaxTokenId)] = {
        .content = std::string(text), .normalized = !special, .special = special};
  }
}

std::optional<JsonDocument> read_if_there(const std::string& folder, std::string_view name) {
  const std::optional<std::string> path = find_model_file(folder, name);
  return path ? std::optional(JsonDocument::read(*path)) : std::nullopt;
}

std::int32_t require_token(const Vocabulary& vocabulary, const std::string& token,
                           const std::string& where) {
  const std::optional<std::int32_t> id = vocabulary.find(token);
  if (!id) {
    fail(ErrorKind::kCorrupt, where, ": expected a line with the token ", quoted(token),
         ", found none");
  }
  return *id;
}

}  // namespace

BertNormalizerOptions BertTokenizerConfig::normalizer() const {
  return {.clean_text = true,
          .handle_chinese_chars = tokenize_chinese_chars,
          .strip_accents = strip_accents,
          .lowercase = do_lower_case};
}

BertTokenizerConfig read_bert_config(const std::string& folder) {
  BertTokenizerConfig config;
  TokensById tokens;
  std::vector<AddedToken> extra;
  bool has_decoder = false;
  if (const auto document = read_if_there(folder, "tokenizer_config.json")) {
    const Json root = document->root();
    read_settings(root, config);
    read_named_tokens(root, config, extra);
    if (const auto decoder = root.find("added_tokens_decoder")) {
      has_decoder = true;
      read_added_tokens_decoder(*decoder, tokens);
    }
  }
  // The two older files count only where the newer field is absent.
  if (!has_decoder) {
    if (const auto document = read_if_there(folder, "special_tokens_map.json")) {
      read_named_tokens(document->root(), config, extra);
    }
    if (const auto document = read_if_there(folder, "added_tokens.json")) {
      read_added_tokens_json(document->root(), config, tokens);
    }
  }
  for (auto& [id, token] : tokens) {
    config.added_tokens.push_back(std::move(token));
  }
  for (const auto& [name, token] : named_tokens(config)) {
    config.added_tokens.push_back(*token);
  }
  config.added_tokens.insert(config.added_tokens.end(), extra.begin(), extra.end());
  return config;
}

TokenizerParts read_vocab_txt(std::string_view text, const BertTokenizerConfig& config,
                              std::string where) {
  if (!is_valid_utf8(text)) {
    fail(ErrorKind::kCorrupt, where, ": expected UTF-8, found bytes that are not");
  }
  Vocabulary vocabulary = Vocabulary::from_lines(text);
  require_token(vocabulary, config.unk.content, where);
  const std::int32_t cls_id = require_token(vocabulary, config.cls.content, where);
  const std::int32_t sep_id = require_token(vocabulary, config.sep.content, where);
  TokenizerParts parts;
  parts.where = std::move(where);
  parts.normalizer = std::make_unique<BertNormalizer>(config.normalizer());
  parts.pre_tokenizer = std::make_unique<BertPreTokenizer>();
  parts.model = std::make_unique<WordPiece>(std::move(vocabulary),
                                            WordPieceOptions{.unk_token = config.unk.content,
                                                             .continuing_subword_prefix = "##",
                                                             .max_input_chars_per_word = 100});
  parts.added_tokens = config.added_tokens;
  parts.post_processor =
      bert_post_processor(config.cls.content, cls_id, config.sep.content, sep_id);
  parts.decoder = std::make_unique<WordPieceDecoder>("##", true);
  return parts;
}

}  // namespace firth
