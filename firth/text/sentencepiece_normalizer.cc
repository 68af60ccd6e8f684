// Normalizer::Normalize of SentencePiece.
#include "firth/text/sentencepiece_normalizer.h"

#include <algorithm>
#include <utility>

namespace firth {

// The new text and, if places are kept, where in the old one each byte begins.
struct SentencePieceNormalizer::Output {
  std::string text;
  std::vector<std::size_t> origins;
  bool keeps_origins = false;

  void add(std::string_view bytes, std::size_t origin) {
    text += bytes;
    if (keeps_origins) origins.insert(origins.end(), bytes.size(), origin);
  }

  void add_run(std::string_view bytes, std::size_t origin) {
    text += bytes;
    for (std::size_t i = 0; keeps_origins && i < bytes.size(); ++i) origins.push_back(origin + i);
  }
};

SentencePieceNormalizer::SentencePieceNormalizer(const SentencePieceModel& model)
    : options_(model.normalizer),
      suffix_(model.treat_whitespace_as_suffix),
      space_(model.normalizer.escape_whitespaces ? "\u2581" : " ") {
  if (!options_.precompiled_charsmap.empty()) {
    map_.emplace(options_.precompiled_charsmap, model.where + ": precompiled_charsmap");
    options_.precompiled_charsmap.clear();
  }
  std::vector<std::pair<std::string_view, std::int32_t>> symbols;
  for (const auto& piece : model.pieces) {
    if (piece.type == SentencePieceModel::PieceType::kUserDefined) {
      symbols.emplace_back(piece.text, 0);
    }
  }
  for (std::size_t first = 1; first < 0x80; ++first) {
    plain_[first] = first != ' ' && std::ranges::none_of(symbols, [&](const auto& symbol) {
                      return static_cast<unsigned char>(symbol.first[0]) == first;
                    });
    for (std::size_t second = 0; second < 0x80 && map_ && plain_[first]; ++second) {
      const char bytes[] = {static_cast<char>(first), static_cast<char>(second)};
      plain_[first] = !map_->longest_prefix({bytes, sizeof bytes});
    }
  }
  user_defined_ = DoubleArray(std::move(symbols));
}

CharsMap::Match SentencePieceNormalizer::next(std::string_view text) const {
  std::size_t symbol = 0;
  user_defined_.for_each_prefix(text, [&](std::size_t length, std::int32_t) { symbol = length; });
  if (symbol > 0) return {symbol, text.substr(0, symbol)};
  if (map_) {
    if (const auto match = map_->longest_prefix(text)) return *match;
  }
  const std::size_t length = utf8_length(text[0]);
  return {length, text.substr(0, length)};
}

std::size_t SentencePieceNormalizer::plain_run(std::string_view text) const {
  std::size_t end = 0;
  while (end < text.size() && plain_[static_cast<unsigned char>(text[end])]) ++end;
  // The last one may be part of a key, unless ASCII follows.
  const bool joins = end > 0 && end < text.size() && static_cast<unsigned char>(text[end]) >= 0x80;
  return joins ? end - 1 : end;
}

void SentencePieceNormalizer::put(std::string_view text, Output& output) const {
  bool after_space = options_.remove_extra_whitespaces;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t run = plain_run(text.substr(at));
    if (run > 0) {
      output.add_run(text.substr(at, run), at);
      after_space = false;
      at += run;
      continue;
    }
    auto [length, part] = next(text.substr(at));
    while (after_space && part.starts_with(' ')) part.remove_prefix(1);
    if (!part.empty()) {
      for (const char& byte : part) {
        output.add(byte == ' ' ? std::string_view(space_) : std::string_view(&byte, 1), at);
      }
      after_space = part.ends_with(' ');
    }
    at += length;
    after_space = after_space && options_.remove_extra_whitespaces;
  }
}

void SentencePieceNormalizer::normalize(NormalizedText& text) const {
  const std::string_view old = text.text();
  Output output;
  output.keeps_origins = text.places() == Places::kKept;
  output.text.reserve(old.size() + old.size() / 4 + 8);
  std::size_t begin = 0;  // behind the spaces that the text begins with
  while (options_.remove_extra_whitespaces && begin < old.size()) {
    const CharsMap::Match match = next(old.substr(begin));
    if (match.replacement != " ") break;
    begin += match.length;
  }
  std::size_t end = old.size();
  if (begin < old.size()) {
    if (!suffix_ && options_.add_dummy_prefix) output.add(space_, 0);
    put(old.substr(begin), output);
    while (options_.remove_extra_whitespaces && output.text.ends_with(space_)) {
      output.text.resize(output.text.size() - space_.size());
      if (output.keeps_origins) {
        end = begin + output.origins[output.text.size()];
        output.origins.resize(output.text.size());
      }
    }
    if (suffix_ && options_.add_dummy_prefix) output.add(space_, end - begin);
  }
  if (!output.keeps_origins) {
    text.respell(std::move(output.text));
    return;
  }
  std::vector<TokenSpan> spans(output.text.size());
  const auto place = [&](std::size_t byte) { return text.place(begin + byte); };
  for (std::size_t i = 0; i < spans.size(); ++i) {
    spans[i] = {place(output.origins[i]),
                i + 1 < spans.size() ? place(output.origins[i + 1]) : text.place(end)};
  }
  text.respell(std::move(output.text), std::move(spans));
}

}  // namespace firth
