// What scripts/make_unicode_tables.py writes to unicode_tables.cc: two-level tables (block of
// 128 code points, then record) and sorted lists. unicode.h gives them meaning.
#pragma once

#include <cstddef>
#include <cstdint>

namespace firth::internal {

struct CodePointRecord {
  std::uint8_t flags;  // CharFlag
  std::uint8_t combining_class;
  std::uint8_t grapheme_class;  // GraphemeClass
  std::uint8_t script;          // that of the pre-tokenizer UnicodeScripts; 0 = none
  std::int32_t lower_delta;     // added to the code point
};

// Full decompositions: `canonical_length` code points from `offset`, then, where the compatibility
// decomposition differs, `compatible_length` more. Hangul syllables are computed.
struct Decomposition {
  std::uint16_t offset;
  std::uint8_t canonical_length;
  std::uint8_t compatible_length;
};

struct Composition {
  char32_t first;
  char32_t second;
  char32_t composite;
};

struct ScriptRange {
  char32_t first;
  char32_t last;
  std::uint8_t script;  // index into kScriptNames
};

inline constexpr std::size_t kTableBlock = 128;

extern const std::uint16_t kPropertyStage1[];
extern const std::uint16_t kPropertyStage2[];
extern const CodePointRecord kCodePointRecords[];
extern const std::uint16_t kDecompositionStage1[];
extern const std::uint16_t kDecompositionStage2[];
extern const Decomposition kDecompositions[];
extern const char32_t kDecompositionData[];
extern const Composition kCompositions[];  // sorted by first, second
extern const std::size_t kNumCompositions;
extern const char* const kScriptNames[];
extern const ScriptRange kScriptRanges[];  // sorted
extern const std::size_t kNumScriptRanges;
extern const std::uint8_t kUnknownScript;

}  // namespace firth::internal
