// A text on its way through normalizer and pre-tokenizer: its present spelling, and for each byte
// of it the code points of the original text that it stands for. The rules by which a changed
// character inherits its place are those of the reference's NormalizedString, since they show in
// the offsets of tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/embedder.h"
#include "firth/text/unicode.h"
#include "firth/text/unicode_normalization.h"

namespace firth {

class NormalizedText {
 public:
  NormalizedText() = default;

  // Valid UTF-8, whose first character is number `first_code_point` of the original.
  explicit NormalizedText(std::string_view text, std::uint32_t first_code_point = 0);

  const std::string& text() const { return text_; }

  bool empty() const { return text_.empty(); }

  std::size_t size() const { return text_.size(); }

  // The part of the original that bytes [begin, end) stand for. Not empty.
  TokenSpan original(std::size_t begin, std::size_t end) const {
    return {spans_[begin].begin, spans_[end - 1].end};
  }

  // Replaces the whole text by `changes`, after dropping its first `num_dropped` characters.
  void transform(std::span<const CharChange> changes, std::size_t num_dropped = 0);

  // Keeps the characters for which keep(c) is true.
  template <class Keep>
  void filter(Keep&& keep);

  // Replaces each character c by map(c), a character.
  template <class Map>
  void map(Map&& map);

  void prepend(std::string_view prefix);  // does nothing to an empty text
  void replace(std::string_view from, std::string_view to);

  void append(const NormalizedText& other);

  void clear() {
    text_.clear();
    spans_.clear();
  }

 private:
  void push(char32_t c, TokenSpan span);

  std::string text_;
  std::vector<TokenSpan> spans_;  // one a byte
  std::uint32_t origin_ = 0;      // the first code point
};

template <class Keep>
void NormalizedText::filter(Keep&& keep) {
  std::vector<CharChange> changes;
  changes.reserve(text_.size());
  std::int32_t removed = 0;
  std::size_t num_dropped = 0;
  for_each_char(text_, [&](char32_t c, std::size_t, std::size_t) {
    if (!keep(c)) {
      ++removed;
      return;
    }
    if (changes.empty()) {
      num_dropped = static_cast<std::size_t>(removed);
    } else {
      changes.back().change = -removed;
    }
    removed = 0;
    changes.push_back({c, 0});
  });
  if (!changes.empty()) {
    changes.back().change = -removed;
  }
  transform(changes, num_dropped);
}

template <class Map>
void NormalizedText::map(Map&& map) {
  std::vector<CharChange> changes;
  changes.reserve(text_.size());
  for_each_char(text_, [&](char32_t c, std::size_t, std::size_t) {
    changes.push_back({map(c), 0});
  });
  transform(changes);
}

}  // namespace firth
