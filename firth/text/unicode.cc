// Lookups that need no inlining.
#include "firth/text/unicode.h"

#include <algorithm>

namespace firth {

std::string_view script_name(char32_t c) {
  using internal::kScriptRanges, internal::ScriptRange;
  const ScriptRange* const end = kScriptRanges + internal::kNumScriptRanges;
  const ScriptRange* range = std::upper_bound(
      kScriptRanges, end, c, [](char32_t value, const ScriptRange& r) { return value < r.first; });
  const bool known = range != kScriptRanges && c <= (range - 1)->last;
  return internal::kScriptNames[known ? (range - 1)->script : internal::kUnknownScript];
}

std::size_t encode_utf8(char32_t c, char* out) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
  switch (utf8_length(c)) {
    case 1:
      out[0] = static_cast<char>(c);
      return 1;
    case 2:
      out[0] = static_cast<char>(0xC0 | c >> 6);
      out[1] = tail(0);
      return 2;
    case 3:
      out[0] = static_cast<char>(0xE0 | c >> 12);
      out[1] = tail(6);
      out[2] = tail(0);
      return 3;
    default:
      out[0] = static_cast<char>(0xF0 | c >> 18);
      out[1] = tail(12);
      out[2] = tail(6);
      out[3] = tail(0);
      return 4;
  }
}

void append_utf8(char32_t c, std::string& out) {
  char bytes[4];
  out.append(bytes, encode_utf8(c, bytes));
}

char32_t last_char(std::string_view text) {
  const char* p = text.data() + text.size() - 1;
  while ((static_cast<unsigned char>(*p) & 0xC0) == 0x80) {
    --p;
  }
  return decode_utf8(p);
}

}  // namespace firth
