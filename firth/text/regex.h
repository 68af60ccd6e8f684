// Regular expressions of tokenizer files that no scanner of ours knows, by Oniguruma: the library
// and the syntax of the reference. It is handed expressions and texts that nobody vouches for, so
// every search has limits, and reaching one is an error and not an answer:
//   - kMaxExpression bytes of expression,
//   - kMaxRetries steps back within one search, kMaxStack entries of its stack,
//   - for one text, kMinSeconds of processor time and kSecondsPerByte more for each of its bytes.
// Categories (\p{L}, …) are those of the reference (category_classes.h); \w, \d, scripts and other
// properties are of Oniguruma's own Unicode version (14 for 6.9.8).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "firth/text/normalized_text.h"

namespace firth {

class Regex {
 public:
  static constexpr std::size_t kMaxExpression = 16384;
  static constexpr unsigned long kMaxRetries = 20'000'000;
  static constexpr unsigned kMaxStack = 8'000'000;
  static constexpr double kMinSeconds = 2;
  static constexpr double kSecondsPerByte = 2e-6;

  // `where` is what errors name. Errors: corrupt if the expression is none.
  Regex(std::string_view expression, std::string where);

  // Appends the parts of valid text: matches, and what lies between them. An empty match is a part
  // that is a match, as the reference has it. Errors: unsupported if a limit is reached.
  void find_parts(std::string_view text, std::vector<PatternPart>& parts) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace firth
