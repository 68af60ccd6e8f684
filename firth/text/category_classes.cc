#include "firth/text/category_classes.h"

#include <cstdio>
#include <optional>
#include <utility>

#include "firth/text/char_category.h"

namespace firth {
namespace {

std::optional<CategorySet> category_named(std::string_view name) {
  using enum CharCategory;
  static constexpr std::pair<std::string_view, CategorySet> kNames[] = {
      {"L", kLetterCategories},
      {"Lu", CategorySet(kUpper)},
      {"Ll", CategorySet(kLower)},
      {"Lt", CategorySet(kTitle)},
      {"Lm", CategorySet(kModifierLetter)},
      {"Lo", CategorySet(kOtherLetter)},
      {"M", CategorySet(kMark)},
      {"N", CategorySet(kNumber)},
      {"P", CategorySet(kPunctuation)},
      {"S", CategorySet(kSymbol)},
  };
  for (const auto& [known, set] : kNames) {
    if (known == name) return set;
  }
  return std::nullopt;
}

void append_code_point(char32_t c, std::string& out) {
  char text[16];
  std::snprintf(text, sizeof text, "\\x{%X}", static_cast<unsigned>(c));
  out += text;
}

// "[\x{41}-\x{5A}…]"
std::string class_of(CategorySet set, bool negated) {
  constexpr char32_t kNumCodePoints = 0x110000;
  std::string out = negated ? "[^" : "[";
  for (char32_t c = 0; c < kNumCodePoints; ++c) {
    if (!set.contains(char_category(c))) continue;
    const char32_t first = c;
    while (c + 1 < kNumCodePoints && set.contains(char_category(c + 1))) ++c;
    append_code_point(first, out);
    if (c == first) continue;
    out += '-';
    append_code_point(c, out);
  }
  return out + "]";
}

// A property at expression[at], where a backslash stands.
struct Property {
  CategorySet set;
  bool negated = false;
  std::size_t end = 0;
};

std::optional<Property> property_at(std::string_view expression, std::size_t at) {
  const std::string_view rest = expression.substr(at);
  if (!rest.starts_with("\\p{") && !rest.starts_with("\\P{")) return std::nullopt;
  const std::size_t close = rest.find('}');
  if (close == std::string_view::npos) return std::nullopt;
  std::string_view name = rest.substr(3, close - 3);
  bool negated = rest[1] == 'P';
  if (name.starts_with('^')) {
    negated = !negated;
    name.remove_prefix(1);
  }
  const std::optional<CategorySet> set = category_named(name);
  if (!set) return std::nullopt;
  return Property{*set, negated, at + close + 1};
}

// True if a group or the rest of the expression is matched without regard to case and names a
// property; "(?i:'s|'t)" does not.
bool ignores_case_of_properties(std::string_view expression) {
  for (std::size_t at = expression.find("(?"); at != std::string_view::npos;
       at = expression.find("(?", at + 2)) {
    const std::size_t end = expression.find_first_of(":)=!<>", at + 2);
    const std::string_view flags = expression.substr(at + 2, end - at - 2);
    const std::string_view on = flags.substr(0, flags.find('-'));
    if (on.find('i') == std::string_view::npos) continue;
    const bool is_group = end != std::string_view::npos && expression[end] == ':';
    const std::size_t scope = is_group ? expression.find(')', end) : std::string_view::npos;
    const std::string_view inside = expression.substr(at, scope - at);
    // A group within the group may end before it: then the scope is not known.
    const bool simple = is_group && inside.find('(', 1) == std::string_view::npos;
    if (!simple) return true;
    if (inside.find("\\p") != std::string_view::npos ||
        inside.find("\\P") != std::string_view::npos)
      return true;
  }
  return false;
}

}  // namespace

std::string spell_out_categories(std::string_view expression) {
  const bool may_name_one = expression.find("\\p{") != std::string_view::npos ||
                            expression.find("\\P{") != std::string_view::npos;
  if (!may_name_one || ignores_case_of_properties(expression)) return std::string(expression);
  std::string out;
  for (std::size_t at = 0; at < expression.size();) {
    if (expression[at] != '\\') {
      out += expression[at++];
      continue;
    }
    if (const std::optional<Property> property = property_at(expression, at)) {
      out += class_of(property->set, property->negated);
      at = property->end;
      continue;
    }
    out += expression.substr(at, 2);  // an escaped character, a backslash too
    at += 2;
  }
  return out;
}

}  // namespace firth
