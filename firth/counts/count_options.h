// What counts as a term, and which terms are kept: the options of scikit-learn's CountVectorizer
// under their names. A document is lower-cased, freed of accents, and cut into symbols (words, or
// characters); terms are runs of min_n to max_n symbols; words of a run are joined by a space.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace firth {

enum class Analyzer : std::uint8_t {
  kWord,
  kChar,    // characters of the text, a run of white space being one space
  kCharWb,  // characters of each word between blanks, with a space before and behind it
};

std::string_view analyzer_name(Analyzer analyzer);
Analyzer parse_analyzer(std::string_view name);  // "word", "char", "char_wb"

enum class StripAccents : std::uint8_t { kNone, kUnicode, kAscii };

std::string_view strip_accents_name(StripAccents strip);
StripAccents parse_strip_accents(std::string_view name);  // "none", "unicode", "ascii"

// The words between which \b lies, of two and of one letters at least: what scanners of ours find.
inline constexpr std::string_view kTwoLetterWords = R"((?u)\b\w\w+\b)";
inline constexpr std::string_view kOneLetterWords = R"((?u)\b\w+\b)";

// How many documents must (or may) have a term: a number of them, or a share of all.
struct DocumentLimit {
  double value = 1;
  bool is_share = false;

  friend bool operator==(const DocumentLimit&, const DocumentLimit&) = default;
};

// "3" is a number of documents, "0.5" or "1.0" (a point in it) a share. Errors: invalid_argument.
DocumentLimit parse_document_limit(std::string_view text, std::string_view where);

struct TermOptions {
  Analyzer analyzer = Analyzer::kWord;
  std::size_t min_n = 1;  // symbols of a term
  std::size_t max_n = 1;
  bool lowercase = true;
  StripAccents strip_accents = StripAccents::kNone;
  std::string token_pattern = std::string(kTwoLetterWords);  // of kWord; any other expression is
                                                             // slower: it goes to Oniguruma
  std::vector<std::string> stop_words = {};  // left out before terms are built; kWord only
};

struct CountOptions {
  TermOptions terms = {};
  DocumentLimit min_df = {};
  DocumentLimit max_df = {.value = 1.0, .is_share = true};
  std::size_t max_features = 0;  // the terms that occur most often, 0 = all; of equally frequent
                                 // ones those that come first in the alphabet
  bool binary = false;           // 1 for each term that occurs
};

// Errors (invalid_argument): an n-gram range that is none, limits out of range, a pattern with more
// than one group.
void check_term_options(const TermOptions& options);
void check_count_options(const CountOptions& options);

}  // namespace firth
