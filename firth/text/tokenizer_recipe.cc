// The presets, the names of parts, and reading a recipe.
#include "firth/text/tokenizer_recipe.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "firth/core/error.h"
#include "firth/text/byte_level.h"
#include "firth/text/normalizer.h"
#include "firth/text/pre_tokenizer.h"
#include "firth/text/tokenizer_files.h"
#include "firth/text/unicode.h"

namespace firth {
namespace {

using NamedPart = std::pair<std::string_view, std::string_view>;

constexpr std::array<NamedPart, 10> kNormalizers = {{
    {"nfc", R"({"type":"NFC"})"},
    {"nfd", R"({"type":"NFD"})"},
    {"nfkc", R"({"type":"NFKC"})"},
    {"nfkd", R"({"type":"NFKD"})"},
    {"lowercase", R"({"type":"Lowercase"})"},
    {"strip", R"({"type":"Strip","strip_left":true,"strip_right":true})"},
    {"strip-accents", R"({"type":"StripAccents"})"},
    {"nmt", R"({"type":"Nmt"})"},
    {"bert", R"({"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,)"
             R"("strip_accents":null,"lowercase":true})"},
    {"bert-cased", R"({"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,)"
                   R"("strip_accents":null,"lowercase":false})"},
}};

constexpr std::string_view kByteLevel =
    R"({"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true})";
constexpr std::string_view kMetaspace =
    R"({"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true})";

constexpr std::array<NamedPart, 9> kPreTokenizers = {{
    {"byte-level", kByteLevel},
    {"byte-level-prefix",
     R"({"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true})"},
    {"bert", R"({"type":"BertPreTokenizer"})"},
    {"metaspace", kMetaspace},
    {"whitespace", R"({"type":"Whitespace"})"},
    {"whitespace-split", R"({"type":"WhitespaceSplit"})"},
    {"punctuation", R"({"type":"Punctuation","behavior":"Isolated"})"},
    {"digits", R"({"type":"Digits","individual_digits":true})"},
    {"scripts", R"({"type":"UnicodeScripts"})"},
}};

std::string_view find_part(std::span<const NamedPart> parts, std::string_view name,
                           std::string_view what) {
  std::string list;
  for (const auto& [known, json] : parts) {
    if (known == name) return json;
    list.append(list.empty() ? "" : ", ").append(known);
  }
  fail(ErrorKind::kInvalidArgument, what, ": expected a JSON object, 'none', or names of ", list,
       " with commas between, found ", quoted(name));
}

// One part as it is, several as a Sequence whose parts stand in the field `list`.
std::string join_parts(const std::vector<std::string_view>& parts, std::string_view list) {
  if (parts.size() == 1) return std::string(parts[0]);
  std::string json = R"({"type":"Sequence",")" + std::string(list) + R"(":[)";
  for (std::size_t i = 0; i < parts.size(); ++i) json.append(i > 0 ? "," : "").append(parts[i]);
  return json + "]}";
}

std::string named_parts(std::string_view names, std::span<const NamedPart> known,
                        std::string_view list, std::string_view what) {
  if (names == "none") return "null";
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t comma = names.find(',');
    parts.push_back(find_part(known, names.substr(0, comma), what));
    if (comma == std::string_view::npos) return join_parts(parts, list);
    names.remove_prefix(comma + 1);
  }
}

// The part that a person has written as JSON, checked by making it.
template <class Make>
std::string checked_json(std::string_view text, std::string_view what, Make&& make) {
  try {
    const JsonDocument document = JsonDocument::parse(text, std::string(what));
    make(document.root());
    return document.root().text();
  } catch (const Error& error) {
    throw Error(ErrorKind::kInvalidArgument, error.what());
  }
}

std::string part_text(const Json& root, std::string_view name) {
  const auto part = root.find(name);
  return part ? part->text() : "null";
}

std::string text_of(const Json& model, std::string_view name) {
  const auto text = model.find(name);
  return text && !text->is_null() ? std::string(text->as_string()) : "";
}

bool flag_of(const Json& model, std::string_view name) {
  const auto flag = model.find(name);
  return flag && !flag->is_null() && flag->as_bool();
}

}  // namespace

std::vector<std::string_view> recipe_names() {
  return {"byte-level", "bert", "metaspace", "whitespace", "none"};
}

TokenizerRecipe preset_recipe(std::string_view name) {
  TokenizerRecipe recipe;
  if (name == "bert") recipe.normalizer = normalizer_json("bert");
  if (name == "metaspace") recipe.normalizer = normalizer_json("nfkc");
  const std::vector<std::string_view> names = recipe_names();
  if (std::ranges::find(names, name) == names.end()) {
    std::string list;
    for (const std::string_view known : names) list.append(list.empty() ? "" : ", ").append(known);
    fail(ErrorKind::kInvalidArgument, "preset: expected one of ", list, ", found ", quoted(name));
  }
  recipe.pre_tokenizer = pre_tokenizer_json(name);
  return recipe;
}

TokenizerRecipe read_recipe(const Json& tokenizer) {
  TokenizerRecipe recipe;
  recipe.normalizer = part_text(tokenizer, "normalizer");
  recipe.pre_tokenizer = part_text(tokenizer, "pre_tokenizer");
  recipe.post_processor = part_text(tokenizer, "post_processor");
  recipe.decoder = part_text(tokenizer, "decoder");
  const Json model = tokenizer.at("model");
  recipe.model_type = text_of(model, "type");
  recipe.unk_token = text_of(model, "unk_token");
  if (const auto id = model.find("unk_id"); id && !id->is_null()) {
    recipe.unk_token = model.at("vocab").at(id->as_uint()).at(std::size_t{0}).as_string();
  }
  recipe.continuing_subword_prefix = text_of(model, "continuing_subword_prefix");
  recipe.end_of_word_suffix = text_of(model, "end_of_word_suffix");
  if (const auto tokens = tokenizer.find("added_tokens"); tokens && !tokens->is_null()) {
    for (const Json& spec : tokens->elements()) {
      AddedToken token = read_added_token(spec);
      if (token.special || recipe.model_type == "Unigram")
        recipe.added_tokens.push_back(std::move(token));
    }
  }
  recipe.fuse_unk = flag_of(model, "fuse_unk");
  recipe.byte_fallback = flag_of(model, "byte_fallback");
  recipe.ignore_merges = flag_of(model, "ignore_merges");
  if (const auto length = model.find("max_input_chars_per_word")) {
    recipe.max_input_chars_per_word = length->as_uint();
  }
  return recipe;
}

std::string normalizer_json(std::string_view names) {
  if (names.starts_with('{')) return checked_json(names, "normalizer", make_normalizer);
  return named_parts(names, kNormalizers, "normalizers", "normalizer");
}

std::string pre_tokenizer_json(std::string_view names) {
  if (names.starts_with('{')) return checked_json(names, "pre-tokenizer", make_pre_tokenizer);
  return named_parts(names, kPreTokenizers, "pretokenizers", "pre-tokenizer");
}

bool is_byte_level(const TokenizerRecipe& recipe) {
  return (recipe.normalizer + recipe.pre_tokenizer).find(R"("type":"ByteLevel")") !=
         std::string::npos;
}

std::string byte_alphabet() {
  std::string alphabet;
  for (unsigned byte = 0; byte < 256; ++byte) {
    append_utf8(byte_character(static_cast<std::uint8_t>(byte)), alphabet);
  }
  return alphabet;
}

}  // namespace firth
