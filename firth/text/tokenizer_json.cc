// tokenizer.json: the parts in the order in which a text goes through them.
#include <utility>

#include "firth/core/error.h"
#include "firth/text/tokenizer_files.h"

namespace firth {
namespace {

// A part that may be absent or null.
std::optional<Json> part(const Json& root, std::string_view name) {
  const std::optional<Json> value = root.find(name);
  return value && !value->is_null() ? value : std::nullopt;
}

void check_version(const Json& root) {
  const std::optional<Json> version = root.find("version");
  if (version && version->as_string() != "1.0") {
    fail(ErrorKind::kUnsupported, version->where(), ": expected format version '1.0', found ",
         version->describe());
  }
}

Truncation::Strategy read_strategy(const Json& value) {
  const std::string_view name = value.as_string();
  if (name == "LongestFirst") return Truncation::Strategy::kLongestFirst;
  if (name == "OnlyFirst") return Truncation::Strategy::kOnlyFirst;
  if (name == "OnlySecond") return Truncation::Strategy::kOnlySecond;
  fail(ErrorKind::kCorrupt, value.where(),
       ": expected 'LongestFirst', 'OnlyFirst' or 'OnlySecond', found ", value.describe());
}

bool read_from_left(const Json& value) {
  const std::string_view name = value.as_string();
  if (name != "Left" && name != "Right") {
    fail(ErrorKind::kCorrupt, value.where(), ": expected 'Left' or 'Right', found ",
         value.describe());
  }
  return name == "Left";
}

Truncation read_truncation(const Json& spec) {
  Truncation truncation;
  const Json max_length = spec.at("max_length");
  truncation.max_length = max_length.as_uint(INT32_MAX);
  if (truncation.max_length == 0) {
    fail(ErrorKind::kCorrupt, max_length.where(), ": expected at least 1, found 0");
  }
  truncation.strategy = read_strategy(spec.at("strategy"));
  if (const std::optional<Json> direction = spec.find("direction")) {
    truncation.from_left = read_from_left(*direction);
  }
  return truncation;
}

void check_padding(const Json& spec) {
  if (!spec.is_object()) {
    fail(ErrorKind::kCorrupt, spec.where(), ": expected an object or null, found ",
         spec.describe());
  }
}

}  // namespace

AddedToken read_added_token(const Json& spec) {
  spec.at("id").as_uint(kMaxTokenId);  // the reference goes by the content and only warns
  return {.content = std::string(spec.at("content").as_string()),
          .single_word = spec.at("single_word").as_bool(),
          .lstrip = spec.at("lstrip").as_bool(),
          .rstrip = spec.at("rstrip").as_bool(),
          .normalized = spec.at("normalized").as_bool(),
          .special = spec.at("special").as_bool()};
}

TokenizerParts read_tokenizer_json(const Json& root, std::string where) {
  TokenizerParts parts;
  parts.where = std::move(where);
  check_version(root);
  if (const auto spec = part(root, "truncation")) {
    parts.truncation = read_truncation(*spec);
  }
  if (const auto spec = part(root, "padding")) {
    check_padding(*spec);
  }
  if (const auto spec = part(root, "added_tokens")) {
    for (const Json& token : spec->elements()) {
      parts.added_tokens.push_back(read_added_token(token));
    }
  }
  if (const auto spec = part(root, "normalizer")) {
    parts.normalizer = make_normalizer(*spec);
  }
  if (const auto spec = part(root, "pre_tokenizer")) {
    parts.pre_tokenizer = make_pre_tokenizer(*spec);
  }
  parts.model = make_token_model(root.at("model"));
  if (const auto spec = part(root, "post_processor")) {
    parts.post_processor = make_post_processor(*spec);
  }
  if (const auto spec = part(root, "decoder")) {
    parts.decoder = make_decoder(*spec);
  }
  return parts;
}

}  // namespace firth
