// Documents as sequences of symbols: words or characters, which n-grams are then made of. The
// definitions are scikit-learn's (feature_extraction/text.py), and those behind it Python's: \w is
// a letter, a number or _ (combining marks are not), white space is what str.split takes for it,
// lower case knows the final sigma.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "firth/counts/count_options.h"

namespace firth {

// \w of Python's re.
bool is_word_char(char32_t c);

// str.isspace.
bool is_python_space(char32_t c);

// str.lower; the text is valid UTF-8.
void append_python_lower(std::string_view text, std::string& out);

class Symbols {
 public:
  // Errors: those of check_term_options; corrupt or unsupported for a token pattern that is none.
  explicit Symbols(const TermOptions& options);
  ~Symbols();
  Symbols(Symbols&&) noexcept;
  Symbols& operator=(Symbols&&) noexcept;

  const TermOptions& options() const { return options_; }

  // Buffers of one thread.
  struct Scratch {
    std::string lowered;
    std::string stripped;
    std::string joined;
    std::vector<std::string_view> symbols;
    std::vector<std::size_t> ends;  // of the sequences: terms do not reach over them
  };

  // Fills scratch.symbols and scratch.ends; the views are valid until the next call. Text that is
  // not UTF-8 is read with U+FFFD in place of what is not.
  void find(std::string_view text, Scratch& scratch) const;

 private:
  struct State;

  std::string_view prepare(std::string_view text, Scratch& scratch) const;
  void find_words(std::string_view text, Scratch& scratch) const;
  void find_pattern(std::string_view text, Scratch& scratch) const;
  void find_chars(std::string_view text, Scratch& scratch) const;
  void find_chars_of_words(std::string_view text, Scratch& scratch) const;
  void drop_stop_words(Scratch& scratch) const;

  TermOptions options_;
  std::size_t min_word_ = 2;  // characters of a word; 0 = the pattern is an expression
  std::unique_ptr<const State> state_;
};

}  // namespace firth
