// The normalizer `Precompiled`: SentencePiece's character map, applied as the reference does it. A
// grapheme cluster of fewer than six bytes is looked up as a whole: the shortest key that it begins
// with decides, and what follows that key in the cluster is lost. Else its characters are looked up
// one by one, in the same way.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "firth/text/chars_map.h"
#include "firth/text/normalizer.h"

namespace firth {

class Precompiled : public Normalizer {
 public:
  explicit Precompiled(CharsMap map);

  void normalize(NormalizedText& text) const override;

 private:
  // Whether the map leaves a character alone that is no part of a longer cluster.
  bool is_unchanged(char32_t c) const {
    return c < 0x10000 ? unchanged_[c] : !map_.shortest_prefix(encoded(c));
  }

  bool is_unchanged_ascii(char byte) const {
    return unchanged_ascii_[static_cast<unsigned char>(byte)];
  }

  static std::string encoded(char32_t c);

  // Where the run of clusters ends that begins at `begin` and that consists of such characters.
  std::size_t unchanged_run(std::string_view text, std::size_t begin) const;

  void normalize_with_places(NormalizedText& text) const;

  template <class Put>
  void put_cluster(std::string_view cluster, Put&& put) const;

  CharsMap map_;
  std::vector<bool> unchanged_;  // of the basic plane
  std::array<bool, 256> unchanged_ascii_{};
};

}  // namespace firth
