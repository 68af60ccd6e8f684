#include "firth/counts/symbols.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "firth/core/error.h"
#include "firth/io/utf8.h"
#include "firth/text/char_category.h"
#include "firth/text/regex.h"
#include "firth/text/unicode.h"
#include "firth/text/unicode_normalization.h"

namespace firth {
namespace {

constexpr bool is_ascii_word(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

constexpr std::array<bool, 256> kAsciiWord = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 128; ++c) table[c] = is_ascii_word(static_cast<unsigned char>(c));
  return table;
}();

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

// Cased and case-ignorable as far as the final sigma goes: a letter with case, and what may stand
// between it and the sigma (Unicode 3.13, Final_Sigma).
bool is_cased(char32_t c) {
  switch (char_category(c)) {
    case CharCategory::kUpper:
    case CharCategory::kLower:
    case CharCategory::kTitle:
      return true;
    default:
      return lower_case(c).first != c || (c >= 0x24B6 && c <= 0x24E9);
  }
}

bool is_case_ignorable(char32_t c) {
  if (c == '\'' || c == '.' || c == ':' || c == '^' || c == '`' || c == 0xA8 || c == 0xAD ||
      c == 0xAF || c == 0xB4 || c == 0xB7 || c == 0xB8 || c == 0x2018 || c == 0x2019 ||
      c == 0x2024 || c == 0x2027)
    return true;
  return char_category(c) == CharCategory::kMark ||
         char_category(c) == CharCategory::kModifierLetter;
}

bool cased_before(std::string_view text) {
  while (!text.empty()) {
    const char32_t c = last_char(text);
    if (!is_case_ignorable(c)) return is_cased(c);
    text.remove_suffix(utf8_length(c));
  }
  return false;
}

bool cased_behind(std::string_view text) {
  for (const char* p = text.data(); p != text.data() + text.size();) {
    const char32_t c = decode_utf8(p);
    if (!is_case_ignorable(c)) return is_cased(c);
  }
  return false;
}

constexpr char32_t kCapitalSigma = 0x3A3, kSigma = 0x3C3, kFinalSigma = 0x3C2;

char32_t lower_sigma(std::string_view before, std::string_view behind) {
  return cased_before(before) && !cased_behind(behind) ? kFinalSigma : kSigma;
}

std::string_view without_flags(std::string_view pattern) {
  return pattern.starts_with("(?u)") ? pattern.substr(4) : pattern;
}

std::size_t count_groups(std::string_view pattern) {
  std::size_t groups = 0;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (in_class) {
      in_class = pattern[i] != ']';
    } else if (pattern[i] == '[') {
      in_class = true;
    } else if (pattern[i] == '(' && (i + 1 == pattern.size() || pattern[i + 1] != '?')) {
      ++groups;
    }
  }
  return groups;
}

}  // namespace

bool is_word_char(char32_t c) {
  if (c < 0x80) return kAsciiWord[c];
  const CharCategory category = char_category(c);
  return kLetterCategories.contains(category) || category == CharCategory::kNumber;
}

bool is_python_space(char32_t c) {
  return is_whitespace(c) || (c >= 0x1C && c <= 0x1F);
}

void append_python_lower(std::string_view text, std::string& out) {
  for_each_char(text, [&](char32_t c, std::size_t begin, std::size_t end) {
    if (c < 0x80) {
      out += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    } else if (c == kCapitalSigma) {
      append_utf8(lower_sigma(text.substr(0, begin), text.substr(end)), out);
    } else {
      const LowerCase lower = lower_case(c);
      append_utf8(lower.first, out);
      if (lower.second != 0) append_utf8(lower.second, out);
    }
  });
}

struct Symbols::State {
  std::unordered_set<std::string_view> stop_words;  // views into the options
  std::unique_ptr<const Regex> pattern;
};

Symbols::Symbols(const TermOptions& options) : options_(options) {
  check_term_options(options_);
  auto state = std::make_unique<State>();
  for (const std::string& word : options_.stop_words) state->stop_words.insert(word);
  const std::string_view pattern = without_flags(options_.token_pattern);
  if (pattern == without_flags(kTwoLetterWords)) {
    min_word_ = 2;
  } else if (pattern == without_flags(kOneLetterWords) || pattern == R"(\w+)") {
    min_word_ = 1;
  } else if (options_.analyzer == Analyzer::kWord) {
    min_word_ = 0;
    if (count_groups(pattern) > 0) {
      fail(ErrorKind::kUnsupported, "token_pattern ", quoted(options_.token_pattern),
           ": expected no group that captures; write (?:…), and what must stand around a token as ",
           "(?<=…) and (?=…)");
    }
    state->pattern = std::make_unique<Regex>(pattern, "token_pattern");
  }
  state_ = std::move(state);
}

Symbols::~Symbols() = default;
Symbols::Symbols(Symbols&&) noexcept = default;
Symbols& Symbols::operator=(Symbols&&) noexcept = default;

