// How characters inherit their place in the original.
#include "firth/text/normalized_text.h"

#include <utility>

namespace firth {

NormalizedText::NormalizedText(std::string_view text, std::uint32_t first_code_point)
    : text_(text), origin_(first_code_point) {
  spans_.reserve(text.size());
  std::uint32_t i = first_code_point;
  for_each_char(text, [&](char32_t, std::size_t begin, std::size_t end) {
    spans_.insert(spans_.end(), end - begin, {i, i + 1});
    ++i;
  });
}

void NormalizedText::push(char32_t c, TokenSpan span) {
  append_utf8(c, text_);
  spans_.insert(spans_.end(), utf8_length(c), span);
}

void NormalizedText::transform(std::span<const CharChange> changes, std::size_t num_dropped) {
  const std::string old_text = std::exchange(text_, {});
  const std::vector<TokenSpan> old_spans = std::exchange(spans_, {});
  text_.reserve(old_text.size());
  spans_.reserve(old_spans.size());
  std::size_t at = 0;  // in the old text
  const auto skip = [&](std::size_t num_chars) {
    for (; num_chars > 0 && at < old_text.size(); --num_chars) {
      at += utf8_length(old_text[at]);
    }
  };
  skip(num_dropped);
  for (const auto& [c, change] : changes) {
    TokenSpan span{origin_, origin_};
    if (change <= 0 && at < old_spans.size()) {
      span = old_spans[at];
    } else if (at > 0) {
      span = old_spans[at - 1];
    }
    if (change <= 0) {
      skip(1 + static_cast<std::size_t>(-change));
    }
    push(c, span);
  }
}

void NormalizedText::prepend(std::string_view prefix) {
  if (empty() || prefix.empty()) {
    return;
  }
  // The prefix belongs to the first character.
  const TokenSpan first = spans_.front();
  text_.insert(0, prefix);
  spans_.insert(spans_.begin(), prefix.size(), first);
}

void NormalizedText::replace(std::string_view from, std::string_view to) {
  std::size_t match = from.empty() ? std::string::npos : text_.find(from);
  if (match == std::string::npos) {
    return;
  }
  std::string text;
  std::vector<TokenSpan> spans;
  std::size_t copied = 0;
  for (; match != std::string::npos; match = text_.find(from, copied)) {
    text.append(text_, copied, match - copied);
    spans.insert(spans.end(), spans_.begin() + static_cast<std::ptrdiff_t>(copied),
                 spans_.begin() + static_cast<std::ptrdiff_t>(match));
    copied = match + from.size();
    // What is put in belongs to the last character that is taken out.
    text += to;
    spans.insert(spans.end(), to.size(), spans_[copied - 1]);
  }
  text.append(text_, copied);
  spans.insert(spans.end(), spans_.begin() + static_cast<std::ptrdiff_t>(copied), spans_.end());
  text_ = std::move(text);
  spans_ = std::move(spans);
}

void NormalizedText::append(const NormalizedText& other) {
  text_ += other.text_;
  spans_.insert(spans_.end(), other.spans_.begin(), other.spans_.end());
}

}  // namespace firth
