// The Unicode categories of which the expressions of byte-level tokenizers speak, as the regular
// expressions of Hugging Face tokenizers have them (scripts/make_category_tables.py): another
// Unicode version than that of its other parts. No character is in two of them.
#pragma once

#include <cstdint>

#include "firth/text/unicode.h"

namespace firth {

enum class CharCategory : std::uint8_t {
  kOther,  // control and format characters, unassigned, private use
  kUpper,  // Lu
  kLower,  // Ll
  kTitle,  // Lt
  kModifierLetter,
  kOtherLetter,
  kMark,
  kNumber,
  kPunctuation,
  kSymbol,
  kSpace,  // \s
};

namespace internal {
extern const std::uint16_t kCategoryStage1[];
extern const std::uint8_t kCategoryStage2[];
}  // namespace internal

inline CharCategory char_category(char32_t c) {
  const std::size_t block = internal::kCategoryStage1[c / internal::kTableBlock];
  return static_cast<CharCategory>(
      internal::kCategoryStage2[block * internal::kTableBlock + c % internal::kTableBlock]);
}

// A set of categories, for tests of one instruction.
class CategorySet {
 public:
  template <class... Categories>
  explicit constexpr CategorySet(Categories... categories)
      : bits_(((1u << static_cast<unsigned>(categories)) | ... | 0u)) {}

  constexpr bool contains(CharCategory category) const {
    return ((bits_ >> static_cast<unsigned>(category)) & 1u) != 0;
  }

 private:
  std::uint32_t bits_;
};

inline constexpr CategorySet kLetterCategories{CharCategory::kUpper, CharCategory::kLower,
                                               CharCategory::kTitle, CharCategory::kModifierLetter,
                                               CharCategory::kOtherLetter};

}  // namespace firth
