// The precompiled character map of SentencePiece (`precompiled_charsmap` of its normalizer and of
// tokenizer.json): strings and what they become. Its bytes are
//
//   u32 size of the trie in bytes | the trie, u32 units | replacements, each ended by a NUL
//
// all little-endian; the trie is a double array as darts-clone writes it. The child of a node by a
// byte lies at position ^ byte, a leaf holds the place of its replacement.
//
// Nothing in the map is trusted: a step out of the trie finds nothing, and so does a value that
// points outside the replacements or into the middle of a character.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firth {

class CharsMap {
 public:
  struct Match {
    std::size_t length = 0;  // bytes of the key
    std::string_view replacement;
  };

  // `where` is what errors name. Errors (corrupt): sizes that do not fit, invalid UTF-8.
  CharsMap(std::string_view bytes, const std::string& where);

  // The shortest, or the longest, key that `text` begins with.
  std::optional<Match> shortest_prefix(std::string_view text) const;
  std::optional<Match> longest_prefix(std::string_view text) const;

 private:
  template <class OnKey>
  void walk(std::string_view text, OnKey&& on_key) const;

  std::optional<std::string_view> replacement_at(std::uint32_t value) const;

  std::vector<std::uint32_t> units_;
  std::string replacements_;
};

}  // namespace firth
