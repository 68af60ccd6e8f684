// The field `pattern` of tokenizer.json: {"String": "…"} or {"Regex": "…"}. A published expression
// is found by a scanner of ours (word_pattern.h), another one by Oniguruma (regex.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firth/io/json.h"
#include "firth/text/normalized_text.h"
#include "firth/text/regex.h"
#include "firth/text/word_pattern.h"

namespace firth {

class TextPattern {
 public:
  // Errors: corrupt if it is neither, or no regular expression.
  static TextPattern read(const Json& spec);

  explicit TextPattern(const WordPattern& pattern) : words_(pattern) {}

  // Appends the parts of a text: they cover it, and those that match may be empty. Errors:
  // unsupported where a regular expression reaches a limit.
  void find_parts(std::string_view text, std::vector<PatternPart>& parts) const;

  // The published expression that it is, if any.
  const std::optional<WordPattern>& words() const { return words_; }

 private:
  TextPattern() = default;

  void find_literal(std::string_view text, std::vector<PatternPart>& parts) const;
  void find_space_runs(std::string_view text, std::vector<PatternPart>& parts) const;
  void find_words(std::string_view text, std::vector<PatternPart>& parts) const;

  std::string literal_;      // if none of the others is there
  bool space_runs_ = false;  // the expression " {2,}", which SentencePiece's files have
  std::optional<WordPattern> words_;
  std::optional<Regex> regex_;
};

}  // namespace firth
