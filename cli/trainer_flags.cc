// The kinds, and the way from fields to flags and back.
#include "cli/trainer_flags.h"

#include <algorithm>
#include <sstream>
#include <type_traits>

#include "cli/usage_error.h"
#include "firth/core/error.h"

namespace firth::cli {
namespace {

constexpr std::string_view kUnkToken = "unk_token";

// f(name, field, help) for each field that has a flag.
template <class Options, class F>
void for_each_flag(Options& options, F&& f) {
  const auto visit_fields = [&](auto& fields) {
    for_each_field(fields, [&](std::string_view name, auto& field, std::string_view help) {
      if (name != kUnkToken) f(name, field, help);
    });
  };
  std::visit(visit_fields, options);
}

// "vocab_size" as a flag: "--vocab-size".
std::string flag_of(std::string_view field) {
  std::string flag = "--" + std::string(field);
  std::ranges::replace(flag, '_', '-');
  return flag;
}

// The type in which a field's value is kept until the kind is known.
template <class Field>
struct Given {
  using type = std::optional<Field>;
};

template <class Field>
struct Given<std::optional<Field>> {
  using type = std::optional<Field>;
};

template <>
struct Given<std::vector<std::string>> {
  using type = std::vector<std::string>;
};
template <class Field>
using GivenType = typename Given<std::remove_cvref_t<Field>>::type;

template <class Field>
std::string_view value_name() {
  if constexpr (std::is_same_v<Field, std::vector<std::string>>) return "TOKEN[,TOKEN…]";
  if constexpr (std::is_same_v<Field, std::optional<std::string>>) return "TEXT";
  return std::is_same_v<Field, std::optional<double>> ? "X" : "N";
}

template <class Field>
std::string shown(const Field& field) {
  std::ostringstream text;
  if constexpr (std::is_same_v<Field, std::vector<std::string>>) {
    for (const std::string& token : field) text << (&token == field.data() ? "" : ",") << token;
  } else if constexpr (std::is_same_v<Field, std::optional<std::size_t>>) {
    if (field) text << *field;
  } else {
    text << field;
  }
  return text.str();
}

// What the kinds that have a field say of it: (kind, default).
std::vector<std::pair<std::string_view, std::string>> defaults_of(std::string_view field) {
  std::vector<std::pair<std::string_view, std::string>> found;
  for (const TokenizerKind& kind : tokenizer_kinds()) {
    for_each_flag(kind.options, [&](std::string_view name, const auto& value, std::string_view) {
      if (name == field) found.emplace_back(kind.name, shown(value));
    });
  }
  return found;
}

// "bpe, wordpiece": the kinds that have a field.
std::string kinds_with(std::string_view field) {
  std::string names;
  for (const auto& [kind, value] : defaults_of(field)) {
    names.append(names.empty() ? "" : ", ").append(kind);
  }
  return names;
}

// "30000; unigram: 8000" would hide which kinds have the first: each is named where they differ.
std::string default_text(std::string_view field) {
  const auto found = defaults_of(field);
  const auto is_first = [&](const auto& one) { return one.second == found.front().second; };
  if (std::ranges::all_of(found, is_first)) return found.front().second;
  std::string text;
  for (const auto& [kind, value] : found) {
    if (value.empty()) continue;
    text.append(text.empty() ? "" : "; ").append(kind).append(": ").append(value);
  }
  return text;
}

std::vector<std::string> split_at_commas(const std::vector<std::string>& lists) {
  std::vector<std::string> parts;
  for (const std::string& list : lists) {
    std::istringstream in(list);
    for (std::string part; std::getline(in, part, ',');) {
      if (!part.empty()) parts.push_back(part);
    }
  }
  return parts;
}

}  // namespace

const std::vector<TokenizerKind>& tokenizer_kinds() {
  static const std::vector<TokenizerKind> kKinds = {
      {"bpe", "BPE", "byte-level", BpeTrainerOptions{}},
      {"wordpiece", "WordPiece", "bert",
       WordPieceTrainerOptions{.special_tokens = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}}},
      {"unigram", "Unigram", "metaspace", UnigramTrainerOptions{}},
      {"word", "WordLevel", "whitespace", WordLevelTrainerOptions{.special_tokens = {"[UNK]"}}},
  };
  return kKinds;
}

const TokenizerKind& find_tokenizer_kind(const std::string& name) {
  std::vector<std::string> names;
  std::string list;
  for (const TokenizerKind& kind : tokenizer_kinds()) {
    if (kind.name == name) return kind;
    names.emplace_back(kind.name);
    list += (list.empty() ? "" : ", ") + names.back();
  }
  usage_error("train tokenizer: expected one of ", list, ", found ", quoted(name),
              suggestion(name, names));
}

void TrainerFlags::visit_all(OptionTable& visit) {
  values_.clear();
  for (const TokenizerKind& kind : tokenizer_kinds()) {
    for_each_flag(kind.options,
                  [&](std::string_view name, const auto& field, std::string_view help) {
                    using Type = GivenType<decltype(field)>;
                    const auto [at, is_new] = values_.try_emplace(std::string(name), Type());
                    if (!is_new) return;
                    visit(flag_of(name), &std::get<Type>(at->second), value_name<Type>(),
                          std::string(help) + " (" + kinds_with(name) + ")");
                    visit.default_text(default_text(name));
                  });
  }
}

bool TrainerFlags::is_given(std::string_view field) const {
  const auto at = values_.find(field);
  if (at == values_.end()) return false;
  if (const auto* list = std::get_if<std::vector<std::string>>(&at->second)) return !list->empty();
  return std::visit(
      [](const auto& value) {
        if constexpr (requires { value.has_value(); }) return value.has_value();
        return false;
      },
      at->second);
}

TrainerOptions TrainerFlags::options_of(const TokenizerKind& kind) const {
  TrainerOptions options = kind.options;
  std::vector<std::string_view> known;
  for_each_flag(options, [&](std::string_view name, auto& field, std::string_view) {
    using Field = std::remove_cvref_t<decltype(field)>;
    known.push_back(name);
    if (!is_given(name)) return;
    const auto& value = std::get<GivenType<Field>>(values_.find(name)->second);
    if constexpr (std::is_same_v<Field, std::vector<std::string>>) {
      field = split_at_commas(value);
    } else {
      field = *value;
    }
  });
  for (const auto& [name, value] : values_) {
    if (is_given(name) && std::ranges::find(known, name) == known.end()) {
      usage_error(flag_of(name), ": expected with ", kinds_with(name), ", found with ", kind.name);
    }
  }
  return options;
}

}  // namespace firth::cli
