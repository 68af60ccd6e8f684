// The rules GB3 to GB11 in one pass.
#include "firth/text/graphemes.h"

namespace firth {
namespace {

using Class = GraphemeClass;

bool joins_backwards(Class c) {
  return c == Class::kExtend || c == Class::kZwj || c == Class::kExtendAlone ||
         c == Class::kLinker || c == Class::kSpacingMark;
}

bool joins_hangul(Class before, Class after) {
  switch (before) {
    case Class::kL:
      return after == Class::kL || after == Class::kV || after == Class::kLv ||
             after == Class::kLvt;
    case Class::kLv:
    case Class::kV:
      return after == Class::kV || after == Class::kT;
    case Class::kLvt:
    case Class::kT:
      return after == Class::kT;
    default:
      return false;
  }
}

// What the end of the cluster so far allows to join.
struct Ending {
  Class last = Class::kOther;
  bool pictograph = false;         // Pictograph Extend*
  bool pictograph_joiner = false;  // Pictograph Extend* ZWJ
  bool consonant = false;          // Consonant (Extend | ZWJ | Linker)*
  bool linker = false;             // the same with a Linker

  void add(Class c) {
    pictograph_joiner = pictograph && c == Class::kZwj;
    const bool extends = c == Class::kExtend || c == Class::kExtendAlone || c == Class::kLinker;
    pictograph = c == Class::kPictograph || (pictograph && extends);
    const bool in_conjunct = c == Class::kExtend || c == Class::kZwj || c == Class::kLinker;
    linker = consonant && in_conjunct && (linker || c == Class::kLinker);
    consonant = c == Class::kConsonant || (consonant && in_conjunct);
    last = c;
  }

  bool joins(Class c) const {
    if (last == Class::kControl || c == Class::kControl) {
      return false;
    }
    return joins_backwards(c) || last == Class::kPrepend || joins_hangul(last, c) ||
           (c == Class::kConsonant && linker) || (c == Class::kPictograph && pictograph_joiner);
  }
};

}  // namespace

std::size_t cluster_end(std::string_view text, std::size_t begin) {
  const char* p = text.data() + begin;
  const char* const end = text.data() + text.size();
  const char32_t first = decode_utf8(p);
  if (first == U'\r' && p != end && *p == '\n') {
    return begin + 2;
  }
  Ending ending;
  ending.add(grapheme_class(first));
  while (p != end) {
    const char* next = p;
    const Class c = grapheme_class(decode_utf8(next));
    if (!ending.joins(c)) {
      break;
    }
    ending.add(c);
    p = next;
  }
  return static_cast<std::size_t>(p - text.data());
}

}  // namespace firth
