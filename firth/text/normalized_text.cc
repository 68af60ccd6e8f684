// How characters inherit their place in the original.
#include "firth/text/normalized_text.h"

#include <utility>

namespace firth {

NormalizedText::NormalizedText(std::string_view text, std::uint32_t first_code_point, Places places)
    : text_(text), origin_(first_code_point), places_(places) {
  if (first_code_point == 0 && !text.empty()) {
    num_first_ = utf8_length(text[0]);
  }
  if (places == Places::kNone) {
    return;
  }
  spans_.reserve(text.size());
  std::uint32_t i = first_code_point;
  for_each_char(text, [&](char32_t, std::size_t begin, std::size_t end) {
    spans_.insert(spans_.end(), end - begin, {i, i + 1});
    ++i;
  });
}

void NormalizedText::reserve(std::size_t size) {
  text_.reserve(size);
  if (places_ == Places::kKept) {
    spans_.reserve(size);
  }
}

void NormalizedText::clear() {
  text_.clear();
  spans_.clear();
  num_first_ = 0;
  num_floating_ = 0;
}

void NormalizedText::push(char32_t c, TokenSpan span, bool first) {
  num_first_ += first && num_first_ == text_.size() ? utf8_length(c) : 0;
  append_utf8(c, text_);
  if (places_ == Places::kKept) {
    spans_.insert(spans_.end(), utf8_length(c), span);
  }
}

void NormalizedText::transform(std::span<const CharChange> changes, std::size_t num_dropped) {
  NormalizedText old(places_);
  std::swap(old, *this);
  origin_ = old.origin_;
  reserve(old.size());
  append(old, 0, old.num_floating_);
  num_floating_ = old.num_floating_;
  std::size_t at = old.num_floating_;  // in the old text
  const auto skip = [&](std::size_t num_chars) {
    for (; num_chars > 0 && at < old.size(); --num_chars) {
      at += utf8_length(old.text_[at]);
    }
  };
  skip(num_dropped);
  const bool keeps = places_ == Places::kKept;
  for (const auto& [c, change] : changes) {
    if (!keeps && at > old.num_first_) {
      append_utf8(c, text_);  // places do not matter any more
      continue;
    }
    TokenSpan span{origin_, origin_};
    bool first = origin_ == 0;
    if (at > 0 || change <= 0) {
      const std::size_t like = change <= 0 && at < old.size() ? at : at == 0 ? 0 : at - 1;
      if (like < old.size()) {
        span = keeps ? old.spans_[like] : span;
        first = old.is_first(like);
      }
    }
    if (change <= 0) {
      skip(1 + static_cast<std::size_t>(-change));
    }
    push(c, span, first);
  }
}

void NormalizedText::prepend(std::string_view prefix) {
  if (empty()) {
    return;
  }
  if (prefix.empty()) {
    // The reference gives the first character an empty place.
    num_floating_ = utf8_length(text_[0]);
    const std::size_t num_spans = std::min(num_floating_, spans_.size());
    std::fill_n(spans_.begin(), num_spans, TokenSpan{origin_, origin_});
    return;
  }
  // The prefix belongs to the first character.
  num_first_ += num_first_ > 0 ? prefix.size() : 0;
  num_floating_ += num_floating_ > 0 ? prefix.size() : 0;
  text_.insert(0, prefix);
  if (places_ == Places::kKept) {
    const TokenSpan first = spans_.front();
    spans_.insert(spans_.begin(), prefix.size(), first);
  }
}

void NormalizedText::replace(std::span<const PatternPart> parts, std::string_view to) {
  NormalizedText old(places_);
  std::swap(old, *this);
  origin_ = old.origin_;
  reserve(old.size());
  for (const PatternPart& part : parts) {
    if (!part.is_match) {
      append(old, part.begin, part.end);
    } else if (part.end > 0) {
      // What is put in belongs to the last character that is taken out, or stands before.
      append(to, old, part.end - 1);
    } else {
      num_floating_ = to.size();
      num_first_ = origin_ == 0 ? to.size() : 0;
      text_ = to;
      spans_.assign(places_ == Places::kKept ? to.size() : 0, {origin_, origin_});
    }
  }
}

void NormalizedText::append(const NormalizedText& other, std::size_t begin, std::size_t end) {
  if (num_first_ == text_.size() && begin < other.num_first_) {
    num_first_ += std::min(end, other.num_first_) - begin;
  }
  text_.append(other.text_, begin, end - begin);
  if (places_ == Places::kKept) {
    spans_.insert(spans_.end(), other.spans_.begin() + static_cast<std::ptrdiff_t>(begin),
                  other.spans_.begin() + static_cast<std::ptrdiff_t>(end));
  }
}

void NormalizedText::append(std::string_view bytes, const NormalizedText& other, std::size_t like) {
  if (num_first_ == text_.size() && other.is_first(like)) {
    num_first_ += bytes.size();
  }
  text_ += bytes;
  if (places_ == Places::kKept) {
    spans_.insert(spans_.end(), bytes.size(), other.spans_[like]);
  }
}

}  // namespace firth
