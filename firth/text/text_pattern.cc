// Reading patterns, and finding by each kind.
#include "firth/text/text_pattern.h"

#include <algorithm>

#include "firth/core/error.h"
#include "firth/text/word_scanner.h"

namespace firth {

TextPattern TextPattern::read(const Json& spec) {
  TextPattern pattern;
  if (const std::optional<Json> literal = spec.find("String")) {
    pattern.literal_ = literal->as_string();
    // The reference makes it an expression, and an empty one matches between all characters.
    if (pattern.literal_.empty()) pattern.regex_.emplace("", literal->where());
    return pattern;
  }
  const std::optional<Json> regex = spec.find("Regex");
  if (!regex) {
    fail(ErrorKind::kCorrupt, spec.where(), ": expected 'String' or 'Regex', found ",
         spec.describe());
  }
  const std::string_view expression = regex->as_string();
  pattern.words_ = find_word_pattern(expression);
  pattern.space_runs_ = expression == " {2,}";
  if (!pattern.words_ && !pattern.space_runs_) pattern.regex_.emplace(expression, regex->where());
  return pattern;
}

void TextPattern::find_parts(std::string_view text, std::vector<PatternPart>& parts) const {
  if (words_) {
    find_words(text, parts);
  } else if (regex_) {
    regex_->find_parts(text, parts);
  } else if (space_runs_) {
    find_space_runs(text, parts);
  } else {
    find_literal(text, parts);
  }
}

void TextPattern::find_literal(std::string_view text, std::vector<PatternPart>& parts) const {
  std::size_t open = 0;
  for (std::size_t at = text.find(literal_); at != std::string_view::npos;
       at = text.find(literal_, open)) {
    if (open < at) parts.push_back({open, at, false});
    open = at + literal_.size();
    parts.push_back({at, open, true});
  }
  if (open < text.size()) parts.push_back({open, text.size(), false});
}

void TextPattern::find_space_runs(std::string_view text, std::vector<PatternPart>& parts) const {
  std::size_t open = 0;
  for (std::size_t at = text.find("  "); at != std::string_view::npos; at = text.find("  ", open)) {
    if (open < at) parts.push_back({open, at, false});
    open = std::min(text.find_first_not_of(' ', at), text.size());
    parts.push_back({at, open, true});
  }
  if (open < text.size()) parts.push_back({open, text.size(), false});
}

void TextPattern::find_words(std::string_view text, std::vector<PatternPart>& parts) const {
  with_word_pattern(*words_, [&](auto tag) {
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const WordScanner<decltype(tag)::pattern()> scanner(end);
    for (const char* p = begin; p != end;) {
      const char* const word = p;
      p = scanner.next(p);
      parts.push_back(
          {static_cast<std::size_t>(word - begin), static_cast<std::size_t>(p - begin), true});
    }
  });
}

}  // namespace firth
