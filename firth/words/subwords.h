// fastText's character n-grams (Bojanowski et al. 2017, arXiv:1607.04606, section 3.2): all pieces
// of `minn` to `maxn` characters of "<word>", hashed into `bucket` rows. A piece of one character
// that is the bracket at either end does not count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "firth/words/word_list.h"

namespace firth {

// visit(piece, hash) for every n-gram, in the order of the places where they begin. Bytes that
// are no UTF-8 count as fastText counts them: a byte of the form 10xxxxxx goes on with the one
// before.
template <class Visit>
void for_each_ngram(std::string_view word, std::size_t minn, std::size_t maxn, Visit&& visit) {
  std::string bracketed;
  bracketed.reserve(word.size() + 2);
  bracketed.append("<").append(word).append(">");
  const std::string_view text = bracketed;
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    if (continues(begin)) continue;
    std::size_t end = begin;
    std::uint32_t hash = 2166136261u;
    for (std::size_t n = 1; end < text.size() && n <= maxn; ++n) {
      do {
        hash ^= static_cast<std::uint32_t>(
            static_cast<std::int32_t>(static_cast<std::int8_t>(text[end])));
        hash *= 16777619u;
        ++end;
      } while (end < text.size() && continues(end));
      const bool is_bracket = n == 1 && (begin == 0 || end == text.size());
      if (n >= minn && !is_bracket) visit(text.substr(begin, end - begin), hash);
    }
  }
}

}  // namespace firth
