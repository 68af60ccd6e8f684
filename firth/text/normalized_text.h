// A text on its way through normalizer and pre-tokenizer: its present spelling, and for each byte
// of it the code points of the original text that it stands for. The rules by which a changed
// character inherits its place are those of the reference's NormalizedString, since they show in
// the offsets of tokens.
//
// Callers that want ids only ask for Places::kNone: then but one thing is known about places, which
// bytes stand for the very first character (a Metaspace may ask for it). Spelling and pieces are
// the same in both modes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "firth/core/embedder.h"
#include "firth/text/unicode.h"
#include "firth/text/unicode_normalization.h"

namespace firth {

enum class Places : std::uint8_t { kNone, kKept };

// A part of a text that a pattern finds, or one between two such.
struct PatternPart {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_match = false;
};

class NormalizedText {
 public:
  explicit NormalizedText(Places places = Places::kKept) : places_(places) {}

  // Valid UTF-8, whose first character is number `first_code_point` of the original.
  explicit NormalizedText(std::string_view text, std::uint32_t first_code_point = 0,
                          Places places = Places::kKept);

  const std::string& text() const { return text_; }

  bool empty() const { return text_.empty(); }

  std::size_t size() const { return text_.size(); }

  Places places() const { return places_; }

  // The part of the original that bytes [begin, end) stand for; places must be kept. Not empty.
  TokenSpan original(std::size_t begin, std::size_t end) const {
    return {spans_[begin].begin, spans_[end - 1].end};
  }

  // Whether the byte stands for the first character of the original.
  bool is_first(std::size_t byte) const { return byte < num_first_; }

  // Without places: whether whatever becomes of the bytes from `begin` on, what is known stays as
  // it is, if the bytes before stay too.
  bool is_settled(std::size_t begin) const {
    return places_ == Places::kNone && num_floating_ == 0 && begin > num_first_;
  }

  // Without places: gives the text another spelling, of which all is the same up to a byte where it
  // is settled.
  void respell(std::string text) { text_ = std::move(text); }

  // The same with places, an entry a byte.
  void respell(std::string text, std::vector<TokenSpan> spans) {
    text_ = std::move(text);
    spans_ = std::move(spans);
  }

  // The code point of the original that the byte begins with, or that stands behind the text.
  std::uint32_t place(std::size_t byte) const {
    return byte < spans_.size() ? spans_[byte].begin : spans_.empty() ? origin_ : spans_.back().end;
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

  // Replaces the matches among `parts`, which cover the text and may be empty.
  void replace(std::span<const PatternPart> parts, std::string_view to);

  // Appends bytes [begin, end) of another text with their places.
  void append(const NormalizedText& other, std::size_t begin, std::size_t end);

  void append(const NormalizedText& other) { append(other, 0, other.size()); }

  // Appends bytes that inherit the place of byte `like` of another text.
  void append(std::string_view bytes, const NormalizedText& other, std::size_t like);

  void reserve(std::size_t size);

  void clear();

 private:
  void push(char32_t c, TokenSpan span, bool first);

  std::string text_;
  std::vector<TokenSpan> spans_;  // one a byte, if places are kept
  std::uint32_t origin_ = 0;      // the first code point
  Places places_ = Places::kKept;
  std::size_t num_first_ = 0;  // bytes at the beginning that stand for code point 0
  // Bytes at the beginning that were put there by a pattern that matches nothing: the reference
  // gives them an empty place, and its next transformation passes over them.
  std::size_t num_floating_ = 0;
};

template <class Keep>
void NormalizedText::filter(Keep&& keep) {
  std::vector<CharChange> changes;
  changes.reserve(text_.size());
  std::int32_t removed = 0;
  std::size_t num_dropped = 0;
  bool identical = true;
  for_each_char(text_, [&](char32_t c, std::size_t, std::size_t) {
    if (!keep(c)) {
      ++removed;
      identical = false;
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
  if (identical && num_floating_ == 0) {
    return;
  }
  if (!changes.empty()) {
    changes.back().change = -removed;
  }
  transform(changes, num_dropped);
}

template <class Map>
void NormalizedText::map(Map&& map) {
  std::vector<CharChange> changes;
  changes.reserve(text_.size());
  bool identical = true;
  for_each_char(text_, [&](char32_t c, std::size_t, std::size_t) {
    const char32_t mapped = map(c);
    identical = identical && mapped == c;
    changes.push_back({mapped, 0});
  });
  if (!identical || num_floating_ > 0) {
    transform(changes);
  }
}

}  // namespace firth
