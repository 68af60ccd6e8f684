// Extended grapheme clusters (UAX #29), as far as the reference's Precompiled normalizer depends on
// them: it looks clusters of fewer than six bytes up as a whole. Classes that make no difference
// below six bytes (regional indicators) are left out; the tables are those of the reference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "firth/text/unicode.h"

namespace firth {

enum class GraphemeClass : std::uint8_t {
  kOther,
  kControl,  // CR and LF too
  kExtend,
  kZwj,
  kExtendAlone,  // extends, but parts an Indic conjunct (ZWNJ)
  kLinker,       // joins Indic consonants (virama)
  kSpacingMark,
  kPrepend,
  kPictograph,
  kConsonant,  // Indic
  kL,          // Hangul
  kV,
  kT,
  kLv,
  kLvt,
};

inline GraphemeClass grapheme_class(char32_t c) {
  return static_cast<GraphemeClass>(code_point_record(c).grapheme_class);
}

// A quick answer for most of any text: between two characters of these classes lies a boundary,
// where the first is alone in its cluster.
inline bool is_plain(GraphemeClass c) {
  return c == GraphemeClass::kOther || c == GraphemeClass::kPictograph ||
         c == GraphemeClass::kConsonant || c >= GraphemeClass::kLv;
}

inline bool begins_after_plain(GraphemeClass c) {
  return c <= GraphemeClass::kControl ||
         (c >= GraphemeClass::kPrepend && c != GraphemeClass::kV && c != GraphemeClass::kT);
}

// Where the cluster that begins at `begin` ends, in valid text. begin < text.size().
std::size_t cluster_end(std::string_view text, std::size_t begin);

}  // namespace firth