namespace {

void strip_unicode(std::string_view text, std::string& out) {
  std::vector<CharChange> changes;
  normalize_unicode(text, NormalizationForm::kNfkd, changes);
  for (const CharChange& change : changes) {
    if (code_point_record(change.character).combining_class == 0)
      append_utf8(change.character, out);
  }
}

void strip_ascii(std::string_view text, std::string& out) {
  std::vector<CharChange> changes;
  normalize_unicode(text, NormalizationForm::kNfkd, changes);
  for (const CharChange& change : changes) {
    if (change.character < 0x80) out += static_cast<char>(change.character);
  }
}

}  // namespace

std::string_view Symbols::prepare(std::string_view text, Scratch& scratch) const {
  const bool ascii = is_ascii(text);
  if (!ascii && !is_valid_utf8(text)) {
    scratch.joined = replace_invalid_utf8(text);
    text = scratch.joined;
  }
  if (options_.lowercase) {
    scratch.lowered.clear();
    if (ascii) {
      scratch.lowered.resize(text.size());
      std::ranges::transform(text, scratch.lowered.begin(), [](char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
      });
    } else {
      append_python_lower(text, scratch.lowered);
    }
    text = scratch.lowered;
  }
  if (options_.strip_accents == StripAccents::kNone || ascii) return text;
  scratch.stripped.clear();
  if (options_.strip_accents == StripAccents::kUnicode) {
    strip_unicode(text, scratch.stripped);
  } else {
    strip_ascii(text, scratch.stripped);
  }
  return scratch.stripped;
}

void Symbols::find(std::string_view text, Scratch& scratch) const {
  scratch.symbols.clear();
  scratch.ends.clear();
  text = prepare(text, scratch);
  switch (options_.analyzer) {
    case Analyzer::kWord:
      min_word_ > 0 ? find_words(text, scratch) : find_pattern(text, scratch);
      drop_stop_words(scratch);
      break;
    case Analyzer::kChar:
      find_chars(text, scratch);
      break;
    case Analyzer::kCharWb:
      find_chars_of_words(text, scratch);
      return;
  }
  scratch.ends.push_back(scratch.symbols.size());
}

// Runs of word characters, of min_word_ of them at least.
void Symbols::find_words(std::string_view text, Scratch& scratch) const {
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p != end) {
    const char* const begin = p;
    std::size_t length = 0;
    while (p != end) {
      const auto byte = static_cast<unsigned char>(*p);
      if (byte < 0x80) {
        if (!kAsciiWord[byte]) break;
        ++p;
      } else {
        const char* next = p;
        if (!is_word_char(decode_utf8(next))) break;
        p = next;
      }
      ++length;
    }
    if (length >= min_word_) scratch.symbols.emplace_back(begin, p - begin);
    if (p != end) p += utf8_length(*p);
  }
}

void Symbols::find_pattern(std::string_view text, Scratch& scratch) const {
  std::vector<PatternPart> parts;
  state_->pattern->find_parts(text, parts);
  for (const PatternPart& part : parts) {
    if (!part.is_match) continue;
    const std::string_view token = text.substr(part.begin, part.end - part.begin);
    if (options_.max_n > 1 && token.find(' ') != std::string_view::npos) {
      fail(ErrorKind::kUnsupported, "token_pattern ", quoted(options_.token_pattern),
           ": expected tokens without a space, since n-grams are joined by one, found ",
           quoted(token));
    }
    scratch.symbols.push_back(token);
  }
}

void Symbols::drop_stop_words(Scratch& scratch) const {
  if (state_->stop_words.empty()) return;
  std::erase_if(scratch.symbols,
                [&](std::string_view word) { return state_->stop_words.contains(word); });
}

// A run of two or more blanks counts as one space; a single one stays what it is.
void Symbols::find_chars(std::string_view text, Scratch& scratch) const {
  std::size_t run = 0;
  for_each_char(text, [&](char32_t c, std::size_t begin, std::size_t end) {
    run = is_python_space(c) ? run + 1 : 0;
    if (run > 1) {
      scratch.symbols.back() = " ";
    } else {
      scratch.symbols.push_back(text.substr(begin, end - begin));
    }
  });
}

void Symbols::find_chars_of_words(std::string_view text, Scratch& scratch) const {
  bool in_word = false;
  for_each_char(text, [&](char32_t c, std::size_t begin, std::size_t end) {
    const bool space = is_python_space(c);
    if (space == in_word) {
      scratch.symbols.emplace_back(" ");
      if (in_word) scratch.ends.push_back(scratch.symbols.size());
      in_word = !in_word;
    }
    if (!space) scratch.symbols.push_back(text.substr(begin, end - begin));
  });
  if (!in_word) return;
  scratch.symbols.emplace_back(" ");
  scratch.ends.push_back(scratch.symbols.size());
}

}  // namespace firth
