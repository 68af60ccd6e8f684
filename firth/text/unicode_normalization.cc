// Decomposition with canonical ordering, then composition. The bookkeeping of changes is the
// reference's: marks that change places keep the change they were made with.
#include "firth/text/unicode_normalization.h"

#include <algorithm>
#include <array>

namespace firth {
namespace {

std::uint8_t combining_class(char32_t c) {
  return code_point_record(c).combining_class;
}

// Puts the combining marks of [begin, end) into canonical order.
void sort_marks(std::vector<CharChange>& chars, std::size_t begin) {
  if (chars.size() - begin < 2) {
    return;
  }
  std::stable_sort(chars.begin() + static_cast<std::ptrdiff_t>(begin), chars.end(),
                   [](const CharChange& a, const CharChange& b) {
                     return combining_class(a.character) < combining_class(b.character);
                   });
}

void decompose_text(std::string_view text, bool compatible, std::vector<CharChange>& out) {
  std::size_t marks = out.size();  // where the current run of marks begins
  for_each_char(text, [&](char32_t c, std::size_t, std::size_t) {
    std::int32_t change = 0;
    decompose(c, compatible, [&](char32_t part) {
      if (combining_class(part) == 0) {
        sort_marks(out, marks);
        marks = out.size() + 1;
      }
      out.push_back({part, change});
      change = 1;
    });
  });
  if (marks < out.size()) {
    sort_marks(out, marks);
  }
}

// Composes out[begin…] in place. A mark is blocked from the starter by a mark of the same or a
// higher class between them.
void compose_text(std::vector<CharChange>& out, std::size_t begin) {
  std::size_t end = begin;  // of the result
  bool has_starter = false;
  std::size_t starter = 0;
  int last_class = -1;  // of the mark kept last behind the starter; -1 = none
  for (std::size_t i = begin; i < out.size(); ++i) {
    const CharChange c = out[i];
    const int its_class = combining_class(c.character);
    if (has_starter && last_class < its_class) {
      if (const char32_t composite = compose(out[starter].character, c.character)) {
        out[starter] = {composite, out[starter].change + c.change - 1};
        continue;
      }
    }
    if (its_class == 0) {
      has_starter = true;
      starter = end;
      last_class = -1;
    } else if (has_starter) {
      last_class = its_class;
    }
    out[end++] = c;
  }
  out.resize(end);
}

char32_t compose_hangul(char32_t first, char32_t second) {
  using hangul::kLead, hangul::kVowel, hangul::kTail, hangul::kSyllable;
  using hangul::kNumSyllables, hangul::kNumTails, hangul::kNumLeads, hangul::kNumVowels;
  if (first - kLead < kNumLeads && second - kVowel < kNumVowels) {
    return kSyllable + ((first - kLead) * kNumVowels + (second - kVowel)) * kNumTails;
  }
  if (first - kSyllable < kNumSyllables && (first - kSyllable) % kNumTails == 0 &&
      second - kTail - 1 < kNumTails - 1) {
    return first + (second - kTail);
  }
  return 0;
}

// Characters of class 0 that may join the character before: vowel signs and jamo. Those of other
// classes are told by their class.
class JoiningStarters {
 public:
  JoiningStarters() {
    for (std::size_t i = 0; i < internal::kNumCompositions; ++i) {
      const char32_t second = internal::kCompositions[i].second;
      if (combining_class(second) == 0) add(second);
    }
    for (char32_t i = 0; i < hangul::kNumVowels; ++i) add(hangul::kVowel + i);
    for (char32_t i = 1; i < hangul::kNumTails; ++i) add(hangul::kTail + i);
  }

  bool contains(char32_t c) const { return c < kEnd && (bits_[c / 64] >> c % 64 & 1) != 0; }

 private:
  static constexpr char32_t kEnd = 0x20000;  // nothing beyond it joins

  void add(char32_t c) { bits_[c / 64] |= std::uint64_t{1} << c % 64; }

  std::array<std::uint64_t, kEnd / 64> bits_{};
};

// True if a composing form gives c back. What decomposes to one character ("Å", the unit) does not
// come back, and neither do those that are excluded from composition.
bool recomposes(char32_t c) {
  std::array<char32_t, 4> parts;
  std::size_t count = 0;
  decompose(c, false, [&](char32_t part) {
    if (count < parts.size()) parts[count] = part;
    ++count;
  });
  if (count < 2 || count > parts.size()) return false;
  char32_t whole = parts[0];
  for (std::size_t i = 1; i < count; ++i) {
    whole = compose(whole, parts[i]);
    if (whole == 0) return false;
  }
  return whole == c && combining_class(parts[0]) == 0;
}

bool decomposes(char32_t c, bool compatible) {
  bool changed = false;
  decompose(c, compatible, [&](char32_t part) { changed = changed || part != c; });
  return changed;
}

// True if a character stays as it is next to others of which this is true as well.
bool is_inert(char32_t c, NormalizationForm form) {
  static const JoiningStarters kJoining;
  const bool composes = form == NormalizationForm::kNfc || form == NormalizationForm::kNfkc;
  const bool compatible = form == NormalizationForm::kNfkc || form == NormalizationForm::kNfkd;
  if (c < 0x80 || (c < 0x300 && form == NormalizationForm::kNfc)) return true;
  if (combining_class(c) != 0 || (composes && kJoining.contains(c))) return false;
  if (c - hangul::kSyllable < hangul::kNumSyllables) return composes;
  if (!decomposes(c, compatible)) return true;
  return form == NormalizationForm::kNfc && recomposes(c);
}

}  // namespace

bool is_surely_normalized(std::string_view text, NormalizationForm form) {
  const char* const end = text.data() + text.size();
  for (const char* p = text.data(); p != end;) {
    if (!is_inert(decode_utf8(p), form)) return false;
  }
  return true;
}

char32_t compose(char32_t first, char32_t second) {
  if (second < 0x300) {
    return 0;  // nothing composes with what stands before the combining diacritics
  }
  if (const char32_t syllable = compose_hangul(first, second)) {
    return syllable;
  }
  using internal::Composition;
  const Composition* const end = internal::kCompositions + internal::kNumCompositions;
  const Composition* found =
      std::lower_bound(internal::kCompositions, end, std::pair(first, second),
                       [](const Composition& c, const std::pair<char32_t, char32_t>& key) {
                         return std::pair(c.first, c.second) < key;
                       });
  return found != end && found->first == first && found->second == second ? found->composite : 0;
}

void normalize_unicode(std::string_view text, NormalizationForm form,
                       std::vector<CharChange>& out) {
  const std::size_t begin = out.size();
  const bool compatible = form == NormalizationForm::kNfkd || form == NormalizationForm::kNfkc;
  decompose_text(text, compatible, out);
  if (form == NormalizationForm::kNfc || form == NormalizationForm::kNfkc) {
    compose_text(out, begin);
  }
}

}  // namespace firth
